"""The quick way through an import says and stores what the careful way does, row by row."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service import cities
from geo_service.domain.change import RecordKind
from geo_service.services.benching.handed_in import write_names
from geo_service.services.interchange import cells, child, hygiene, sandbox
from geo_service.services.interchange.reading import read_records
from geo_service.services.interchange.report import ImportReport
from geo_service.store import sql_store
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
KIND = RecordKind.PLACE_NAMES
GOOD = {
    "name": ["中山路", "示例村", "长江街", "(旧)河", "A座"],
    "feature_type": ["road", "道路", "村", "village"],
    "status": ["", "standard", "former"],
    "unit_code": ["370202", "370203000000", "", "370211"],
    "approved_on": ["", "2001-02-03", "2001年2月3日", "2020/1/5"],
    "valid_from": ["", "1990-01-01", "2005.6.7"],
    "valid_to": ["", "2030-01-01"],
    "note": ["", "以山得名。", "一  二"],
    "force": ["", "official", "synthetic"],
    "lon": ["120.3", "120°18′00″", "120.31"],
    "lat": ["36.1", "36.2"],
}
TOLD = {
    "name": ["中山\u3000路", "\uff21座", "\u200b河", " 路", "\ue001村", "路\t口"],
    "status": ["\uff53tandard", "former "],
    "unit_code": ["370299", "\uff13\uff17\uff10\uff12\uff10\uff12", "370205"],
    "approved_on": ["2090-01-01", "\uff12\uff10\uff10\uff11-02-03"],
    "note": ["好，\u00a0坏", "\uff21\uff22", "\uff12 号"],
}
REFUSED = {
    "name": ["涓北矾璺�", "中??路", "涓\ue15f北", "", "路" * 101],
    "feature_type": ["铁路线"],
    "unit_code": ["37020", "九"],
    "approved_on": ["2001-02-30", "3/4/2001", "2001", "民国十年"],
    "valid_to": ["1980-01-01"],
    "lon": ["", "x", "nan", "12.30"],
    "lat": ["1e400", "36'"],
}


def _handed_in(path: Path, seed: int, *wrong: dict[str, list[str]]) -> Path:
    """Two hundred rows, one cell in twelve drawn from what is wrong."""
    chance = random.Random(seed)  # noqa: S311 - repeatable dirt
    lines = [["id", *GOOD]]
    for number in range(200):
        row = {field: chance.choice(values) for field, values in GOOD.items()}
        row["name"] = GOOD["name"][number % len(GOOD["name"])]
        for odd in wrong:
            for field, values in odd.items():
                if chance.random() < 1 / 12:
                    row[field] = chance.choice(values)
        name = f"N{number - 1 if chance.random() < 0.01 and REFUSED in wrong else number}"
        lines.append([name, *row.values()])
    text = "\n".join(",".join(f'"{value}"' for value in line) for line in lines)
    path.write_text(text, encoding="utf-8")
    return path


def _carefully(patch: pytest.MonkeyPatch) -> None:
    """Every text through every rule, nothing remembered, one row or record at a time."""
    patch.setattr(hygiene, "is_plain", lambda _raw: False)
    patch.setattr(cells, "_MOST", 0)
    patch.setattr(sandbox, "_MET", 0)
    patch.setattr(sql_store, "BATCH", 1)


def _said(report: ImportReport) -> dict[str, Any]:
    return {**report.to_json("zh"), "stored": report.stored}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("wrong", [(TOLD,), (TOLD, REFUSED)], ids=["told", "refused"])
def test_quick_and_careful_say_the_same(
    tmp_path: Path,
    bring: Importer,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    wrong: tuple[dict[str, list[str]], ...],
) -> None:
    path = _handed_in(tmp_path / "n.csv", seed, *wrong)
    quick = _said(bring(path, KIND, dry_run=True))

    with monkeypatch.context() as patch:
        _carefully(patch)
        careful = _said(bring(path, KIND, dry_run=True))

    assert quick == careful
    assert quick["stored"] == (0 if REFUSED in wrong else 200)
    assert len(quick["issues"]) > 20
    assert len(quick["normalised"]) > 20


def test_quick_and_careful_store_the_same(
    tmp_path: Path, bring: Importer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New rows, then corrections of some of them; the careful import finds nothing to write."""
    bring(_handed_in(tmp_path / "n.csv", 7), KIND)
    # Under its id every place keeps its name: else it would be taken for another.
    path = _handed_in(tmp_path / "n.csv", 8, {k: v for k, v in TOLD.items() if k != "name"})
    assert bring(path, KIND).stored > 100

    with monkeypatch.context() as patch:
        _carefully(patch)
        again = bring(path, KIND, encoding="utf-8")

    assert (again.accepted, again.stored, again.repeated) == (True, 0, False)
    assert store.verify().sound


def test_rows_of_several_lines_of_the_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bring: Importer
) -> None:
    """What the child says does not hang on how many rows it puts into a line."""
    path = tmp_path / "n.csv"
    rows = (f"N{i},第{i}路,道路,120.3,36.1\n" for i in range(2 * child.PART + 1))
    path.write_text("id,name,kind,lon,lat\n" + "".join(rows), encoding="utf-8")

    report = bring(path, KIND, dry_run=True)

    assert report.stored == 2 * child.PART + 1
    assert json.loads(report.dump())["rows"][99]["raw"]["name"] == "第99路"


def test_the_file_of_the_benchmark_is_clean_and_the_same_each_time(tmp_path: Path) -> None:
    """Else a benchmark would measure how problems are told, or another file each time."""
    city, files = cities.city("990100"), [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path in files:
        write_names(path, 2000, city)

    read = read_records(files[0], KIND, city=city, today=date(2026, 11, 23))

    assert (len(read.rows), read.issues, read.normalised) == (2000, (), ())
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len({row.record.name for row in read.rows}) > 1000


CHARACTERS = st.one_of(
    st.characters(min_codepoint=0, max_codepoint=0x2FF),
    st.characters(min_codepoint=0x2000, max_codepoint=0x206F),
    st.characters(min_codepoint=0x3000, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0xD800, max_codepoint=0xFFFF),
    st.sampled_from("咫妁妃妍妗äåæçèé??"),
)


@given(st.text(CHARACTERS, max_size=8))
def test_what_is_plain_needs_no_word(text: str) -> None:
    if hygiene.is_plain(text):
        assert hygiene.clean(text) == text
        assert not hygiene.is_lost(text)
        assert not hygiene.has_private_use(text)
        assert hygiene.unscrambled(text) is None


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6))
def test_a_scrambled_text_is_never_plain(text: str) -> None:
    for codec in ("gb18030", "cp1252", "latin-1"):
        scrambled = text.encode().decode(codec, "ignore")
        if hygiene.unscrambled(scrambled):
            assert not hygiene.is_plain(scrambled)


@pytest.mark.parametrize(("name", "other"), [("璧风华", "起绪"), ("璧佃泛", "赵跺")])
def test_three_everyday_characters_are_no_scrambled_text(name: str, other: str) -> None:
    assert other.encode().decode("gb18030") == name
    assert hygiene.unscrambled(name) is None
    assert hygiene.unscrambled("青岛".encode().decode("gb18030")) == "青岛"
