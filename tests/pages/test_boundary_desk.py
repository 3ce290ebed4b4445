"""The boundary desk: lines by their weight, one line with all it has, and decisions on findings."""

from __future__ import annotations

import re
from html import unescape

import pytest

from geo_service.domain.change import RecordKind

HOSTILE = "<script>alert(1)</script>"


def text(answer) -> str:
    """What a reader sees, blanks drawn together."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def first_finding(client, severity: str) -> str:
    """The address of a finding of the register."""
    listed = client.get("/boundaries", params={"severity": severity}).text
    return re.search(r'href="(/findings/F-[0-9a-f]+)"', listed)[1]


def decide(client, path: str, **entries: str):
    return client.post(path, data=entries, follow_redirects=False)


def test_lines_are_listed_with_what_is_not_settled_the_gravest_first(browser_client, services):
    answer = browser_client.get("/boundaries/lines")
    told = text(answer)
    count = services.store.count(RecordKind.BOUNDARY_LINES)
    assert f"界线（{count} / {count} 条）" in told
    assert told.index("不得报送") < told.index("✓ 未发现问题")
    assert "库中没有检查结果" in told, "no due date is made up"
    narrowed = text(browser_client.get("/boundaries/lines?unit=990102"))
    shown = int(re.search(r"界线（(\d+) / \d+ 条）", narrowed)[1])
    assert 0 < shown < count


def test_a_line_has_its_markers_and_findings(browser_client):
    links = re.findall(
        r'href="(/boundaries/lines/\d+)"', browser_client.get("/boundaries/lines").text
    )
    answer = browser_client.get(links[0])
    told = text(answer)
    assert "界桩（3 个）" in told
    assert "查看和处理" in told
    shown = unescape(re.search(r'<iframe[^>]*src="([^"]+)"', answer.text)[1])
    assert "界桩（3）" in browser_client.get(shown).text
    assert browser_client.get("/boundaries/lines/99010001020999").status_code == 404


def test_a_finding_is_confirmed_waived_and_taken_back(fresh_register):
    services, client = fresh_register
    path = first_finding(client, "advised_against")
    assert "还没有存入登记库" in text(client.get(path))
    done = decide(client, path, act="confirm", reason=HOSTILE, document_no="示例 1 号")
    assert (done.status_code, done.headers["location"]) == (303, path)
    shown = client.get(path)
    assert HOSTILE in text(shown)
    assert HOSTILE not in shown.text
    kept = services.store.count(RecordKind.FINDINGS)
    assert kept > 1, "the whole review is on record with the first decision"
    assert decide(client, path, act="waive", reason="双方约定", ends_on="2026-12-31").is_redirect
    told = text(client.get(path))
    assert "已豁免" in told
    assert "2026-12-31" in told
    assert decide(client, path, act="withdraw", reason="约定作废").is_redirect
    assert "约定作废" in text(client.get(path))
    assert services.store.count(RecordKind.FINDINGS) == kept


@pytest.mark.parametrize(
    ("entries", "field"),
    [
        ({"act": "confirm", "reason": " "}, "reason"),
        ({"act": "waive", "reason": "x", "ends_on": "2020-01-01"}, "ends_on"),
        ({"act": "burn", "reason": "x"}, "reason"),
        ({"act": "withdraw", "reason": "x"}, "reason"),
    ],
)
def test_a_decision_that_cannot_be_is_told_in_the_form(fresh_register, entries, field):
    _, client = fresh_register
    path = first_finding(client, "prohibited")
    answer = decide(client, path, **entries)
    assert answer.status_code == 400
    assert f'id="e-{field}"' in answer.text
    assert "未处理" in text(client.get(path))


def test_a_decision_comes_from_a_form_and_on_what_is_there(fresh_register):
    _, client = fresh_register
    path = first_finding(client, "prohibited")
    assert client.post(path, json={"act": "confirm"}).status_code == 422
    assert client.get("/findings/F-0000").status_code == 404
    assert decide(client, "/findings/F-0000", act="confirm", reason="x").status_code == 404


@pytest.mark.parametrize(("lang", "told"), [("zh", "系统管理员"), ("en", "administrator")])
def test_where_due_dates_come_from_is_said_without_a_command(browser_client, lang, told):
    page = text(browser_client.get(f"/boundaries/lines?lang={lang}"))
    assert told in page
    assert "geo-service" not in page.partition(told)[0][-200:]
    assert "--keep" not in page
