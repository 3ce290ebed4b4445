"""What pages say is true for whoever reads them."""

from __future__ import annotations

import pytest

from geo_service.services.samples.loading import load_sample

PAGE = {"accept": "text/html"}


@pytest.mark.parametrize("path", ["/", "/boundaries"])
def test_a_reader_of_public_records_is_not_told_that_the_register_is_empty(browser, services, path):
    def told(name, lang):
        page = browser(name).get(f"{path}?lang={lang}", headers=PAGE).text
        return page.partition("<main")[2].partition("</main>")[0]

    empty = told("viewer-1", "zh"), told("viewer-1", "en")
    load_sample(services.store, services.city)
    full = told("viewer-1", "zh"), told("viewer-1", "en")
    assert empty == full  # nor does the page tell that there is something
    assert "没有可供您查看的记录" in full[0]
    assert "nothing here for you to see" in full[1]
    for page in full:
        assert "geo-service demo" not in page
        assert "还是空的" not in page
        assert "is empty" not in page


def test_whoever_sees_all_is_told_that_it_is_empty_and_how_to_begin(browser):
    told = browser("surveyor-1").get("/", headers=PAGE).text
    assert "登记库还是空的" in told
    assert "geo-service demo" in told
