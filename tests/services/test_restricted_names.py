"""The bureau's list of names that may not be used: it decides, and never shows.

All names on the lists here are invented.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from geo_service import compose
from geo_service.domain.finding import Outcome, Verdict
from geo_service.domain.place import FeatureType
from geo_service.errors import ConfigError
from geo_service.rules.names import Standing
from geo_service.services.names import NameRequest, check_name
from geo_service.services.restricted_names import load_restricted
from geo_service.services.wire import verdict_json
from geo_service.settings import Settings

SALT = "# 本单位自拟的说明行，用于加盐 7f3a\n"
HELD = "甲乙丙"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "restricted.txt"
    path.write_text(f"{SALT}{HELD}\n\n丁 戊\n", encoding="utf-8")
    return path


def verdict(name: str, path: Path | None, standing: Standing = Standing.PROPOSED) -> Verdict:
    services = compose.build(Settings(restricted_names="" if path is None else str(path)))
    request = NameRequest(name, FeatureType.ROAD, standing, date(2024, 6, 1))
    return check_name(request, services.city, None, services.restricted)


def test_a_name_on_the_list_fails_and_the_finding_does_not_say_which(listed: Path) -> None:
    found = verdict(f"新{HELD}路", listed)
    (finding,) = [row for row in found.findings if row.rule_id == "NM-LDR-01"]
    assert found.outcome is Outcome.FAIL
    assert HELD not in repr(finding)
    assert finding.message.zh == "与受限名单相符"


def test_two_names_that_agree_with_the_list_are_two_findings(listed: Path) -> None:
    first, second = (
        row
        for name in (f"{HELD}路", f"新{HELD}路")
        for row in verdict(name, listed).findings
        if row.rule_id == "NM-LDR-01"
    )
    assert first.fingerprint != second.fingerprint


def test_blanks_in_the_file_do_not_matter(listed: Path) -> None:
    assert verdict("丁戊路", listed).outcome is Outcome.FAIL


def test_without_the_setting_nothing_is_found(listed: Path) -> None:
    rules = {row.rule_id for row in verdict(f"{HELD}路", None).findings}
    assert "NM-LDR-01" not in rules


def test_an_existing_name_is_a_question(listed: Path) -> None:
    assert verdict(f"{HELD}路", listed, Standing.EXISTING).outcome is Outcome.REVIEW


def test_the_list_in_memory_does_not_print_its_words(listed: Path) -> None:
    kept = load_restricted(listed)
    assert HELD in kept.words
    assert HELD not in repr(kept) + str(kept)


def test_the_digest_of_a_verdict_tells_lists_apart_and_hangs_on_the_salt(
    listed: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text(f"{SALT}{HELD}\n", encoding="utf-8")
    salted = tmp_path / "salted.txt"
    salted.write_text(listed.read_text(encoding="utf-8").replace("7f3a", "91c0"), encoding="utf-8")
    digests = {verdict("福安路", path).digest.data for path in (None, listed, other, salted)}
    assert len(digests) == 4
    assert verdict("福安路", listed).digest == verdict("福安路", listed).digest


def test_what_is_wire_ready_holds_no_other_name_of_the_list(listed: Path) -> None:
    sent = json.dumps(verdict_json(verdict("丁戊路", listed), "zh"), ensure_ascii=False)
    assert HELD not in sent


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (f"{HELD}\n".encode(), "restricted_unsalted"),
        (f"# 短\n{HELD}\n".encode(), "restricted_unsalted"),
        (f"{SALT}{HELD}\n甲\n".encode(), "restricted_too_short"),
        (f"{SALT}{HELD}\n".encode("gbk"), "restricted_unreadable"),
        (None, "restricted_unreadable"),
    ],
    ids=["no salt", "short salt", "one character", "another encoding", "no file"],
)
def test_a_faulty_file_is_refused_without_quoting_it(
    tmp_path: Path, content: bytes | None, code: str
) -> None:
    path = tmp_path / "restricted.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as refusal:
        load_restricted(path)
    assert refusal.value.code == code
    assert HELD not in str(refusal.value)
    assert refusal.value.__cause__ is None
