"""Review sheets: of a check as it is asked, of kept checks, and on paper."""

from __future__ import annotations

import re
from html import unescape

import pytest

ASKED = {"name": "和睦路", "type": "road", "drawn": "119.7 38.54 119.8 38.56"}


def text(answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def test_a_sheet_says_all_that_a_reviewer_files(browser_client):
    flagged = {**ASKED, "name": "曼哈顿广场", "type": "estate"}
    answer = browser_client.get("/names/sheet", params=flagged)
    told = text(answer)
    assert answer.status_code == 200
    for said in (
        "地名审查单",
        "示例",
        "辅助审查意见，不替代行政决定",
        "《地名管理条例（2022年修订）》（国务院令第753号）第九条",
        "NM-FOR",
        "线，2 个折点",
        "审图号：无",
        "凭证摘要",
        "制单日期：2026-11-23",
    ):
        assert said in told, said
    assert '<svg class="example"' in answer.text
    assert re.search(r"经办人（签名） 日期 复核人（签名） 日期", told)  # nobody signs here


def test_kept_checks_are_put_on_sheets_together(browser_client):
    kept = []
    for name in ("和睦路", "曙光路"):
        there = browser_client.post(
            "/names/kept", params={**ASKED, "name": name}, follow_redirects=False
        )
        kept.append(there.headers["location"].rpartition("/")[2])
    answer = browser_client.get("/names/kept/sheet", params={"id": kept})
    assert answer.text.count('class="card review-sheet"') == 2
    assert all(f"编号 {one}" in text(answer) for one in kept)
    assert f"/names/kept/sheet?id={kept[0]}" in browser_client.get(f"/names/kept/{kept[0]}").text


def test_sheets_of_nothing_are_refused(browser_client):
    assert browser_client.get("/names/kept/sheet").status_code == 422
    assert browser_client.get("/names/kept/sheet?id=0").status_code == 404
    assert browser_client.get("/names/sheet?name=").status_code == 422


def lines_of(client) -> list[str]:
    listed = client.get("/boundaries/lines").text
    return re.findall(r'href="(/boundaries/lines/\d+)"', listed)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sheet_of_a_line_says_all_that_both_sides_sign(browser_client, lang):
    for there in lines_of(browser_client)[:6]:
        line = browser_client.get(f"{there}?lang={lang}")
        sheet = unescape(re.search(rf'href="({there}/sheet[^"]*)"', line.text)[1])
        answer = browser_client.get(sheet)
        told = text(answer)
        assert answer.status_code == 200
        code = there.rpartition("/")[2]
        stones = re.findall(r"/register/markers/[^\"]+\">([^<]+)</a>", line.text)
        assert all(number in told for number in (code, *stones))
        findings = re.findall(r"/findings/(F-[0-9a-f]+)", line.text)
        assert all(one in told for one in findings)
        assert '<svg class="example"' in answer.text
        assert answer.text.count('<table class="signatures">') == 2
        for said in {
            "zh": ("界线核查单", "示例", "界段（", "界桩（", "联合检查期限", "协议", "文件和附件",
                   "审图号：无", "制单日期：2026-11-23", "辅助审查意见，不替代行政决定"),
            "en": ("Check sheet of a boundary line", "SAMPLE", "Sections (", "Markers (",
                   "Joint inspection due", "stated", "Documents and attachments",
                   "No review number", "Made on 2026-11-23"),
        }[lang]:  # fmt: skip
            assert said in told, said


def test_there_is_no_sheet_of_no_line(browser_client):
    assert browser_client.get("/boundaries/lines/99/sheet").status_code == 404


@pytest.mark.parametrize(
    ("lang", "note"), [("zh", "黑点为界桩及桩号"), ("en", "black dots are its markers")]
)
def test_the_sketch_of_a_line_shows_its_markers_with_their_numbers(browser_client, lang, note):
    shown, whole = 0, 0
    for there in lines_of(browser_client)[:6]:
        answer = browser_client.get(f"{there}/sheet?lang={lang}")
        figure = re.search(r'<svg class="example".*?</figure>', answer.text, re.S)[0]
        svg, caption = figure.split("</svg>")
        listed = answer.text.partition('<th scope="col">')[2]
        numbers = re.findall(r'<th scope="row">(\d{3,7}[A-Z]?)</th><td>', listed)
        placed = re.findall(r'<td class="figure">-?\d+\.\d{6}, ', answer.text)
        beyond = [number for number in numbers if number in caption]
        assert svg.count('<circle class="marker"') == len(placed) - len(beyond)
        written = set(re.findall(r"<text[^>]*>([^<]+)</text>", svg)) & set(numbers)
        assert written or not placed
        assert note in caption
        shown += len(placed)
        whole += len(written) == len(placed) - len(beyond) > 1
    assert shown
    assert whole, "where there is room, every marker bears its number"
