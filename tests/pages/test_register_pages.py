"""The register in the browser: lists of every kind, and a record on any day with its history."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from geo_service.domain.change import RecordKind
from geo_service.maps.offline import check_offline
from geo_service.services.register import planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.writing import carry_out

BY = Signed(actor="经办人甲", reason="<b>测试</b>", document_no="示例文 1 号")
RENAMED = date(2024, 3, 1)


def text(answer) -> str:
    """What a reader sees, blanks drawn together."""
    body = re.sub(r"<script.*?</script>|<style.*?</style>", "", answer.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", body)))


@pytest.fixture
def renamed(fresh_register):
    """A name of the invented city that was renamed, and what may be asked about it."""
    services, client = fresh_register
    place = services.store.records(RecordKind.PLACE_NAMES, limit=1)[0]
    after = replace(place, name="云柏路")
    plan = planning.rename(services.store, place.id, after, RENAMED, BY)
    carry_out(services.store, plan)
    return client, place


@pytest.mark.parametrize(
    "kind", ["place-names", "roads", "units", "boundary-lines", "markers", "boundary-nodes"]
)
def test_every_kind_can_be_looked_through_to_its_records(browser_client, kind):
    answer = browser_client.get(f"/register?kind={kind}")
    assert answer.status_code == 200
    links = re.findall(rf'href="(/register/{kind}/[^"]+)"', answer.text)
    total = int(re.search(r"共 (\d+) 条记录", text(answer))[1])
    assert len(links) == min(total, 20)
    for link in links[:1]:
        assert browser_client.get(unescape(link)).status_code == 200
    for shown in re.findall(r'<iframe[^>]*src="([^"]+)"', answer.text):
        drawn = browser_client.get(unescape(shown))
        assert drawn.status_code == 200
        assert check_offline(drawn.text) == []


def test_pages_of_a_list_hold_every_record_once(browser_client):
    seen: list[str] = []
    target = "/register?kind=markers"
    while target:
        answer = browser_client.get(target)
        seen += re.findall(r'href="(/register/markers/[^"]+)"', answer.text)
        following = re.search(r'rel="next" href="([^"]+)"', answer.text)
        target = unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == int(re.search(r"共 (\d+) 条", text(answer))[1]) > 20


def test_names_are_found_by_sound_and_narrowed_by_type_and_status(browser_client):
    by_sound = browser_client.get("/register?q=hemu")
    assert "和睦路" in text(by_sound)
    assert "共 2 条记录" in text(by_sound)
    none = browser_client.get("/register?q=hemu&type=village")
    assert "共 0 条记录" in text(none)
    assert "没有符合条件的记录" in text(none)
    villages = browser_client.get("/register?type=village&status=standard")
    assert "赵家埠" in text(villages)
    assert "和睦路" not in text(villages)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_record_is_found_by_its_very_id(browser_client, lang):
    told = text(browser_client.get(f"/register?q=T1&lang={lang}"))
    assert {"zh": "共 1 条记录", "en": "1 record"}[lang] in told
    assert {"zh": "编号相同", "en": "the same id"}[lang] in told
    for filtered in ("unit=990103", "type=village", "status=proposed"):
        assert "和睦路" not in text(browser_client.get(f"/register?q=T1&{filtered}"))
    assert "共 0 条记录" in text(browser_client.get("/register?q=T99"))


def test_other_kinds_are_found_by_a_part_of_name_or_id(browser_client):
    lines = browser_client.get("/register?kind=boundary-lines&q=乙区")
    assert 0 < int(re.search(r"共 (\d+) 条", text(lines))[1]) < 20
    assert "乙区" in text(browser_client.get("/register?kind=units&q=乙区"))


@pytest.mark.parametrize(
    ("query", "field"),
    [("kind=secrets", "kind"), ("as_of=1", "as_of"), ("unit=x", "unit"), ("status=gone", "status"),
     ("q=" + "长" * 600, "q"), ("type=street", "type")],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(browser_client, query, field):
    answer = browser_client.get(f"/register?{query}")
    assert answer.status_code == 400
    assert "有内容需要改正" in text(answer)
    assert browser_client.get(f"/map/register?{query}").status_code == 422 or field == "kind"


def test_a_record_shows_what_held_on_the_day(renamed):
    client, place = renamed
    path = f"/register/place-names/{place.id}"
    now, then = client.get(path), client.get(path, params={"as_of": "2024-02-29"})
    fields = re.compile(r'<section class="card" aria-labelledby="fields">.*?</section>', re.DOTALL)
    assert "云柏路" in fields.search(now.text)[0]
    assert place.name in fields.search(then.text)[0]
    assert "云柏路" not in fields.search(then.text)[0]
    map_then = unescape(re.search(r'<iframe[^>]*src="([^"]+)"', then.text)[1])
    assert place.name in client.get(map_then).text
    assert "云柏路" not in client.get(map_then).text


def test_the_history_tells_who_when_why_and_what_differs(renamed):
    client, place = renamed
    told = text(client.get(f"/register/place-names/{place.id}"))
    assert "第 2 版 · 更名 2024-03-01 至 今" in told
    assert "经办人甲 · <b>测试</b> · 依据 示例文 1 号" in told
    assert re.search(rf"名称 {place.name} 云柏路", told)
    assert f"2024-03-01 更名 ： {place.name} {place.id} → 云柏路 {place.id}" in told
    assert "2026-11-23 14:00 +08:00" in told


def test_the_register_as_it_was_known_before_an_act(renamed):
    client, place = renamed
    path = f"/register/place-names/{place.id}"
    before = client.get(path, params={"known_at": "2020-01-01T00:00"})
    assert before.status_code == 404
    assert client.get(path, params={"known_at": "yesterday"}).status_code == 422
    after = text(client.get(path, params={"known_at": "2026-12-01T00:00"}))
    assert "按 2026-12-01 00:00 +08:00 时已登记的内容显示" in after


def test_a_day_on_which_the_record_does_not_hold_says_so(browser_client):
    answer = browser_client.get("/register/units/990102?as_of=1900-01-01")
    assert answer.status_code == 200
    assert "1900-01-01 没有这一记录" in text(answer)
    assert "<iframe" not in answer.text


@pytest.mark.parametrize(
    "path", ["/register/units/999999", "/register/findings/x", "/register/x/y"]
)
def test_what_was_never_registered_is_not_found(browser_client, path):
    answer = browser_client.get(path)
    assert answer.status_code == 404
    assert "record_not_found" in answer.text


def test_findings_about_a_line_stand_beside_it(browser_client):
    lines = browser_client.get("/register?kind=boundary-lines").text
    ids = re.findall(r'href="/register/boundary-lines/([^"]+)"', lines)
    told = [text(browser_client.get(f"/findings/about/boundary-lines/{key}")) for key in ids]
    assert any("规则 BD-" in each for each in told)
    assert all("规则 BD-" in each or "没有与它有关" in each for each in told)


def test_what_changed_of_a_unit_between_two_days(renamed):
    client, place = renamed
    asked = {"unit": str(place.unit_code), "start": "2024-01-01", "end": "2024-12-31"}
    told = text(client.get("/register/changes", params=asked))
    assert f"名称： {place.name} → 云柏路" in told
    assert "其间发生的变化（1 项）" in told
    quiet = client.get("/register/changes", params=asked | {"end": "2024-02-01"})
    assert "两日之间没有变化" in text(quiet)
    swapped = client.get("/register/changes", params=asked | {"start": "2025-01-01"})
    assert swapped.status_code == 400


def test_the_overview_leads_from_its_numbers_to_their_lists(browser_client, services):
    answer = browser_client.get("/")
    told = text(answer)
    count = services.store.count(RecordKind.UNITS)
    assert f"{count} 单位" in told
    assert "地名按状态：" in told
    assert "登记库中没有记着的期限" in told, "no deadline is made up"
    links = set(re.findall(r'href="(/register\?[^"]+)"', answer.text))
    assert "/register?kind=units" in links
    for link in links:
        assert browser_client.get(unescape(link)).status_code == 200
    (part,) = re.findall(r'hx-get="([^"]+)" hx-trigger="load"', answer.text)
    found = browser_client.get(unescape(part))
    assert "不得报送" in text(found)
    assert "<html" not in found.text


def test_a_change_is_told_with_all_it_wrote(renamed):
    client, _ = renamed
    told = text(client.get("/"))
    assert "云柏路" in told
    assert "等 168 条" in told


def test_an_empty_register_says_what_to_do_first(empty_client):
    told = text(empty_client.get("/", headers={"accept": "text/html"}))
    assert "登记库还是空的" in told
    assert "geo-service demo" in told
    assert "没有符合条件的记录" in text(
        empty_client.get("/register", headers={"accept": "text/html"})
    )
