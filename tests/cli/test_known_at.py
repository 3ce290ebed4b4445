"""Two clocks on every read: the day that is asked about, and what the register knew when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
import typer
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.domain.accepted_pair import AcceptedPair
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Change, Operation
from geo_service.domain.finding import FindingState, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.store.opening import open_store

SOURCE = Provenance(source="示例")
LINE = "99010001010102"
WRITTEN = datetime(2024, 6, 1, tzinfo=UTC)
BEFORE, AFTER = "2024-05-31T00:00:00+08:00", "2024-06-02T00:00:00+08:00"
READS = [
    "register history place-names P1",
    "export place-names out.csv",
    "export boundary-lines out.dxf",
    "export markers out.csv --fields mzt-practice",
    "export register out.gpkg",
    "name check 甲路",
    "name check-file names.csv out.csv",
    "name sign 云宁路 Yunning",
    "name suggest 云宁路",
    "name search 云宁",
    "boundary repair",
    "name accepted-pairs",
    "finding list",
    "boundary check",
    f"boundary describe {LINE}",
]


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = f"gpkg:{tmp_path / 'register.gpkg'}"
    store = open_store(url, create=True, clock=lambda: WRITTEN)
    records = [
        NamedPlace(
            id="P1",
            name="云宁路",
            feature_type=FeatureType.ROAD,
            provenance=SOURCE,
            unit_code=DivisionCode("990101"),
            geometry=shapely.Point(119.5, 38.5),
        ),
        AdministrativeBoundary(
            code=LINE,
            name="甲乙线",
            left_code=DivisionCode("990101"),
            right_code=DivisionCode("990102"),
            provenance=SOURCE,
            geometry=shapely.LineString([(119.5, 38.5), (119.6, 38.5)]),
        ),
        AcceptedPair(
            id="AP-1",
            one="云宁路",
            other="云陵路",
            signer="张三",
            accepted_on=date(2020, 2, 28),
            reason="相距较远",
            provenance=SOURCE,
        ),
    ]
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for record in records
        )
    store.close()
    return url


def run(line: str, url: str, *more: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "GEO_SERVICE_CITY": "990100"})
    return runner.invoke(app, [*line.split(), "--store", url, "--json", *more])


@pytest.mark.parametrize("line", READS)
def test_every_read_takes_both_clocks(line: str) -> None:
    words = ["export"] if line.startswith("export") else line.split()[:2]

    told = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, [*words, "--help"]).stdout

    assert "--as-of" in told
    assert "--known-at" in told


WITHOUT_CLOCKS = {
    "demo", "import", "serve", "name accept-pair", "finding confirm", "finding waive",
    "finding withdraw", "register create", "register change", "register rename", "register move",
    "register retire", "register split", "register merge", "register correct", "register void",
    "register undo", "register attach", "register detach",
    "audit verify", "audit anchor", "store init", "store check", "store rebuild", "store backup",
    "store drill",  # the whole log is asked, or kept
    "name replay",  # each verdict at the moment it was given
    "map changes",  # two days, by --known-at too
    # a draft is work of now, its versions are told by the log
    "draft list", "draft show", "draft propose", "draft submit", "draft withdraw", "draft reject",
    "draft approve", "draft lay", "draft recheck",
    "person find", "person show", "person erase", "person erasures",  # erased is erased, then too
}  # fmt: skip
"""Commands on a store that write, or whose question has no day."""


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Every command with its options."""
    if not hasattr(group, "commands"):
        yield " ".join(path), {word for parameter in group.params for word in parameter.opts}
        return
    for name, command in group.commands.items():
        yield from commands(command, (*path, name))


def test_no_read_is_without_its_clocks() -> None:
    lacking = {
        name
        for name, options in commands(typer.main.get_command(app))
        if "--store" in options and not {"--as-of", "--known-at"} <= options
    }
    assert lacking == WITHOUT_CLOCKS


def test_pairs_accepted_later_were_not_known(url: str) -> None:
    assert json.loads(run("name accepted-pairs", url, "--known-at", BEFORE).stdout) == []
    [pair] = json.loads(run("name accepted-pairs", url, "--known-at", AFTER).stdout)
    assert pair["signer"] == "张三"


def test_a_name_is_checked_against_what_was_known(url: str) -> None:
    asked = "name check 云宁路 --type road --at 119.5,38.5"

    then = json.loads(run(asked, url, "--known-at", BEFORE).stdout)
    now = json.loads(run(asked, url, "--known-at", AFTER).stdout)

    assert then["near"] == []
    assert [near["id"] for near in now["near"]] == ["P1"]


def test_a_name_is_found_once_it_was_known(url: str) -> None:
    found = [
        json.loads(run("name search 云宁", url, "--known-at", moment).stdout)["hits"]
        for moment in (BEFORE, AFTER)
    ]

    assert [[hit["id"] for hit in hits] for hits in found] == [[], ["P1"]]


def test_a_sheet_a_sign_and_a_suggestion_answer_as_was_known(url: str, tmp_path: Path) -> None:
    names, out = tmp_path / "names.csv", tmp_path / "out.csv"
    names.write_text("name,feature_type,lon,lat\n云宁路,road,119.5,38.5\n", encoding="utf-8")
    asked = ("--known-at", BEFORE), ("--known-at", AFTER)
    sheets = [
        json.loads(run(f"name check-file {names} {out}", url, *moment).stdout) for moment in asked
    ]
    assert [sheet["fail"] + sheet["review"] for sheet in sheets] == [0, 1]
    then, now = (run("name sign 云宁路 YunningLu", url, *moment).stdout for moment in asked)
    assert then != now
    words = "name suggest 云宁路 --type road --at 119.5,38.5"
    then, now = (json.loads(run(words, url, *moment).stdout) for moment in asked)
    assert then != now


def test_proposals_of_what_was_known_are_a_preview(url: str) -> None:
    then = run("boundary repair", url, "--known-at", BEFORE)
    assert json.loads(then.stdout)["code"] == "nothing_to_check"
    assert run("boundary repair", url, "--known-at", AFTER).exit_code in (0, 1)
    for words in (
        "boundary repair --apply x --actor 甲 --reason 测试",
        "boundary repair --revert x",
    ):
        assert run(words, url, "--known-at", AFTER).exit_code == 2
    assert (
        run("name check-file a.csv b.csv --keep c.jsonl", url, "--known-at", AFTER).exit_code == 2
    )


def test_a_line_is_described_as_it_was_known(url: str) -> None:
    asked = f"boundary describe {LINE}"

    assert run(asked, url, "--known-at", BEFORE).exit_code == 3
    assert run(asked, url, "--known-at", AFTER).exit_code == 0


def test_people_read_the_time_of_china_and_programs_a_moment_with_its_zone(
    url: str, tmp_path: Path
) -> None:
    runner = CliRunner(env={"COLUMNS": "200", "GEO_SERVICE_CITY": "990100"})
    words = ["register", "history", "place-names", "P1", "--store", url]
    assert "登记 2024-06-01 08:00 +08:00，test" in runner.invoke(app, words).stdout
    [step] = json.loads(runner.invoke(app, [*words, "--json"]).stdout)
    assert datetime.fromisoformat(step["recorded_at"]) == WRITTEN
    sheet = tmp_path / "changes.csv"
    words = ["register", "changes", "990101", "--store", url, "--csv", str(sheet)]
    words += ["--recorded-from", BEFORE, "--recorded-to", AFTER]
    assert runner.invoke(app, words).exit_code == 0
    assert "2024-06-01 08:00:00 +08:00" in sheet.read_text("utf-8-sig")


def test_a_review_of_what_was_known(url: str) -> None:
    then = run("boundary check", url, "--known-at", BEFORE)

    assert json.loads(then.stdout)["code"] == "nothing_to_check"
    assert run("boundary check", url, "--known-at", AFTER).exit_code in (0, 1)


@pytest.mark.parametrize(("moment", "count"), [(BEFORE, 0), (AFTER, 1)])
def test_an_export_of_what_was_known(moment: str, count: int, url: str, tmp_path: Path) -> None:
    done = run(f"export place-names {tmp_path / 'out.xlsx'}", url, "--known-at", moment)

    assert json.loads(done.stdout)["exported"] == count


def test_findings_of_what_was_known(url: str) -> None:
    one = "a" * 64
    record = KeptFinding(
        id=one,
        rule_id="BD-NET-01",
        family="boundaries",
        city="990100",
        scale=10_000,
        origin=Origin.REGISTER,
        subject_kind="boundary-line",
        subject_id=LINE,
        subject_name="甲乙线",
        severity=Severity.HUMAN,
        title="悬挂",
        title_en="dangle",
        message="甲",
        message_en="a",
        named=(),
        state=FindingState.OPEN,
        cause=Cause.FOUND,
        run_id="R-1",
        first_seen=date(2020, 2, 28),
        last_seen=date(2020, 2, 28),
        provenance=SOURCE,
    )
    store = open_store(url)
    with store.begin() as work:
        work.append([Change(operation=Operation.CREATE, record=record, actor="t", reason="t")])
    store.close()

    assert json.loads(run("finding list", url, "--known-at", AFTER).stdout) == []
    assert [row["rule_id"] for row in json.loads(run("finding list", url).stdout)] == ["BD-NET-01"]
    assert json.loads(run(f"finding show {one}", url).stdout)["history"]
    assert run(f"finding show {one}", url, "--known-at", AFTER).exit_code == 3


@pytest.mark.parametrize("line", ["boundary check --keep", "name check 甲路 --follow"])
def test_what_was_known_takes_nothing_new(line: str, url: str) -> None:
    assert run(line, url, "--known-at", AFTER).exit_code == 2
