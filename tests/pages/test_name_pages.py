"""The pages on names: facts and alternatives, the search box, lists handed in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import InputError
from geo_service.maps.offline import check_offline
from geo_service.pages.search import PAGE_SIZE
from geo_service.pages.upload import read_upload
from geo_service.services.search import SearchRequest, search


def text(answer) -> str:
    return unescape(answer.text)


# --- one name -------------------------------------------------------------------------------


def test_size_and_class_reach_the_check(browser_client):
    asked = {"name": "福安大道", "type": "road", "no_register": "1"}
    assert "规则 NM-GEN-02" not in text(browser_client.get("/names", params=asked))
    told = browser_client.get("/names", params={**asked, "road_class": "lane", "width_m": "8"})
    assert "规则 NM-GEN-02" in text(told)
    assert "道路等级：巷路" in text(told), "what was told stands beside the verdict"
    assert '<details class="more" open>' in told.text


@pytest.mark.parametrize(
    ("name", "value"),
    [("site_area_m2", "-1"), ("storeys", "six"), ("width_m", "nan"), ("road_class", "wide"),
     ("unit", "12"), ("replaces", "\u0007"), ("spelling", "x" * 700)],
)  # fmt: skip
def test_what_cannot_be_read_is_told_at_its_field(browser_client, name, value):
    answer = browser_client.get("/names", params={"name": "福安路", name: value})
    assert answer.status_code == 400
    assert f'id="e-{name}"' in answer.text


def test_alternatives_stand_on_the_page_and_lead_on(browser_client):
    answer = browser_client.get(
        "/names", params={"name": "環海EE花園", "type": "estate", "lat": ""}
    )
    assert "由原名改正" in answer.text
    assert "/names?name=%E7%8E%AF%E6%B5%B7%E8%8A%B1%E5%9B%AD&amp;type=estate" in answer.text
    sound = browser_client.get("/names", params={"name": "福安路", "type": "road"})
    assert "建议名称" not in sound.text, "a name without findings needs none"


def test_a_pass_tells_which_rules_were_asked_and_which_were_not(browser_client):
    bare = text(browser_client.get("/names", params={"name": "福安路", "no_register": "1"}))
    assert re.search(r"核对的规则（\d+ 条）", bare)
    assert "没有核对（未查登记簿）" in bare
    assert "没有核对（未填规模、性质）" in bare
    full = text(browser_client.get("/names", params={"name": "福安路", "width_m": "20"}))
    assert "未查登记簿" not in full
    assert "未填规模、性质" not in full
    assert "没有核对（未设置受限名单）" in full


def test_a_spelling_handed_in_is_judged(browser_client):
    asked = {"name": "福安路", "type": "road"}
    right = browser_client.get("/names", params={**asked, "spelling": "Fú\u2019ān Lù"})
    assert "符合拼写规则" in right.text
    wrong = browser_client.get("/names", params={**asked, "spelling": "Fuan Road"})
    assert "通名用了英文" in text(wrong)


def test_other_readings_are_offered(browser_client):
    answer = browser_client.get("/names", params={"name": "朝晖路", "type": "road"})
    assert "多音字的其他读法" in answer.text


# --- search ---------------------------------------------------------------------------------


def test_what_is_found_is_what_the_service_finds(browser_client, services):
    request = SearchRequest("家埠", services.today(), limit=PAGE_SIZE)
    found = search(request, services.name_index, services.store)
    assert found.total > PAGE_SIZE
    page = text(browser_client.get("/names/search", params={"q": "家埠"}))
    assert f"找到 {found.total} 个地名" in page
    assert all(hit.place.name in page for hit in found.hits)
    assert 'rel="next"' in page
    second = text(browser_client.get("/names/search", params={"q": "家埠", "page": "2"}))
    assert found.hits[0].place.name not in second
    assert 'rel="prev"' in second


def test_the_map_shows_the_page_of_hits(browser_client):
    drawn = browser_client.get("/map/search", params={"q": "和睦路"})
    assert drawn.status_code == 200
    assert check_offline(drawn.text) == []
    assert "[119.75,38.55]" in drawn.text
    assert "登记中没有这些地名的坐标" in drawn.text


def test_nothing_found_and_a_page_too_far_say_what_to_do(browser_client):
    assert "没有找到" in browser_client.get("/names/search?q=囧囧囧囧").text
    assert "回到第一页" in browser_client.get("/names/search?q=和睦路&page=9999").text


@pytest.mark.parametrize(
    ("entry", "value"), [("near", "x"), ("near", "36,120,1"), ("near", "200,36"), ("unit", "1"),
                         ("as_of", "soon"), ("q", "路" * 500)],
)  # fmt: skip
def test_a_wrong_entry_of_the_search_is_told_at_its_field(browser_client, entry, value):
    answer = browser_client.get("/names/search", params={"q": "路", entry: value})
    assert answer.status_code == 400
    assert f'id="e-{entry}"' in answer.text
    assert browser_client.get("/map/search", params={"q": "路", entry: value}).status_code == 422


# --- lists ----------------------------------------------------------------------------------

SHEET = (
    "名称,类型,区划代码,备注\n曼哈顿广场,estate,,甲\n云霄路,road,990102,乙\n"
    "云霄路,road,990102,丙\n,road,,丁\n"
)


def hand_in(client, content: bytes = SHEET.encode(), name: str = "names.csv", **entries: str):
    return client.post(
        "/names/batch", files={"file": (name, content, "text/csv")}, data={"x": "", **entries}
    )


def test_a_list_is_answered_row_by_row_and_within_itself(browser_client):
    page = text(hand_in(browser_client, answer="show"))
    assert "names.csv：共 4 行" in page
    assert "同一批名称中另有同名“云霄路”" in page
    assert "名称为空" in page
    assert "/names?name=%E4%BA%91%E9%9C%84%E8%B7%AF" in page


def test_the_file_comes_back_with_its_columns_and_the_answers(browser_client):
    answer = hand_in(browser_client, answer="csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''names-checked.csv"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["备注"] for row in rows] == list("甲乙丙丁")
    assert rows[0]["verdict"] == "fail"
    workbook = hand_in(browser_client, answer="xlsx")
    assert workbook.content.startswith(b"PK")
    again = hand_in(browser_client, workbook.content, "names.xlsx", answer="csv")
    assert again.status_code == 200


@pytest.mark.parametrize(
    ("content", "name", "entries", "entry"),
    [
        (b"", "names.csv", {}, "file"),
        (b"\x00\x01", "names.csv", {}, "file"),
        (b"PK\x03\x04 no zip", "names.xlsx", {}, "file"),
        (b"a,b\n1,2\n", "names.csv", {}, "file"),
        (SHEET.encode(), "names.pdf", {}, "file"),
        (SHEET.encode(), "..", {}, "file"),
        (SHEET.encode(), "names.csv", {"type": "street"}, "type"),
        (SHEET.encode(), "names.csv", {"as_of": "soon"}, "as_of"),
    ],
)
def test_a_list_that_cannot_be_used_says_why(browser_client, content, name, entries, entry):
    answer = hand_in(browser_client, content, name, **entries)
    assert answer.status_code == 400
    assert f'id="e-{entry}"' in answer.text


def test_a_name_of_a_file_leads_nowhere(browser_client):
    answer = hand_in(browser_client, name="../../etc/<b>.csv", answer="show")
    assert answer.status_code == 200
    assert "&lt;b&gt;.csv：共 4 行" in answer.text


def test_too_much_is_refused(browser_client):
    assert hand_in(browser_client, b"x" * 1_100_000).status_code == 413


def test_a_post_without_a_form_is_refused(browser_client):
    answer = browser_client.post("/names/batch", content=b"nonsense")
    assert answer.status_code in (400, 422)
    assert "form_unreadable" in answer.text


@given(content=st.binary(max_size=300), value=st.text(max_size=20))
def test_what_is_handed_in_arrives_as_it_was(content, value):
    mark = b"----edge5f3a"
    sent = value.encode("utf-8", "replace")
    body = b"".join(_parts(mark, content, sent))
    upload = read_upload("multipart/form-data; boundary=----edge5f3a", body)
    assert upload.files["file"].content == content
    assert upload.files["file"].name == "名称.csv"
    assert upload.entries["type"] == sent.decode()


def _parts(mark: bytes, content: bytes, value: bytes) -> Iterator[bytes]:
    yield b"--" + mark + b"\r\n"
    yield b'Content-Disposition: form-data; name="type"\r\n\r\n' + value
    yield b"\r\n--" + mark + b"\r\n"
    yield 'Content-Disposition: form-data; name="file"; filename="C:\\\\名称.csv"\r\n'.encode()
    yield b"Content-Type: text/csv\r\n\r\n" + content
    yield b"\r\n--" + mark + b"--\r\n"


@given(st.binary(max_size=200), st.text(max_size=60))
def test_any_body_is_read_or_refused(body, kind):
    for content_type in (kind, "multipart/form-data; boundary=x"):
        try:
            read_upload(content_type, b"--x\r\n" + body + b"\r\n--x--")
        except InputError as error:
            assert error.code == "form_unreadable"


def test_a_check_is_kept_and_asked_again(fresh_register):
    _, client = fresh_register
    answer = client.get("/names?name=曼哈顿广场&type=estate")
    action = re.search(r'action="(/names/kept[^"]*)"', answer.text)[1]
    kept = client.post(unescape(action))
    assert "曼哈顿广场" in kept.text
    assert "发现禁止性问题" in kept.text
    assert "与当时的意见完全相同" in client.get(f"{kept.url.path}?again=true").text
    assert kept.url.path in client.get("/names/kept").text
    assert client.post("/names/kept?name=").status_code == 422
    assert client.get("/names/kept/0").status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_kept_check_shows_its_findings_as_the_verdict_did(fresh_register, lang):
    _, client = fresh_register
    asked = {"name": "環海EE花園", "type": "estate", "lang": lang}
    live = client.get("/names", params=asked)
    action = unescape(re.search(r'action="(/names/kept[^"]*)"', live.text)[1])
    kept = client.post(action)
    shown = re.compile(r'<ol class="findings">.*?</ol>', re.DOTALL)

    def findings(answer) -> str:
        return re.sub(r"\s+", "", shown.search(answer.text)[0])

    assert findings(kept) == findings(live)
    assert 'class="tagtag-' in findings(kept)
    assert 'class="cited"' in findings(kept)
