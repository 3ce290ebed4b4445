"""What all forms have in common, and the column that a page stands in."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from geo_service import pages
from geo_service.pages.menu import MENU, here

BEFORE_A_SESSION = {"sign_in.html", "first_run.html"}
FORM = re.compile(r'<form[^>]*method="post".*?</form>', re.DOTALL)


def test_every_form_that_writes_carries_the_field_of_the_session():
    folder = resources.files(pages) / "templates"
    forms = {
        (template.name, form)
        for template in folder.iterdir()
        for form in FORM.findall(template.read_text(encoding="utf-8"))
        if template.name not in BEFORE_A_SESSION
    }
    assert len(forms) > 8
    assert [name for name, form in forms if "csrf_field()" not in form] == []


@pytest.mark.parametrize(
    ("path", "column", "row"),
    [
        ("/findings/abc", "/boundaries", "/boundaries"),
        ("/maps/layers", "/register", "/maps/layers"),
        ("/boundaries/lines/1", "/boundaries", "/boundaries/lines"),
        ("/register/place-names/T1", "/register", "/register"),
        ("/findingsabc", None, None),
    ],
)
def test_a_page_stands_in_its_column(path, column, row):
    found = here(MENU, path)
    assert (found and found.path) == column
    below = here(found.below, path) if found else None
    assert (below and below.path) == row


def test_only_the_demo_says_that_it_serves_this_machine_alone(browser_client):
    assert "仅限本机访问" in browser_client.get("/").text
