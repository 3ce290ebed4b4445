"""Imports in the browser: sent, columns looked at, tried, stored; or refused with a report."""

from __future__ import annotations

import json
import re
import time
from dataclasses import replace
from html import unescape

import pytest

from geo_service.domain.change import RecordKind
from geo_service.services.interchange.filed import filed_imports
from geo_service.services.interchange.importing import import_file

GOOD = "地名,类别,行政区划代码,经度,纬度\n翠湖家园,住宅区,990102,119.7,38.2\n"
BAD = "地名,类别,经度,纬度\n翠湖家园,住宅区,38.2,119.7\n,道路,119.71,38.21\n"


def text(answer) -> str:
    """What a reader sees, blanks drawn together."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def sent(client, content: str, name: str = "地名表.csv", **told: str):
    """The page of the columns of a file that was sent."""
    return client.post(
        "/imports", data={"kind": "place-names", **told}, files={"file": (name, content.encode())}
    )


def entries(answer) -> dict[str, str]:
    """What the form of a page would send as it stands."""
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', answer.text)
    told = {unescape(name): unescape(value) for name, value in hidden}
    for name, body in re.findall(
        r'<select[^>]*name="([^"]*)">(.*?)</select>', answer.text, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', body)
        told[unescape(name)] = chosen[1] if chosen else ""
    return told


def ended(client, answer):
    """The page of an import once its job has ended."""
    until = time.monotonic() + 90
    while "hx-trigger" in answer.text and 'id="issues"' not in answer.text:
        assert time.monotonic() < until, text(answer)
        time.sleep(0.1)
        answer = client.get(answer.url)
    return answer


def test_a_file_is_tried_and_then_stored_as_it_was_tried(fresh_register):
    services, client = fresh_register
    before = services.store.count(RecordKind.PLACE_NAMES)
    columns = sent(client, GOOD)
    assert "核对列名 地名表.csv" in text(columns)
    assert entries(columns)["column:地名"] == "name"
    tried = ended(client, client.post("/imports/try", data=entries(columns)))
    assert "可以存入：1 条记录将新增或更正" in text(tried)
    assert services.store.count(RecordKind.PLACE_NAMES) == before
    reports = re.findall(r'href="(/api/v1/jobs/[^"]+)"', tried.text)
    assert [client.get(href).status_code for href in reports] == [200, 200]
    confirm = re.search(r'action="(/imports/[^"]+/confirm)"', tried.text)[1]
    done = ended(client, client.post(confirm, data={"x": ""}))
    assert "已存入 1 条记录" in text(done)
    assert services.store.count(RecordKind.PLACE_NAMES) == before + 1
    assert "翠湖家园" in text(client.get("/register?q=翠湖家园"))
    past = text(client.get("/imports"))
    assert past.count("已完成") == 2
    mine, _, filed = past.partition("已存入登记库的文件")
    assert mine.count("已存入 1 条记录") == 1, "a trial stores nothing"
    assert filed.count("已存入 1 条记录") == 1
    assert past.count("可以存入：1 条记录") == 1


def test_a_file_with_errors_is_refused_row_by_row(fresh_register):
    services, client = fresh_register
    before = services.store.count(RecordKind.PLACE_NAMES)
    tried = ended(client, client.post("/imports/try", data=entries(sent(client, BAD))))
    told = text(tried)
    assert "不能存入：文件有错误" in told
    assert "/confirm" not in tried.text
    assert re.search(r"错误 2 ", told)
    assert re.search(r"错误 3 ", told)
    assert services.store.count(RecordKind.PLACE_NAMES) == before


def test_columns_of_a_sender_are_kept_and_used_again(fresh_register):
    _, client = fresh_register
    strange = GOOD.replace("地名,", "名字甲,", 1)
    columns = sent(client, strange, sender="示例单位")
    told = entries(columns) | {"sender": "示例单位", "column:名字甲": "name"}
    kept = client.post("/imports/try", data=told | {"save": "1", "reason": "来函说明"})
    assert "可以存入" in text(ended(client, kept))
    again = sent(client, strange, sender="示例单位")
    assert entries(again)["column:名字甲"] == "name"


@pytest.mark.parametrize(
    ("lang", "told"),
    [("zh", ("缺少必填列", "请为每一列选定登记库的项目")), ("en", ("required column", "Choose"))],
)
@pytest.mark.parametrize("header", ["甲,乙,丙,丁,戊", "甲,类别,丙,经度,戊"], ids=["none", "some"])
def test_columns_that_nobody_knows_are_mapped_by_hand(fresh_register, lang, told, header):
    _, client = fresh_register
    there = sent(client, f"{header}\n{GOOD.splitlines()[1]}\n").url
    columns = client.get(f"{there}&lang={lang}")
    seen = text(columns)
    assert all(words in seen for words in told), seen
    asked = {k: v for k, v in entries(columns).items() if k.startswith("column:")}
    assert list(asked) == [f"column:{name}" for name in header.split(",")]
    assert asked["column:甲"] == ""
    assert asked.get("column:经度", "lon") == "lon"
    chosen = dict(zip(asked, ("name", "feature_type", "unit_code", "lon", "lat"), strict=True))
    tried = ended(client, client.post("/imports/try", data=entries(columns) | chosen))
    assert "可以存入：1 条记录将新增或更正" in text(tried)


def test_a_file_that_cannot_be_read_says_so_and_offers_no_columns(fresh_register):
    _, client = fresh_register
    columns = sent(client, "甲,乙\n1,2,3\n" * 9, "甲.csv")
    assert "列名还不能确定" in text(columns)
    assert "还有 " in text(columns)
    broken = sent(client, "{", "甲.geojson")
    assert "列名还不能确定" in text(broken)
    assert "<select" not in broken.text


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [("a.exe", "x", 400), ("空.csv", "", 400), ("机密-名单.csv", GOOD, 400)],
)
def test_what_cannot_be_taken_is_told_at_the_file(fresh_register, name, content, expected):
    _, client = fresh_register
    answer = sent(client, content, name)
    assert answer.status_code == expected
    assert 'id="e-file"' in answer.text


def test_nobody_is_shown_what_is_not_there(fresh_register):
    _, client = fresh_register
    assert client.get("/imports/0123456789abcdef").status_code == 404
    assert client.get("/imports/columns?upload=x.csv").status_code == 404
    assert client.post("/imports/0123456789abcdef/confirm", data={"x": ""}).status_code == 404
    assert client.post("/imports/try", data={"upload": "x.csv", "kind": "roads"}).status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_speaks_of_the_sender_and_of_fields_of_the_page(fresh_register, lang):
    """Neither of the account that sent the file nor of options of a command."""
    _, client = fresh_register
    columns = sent(client, GOOD, sender="甲区民政局")
    asked = entries(columns) | {"sender": "甲区民政局"}
    tried = ended(client, client.post(f"/imports/try?lang={lang}", data=asked))
    told = text(tried)
    reports = re.findall(r'href="(/api/v1/jobs/[^"]+report.html)"', tried.text)
    told += text(client.get(reports[0]))
    assert "甲区民政局" in told
    for never in (
        "“demo”",
        "'demo'",
        "第 0 版",
        ", version 0",
        "（–，–）",
        "geo-service",
        "--crs",
        "--enc",
    ):
        assert never not in told, never
    places = {"zh": ("在“坐标系”一栏", "在“核对列名”一步"), "en": ("under 'Coordinate system'",)}
    form = text(client.get(f"/imports?lang={lang}"))
    for place in places[lang]:
        assert place in told
        assert re.search(r"[“'](.+)[”']", place)[1] in form


def test_columns_given_once_and_for_nobody_are_told_so(fresh_register):
    _, client = fresh_register
    tried = ended(client, client.post("/imports/try", data=entries(sent(client, GOOD))))
    assert "列名按这次给定的对应表读取" in text(tried)
    assert "“”" not in text(tried)


def by_command(services, tmp_path, content: str, name: str = "命令行.csv"):
    """A file stored as `geo-service import` does."""
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return import_file(
        services.store,
        path,
        RecordKind.PLACE_NAMES,
        city=services.city,
        actor="cli:某人",
        now=services.clock(),
        today=services.today(),
    )


def test_files_stored_by_command_are_listed_with_their_report(fresh_register, tmp_path):
    services, client = fresh_register
    assert "还没有存入过文件" in text(client.get("/imports"))
    assert by_command(services, tmp_path, GOOD).accepted
    listed = client.get("/imports")
    row = re.search(
        r'<tr><td class="id"><a href="(/imports/filed/\d+)">.*?</tr>', listed.text, re.S
    )
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", row[0]))
    assert "命令行.csv 地名 cli:某人 已存入 1 条记录" in told
    report = client.get(row[1])
    assert "翠湖家园" in text(report)
    assert "经纬度按" in text(report)
    place = re.search(r'href="(/register/place-names/[^"]+)"', report.text)
    assert client.get(unescape(place[1])).status_code == 200
    english = text(client.get(f"{row[1]}?lang=en"))
    assert "1 record stored" in english
    assert not re.search(
        r"[\u4e00-\u9fff]", english.partition("Issues (")[2].partition("Records")[0]
    )
    assert client.get("/imports/filed/99").status_code == 404


def test_many_files_are_listed_page_by_page(fresh_register, tmp_path):
    services, client = fresh_register
    for number in range(23):
        row = f"翠湖{chr(0x4E00 + 97 * number)}家园,住宅区,990102,119.7,38.2"
        by_command(services, tmp_path, f"{GOOD.splitlines()[0]}\n{row}\n", f"第{number}份.csv")
    first = client.get("/imports").text
    earlier = unescape(re.search(r'rel="next" href="([^"#]+)', first)[1])
    second = client.get(earlier).text
    files = [re.findall(r">(第\d+份.csv)<", page) for page in (first, second)]
    assert list(map(len, files)) == [20, 3]
    assert len({*files[0], *files[1]}) == 23


def test_a_receipt_of_before_tells_who_by_its_entry(fresh_register, tmp_path):
    services, _ = fresh_register
    by_command(services, tmp_path, GOOD)
    (kept,) = services.store.receipts(limit=1)
    old = json.loads(kept.report_json)
    assert (old.pop("kind"), old.pop("actor")) == ("place-names", "cli:某人")
    for stored in (1, 0):
        again = replace(kept, digest=f"old-{stored}", stored=stored, report_json=json.dumps(old))
        with services.store.begin() as work:
            work.keep_receipt(again)
    nothing, something, _ = filed_imports(services.store, limit=3)
    assert (nothing.who, nothing.kind) == ("", None)
    assert (something.who, something.kind) == ("cli:某人", RecordKind.PLACE_NAMES)
