"""The law tables: every instrument loads, and its dates and articles hold together."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from geo_service import statutes
from geo_service.domain.law import Rank, Reading
from geo_service.errors import ConfigError

ALL = statutes.instrument_ids()
NAMING = {
    "L86",
    "L22",
    "QDR",
    "NB19",
    "L96",
    "N18",
    "B24",
    "F23",
    "SD",
    "SDB",
    "QD",
    "JNR",
    "GDB",
    "ROM84",
    "TGH13",
}
BOUNDARY = {"Q18", "M15", "B02", "JI28", "MK36", "SD190", "SML17"}
STANDARD = {
    "GB17733",
    "GBT38210",
    "GBT17796",
    "MZT069",
    "MZT111",
    "MZT149",
    "MZT150",
    "ISO19157",
    "GBT2260",
    "GOOD_PRACTICE",
}


def test_every_instrument_the_catalogue_names_is_on_file() -> None:
    assert set(ALL) >= NAMING | BOUNDARY | STANDARD


@pytest.mark.parametrize("instrument_id", ALL)
def test_instrument_is_well_formed(instrument_id: str) -> None:
    source = statutes.instrument(instrument_id)
    assert source.title.zh and source.title.en and source.issuer and source.retrieved
    assert source.territory == "" or (
        source.territory.isascii()
        and source.territory.isdigit()
        and len(source.territory) in (2, 4)
    )
    assert len({row.number for row in source.articles}) == len(source.articles)
    assert source.url == "" or source.url.startswith(("http://", "https://"))


@pytest.mark.parametrize("instrument_id", ALL)
def test_articles_hold_within_their_instrument_and_speak_both_languages(instrument_id: str) -> None:
    source = statutes.instrument(instrument_id)
    for row in source.articles:
        assert source.in_force.contains(row.in_force), row.number
        assert row.gist.zh and row.gist.en, row.number
        assert row.number == row.number.strip() != ""


@pytest.mark.parametrize("instrument_id", ALL)
def test_local_law_has_a_territory_and_national_law_has_none(instrument_id: str) -> None:
    source = statutes.instrument(instrument_id)
    expected = {Rank.PROVINCIAL: 2, Rank.MUNICIPAL: 4}.get(source.rank, 0)
    assert len(source.territory) == expected


def test_old_and_new_regulation_meet_without_gap_or_overlap() -> None:
    old, new = statutes.instrument("L86").in_force, statutes.instrument("L22").in_force
    last_day = date(2022, 4, 30)
    assert old.end == new.start == last_day + timedelta(days=1)
    assert old.covers(last_day) and not new.covers(last_day)
    assert new.covers(date(2022, 5, 1)) and not old.covers(date(2022, 5, 1))


@pytest.mark.parametrize(
    ("instrument_id", "first_day"),
    [
        ("L86", date(1986, 1, 23)),
        ("B02", date(2002, 7, 1)),
        ("MK36", date(2008, 9, 1)),
        ("M15", date(2016, 1, 1)),
        ("N18", date(2018, 12, 10)),
        ("Q18", date(2019, 1, 1)),
        ("QDR", date(2020, 10, 19)),
        ("L22", date(2022, 5, 1)),
        ("B24", date(2024, 5, 1)),
    ],
)
def test_an_instrument_takes_hold_on_its_first_day_and_not_before(
    instrument_id: str, first_day: date
) -> None:
    period = statutes.instrument(instrument_id).in_force
    assert period.covers(first_day)
    assert not period.covers(first_day - timedelta(days=1))


def test_the_boundary_regulation_is_on_file_article_by_article() -> None:
    assert [row.number for row in statutes.instrument("B02").articles] == [
        str(number) for number in range(1, 21)
    ]


@pytest.mark.parametrize("instrument_id", ALL)
def test_a_citation_says_so_when_nobody_has_read_the_text(instrument_id: str) -> None:
    source = statutes.instrument(instrument_id)
    for row in source.articles:
        caveat = statutes.citation(instrument_id, row.number).caveat
        unsure = source.reading in (Reading.DRAFT, Reading.UNREAD) or not row.confirmed
        assert (caveat is not None) == unsure, row.number
        assert caveat is None or (caveat.zh and caveat.en)


def test_draft_and_unread_texts_are_told_apart() -> None:
    draft = statutes.citation("SDB", "6").caveat
    unread = statutes.citation("SD", "names").caveat
    assert draft is not None and "征求意见稿" in draft.zh
    assert unread is not None and draft != unread


def test_a_project_default_never_passes_for_law() -> None:
    source = statutes.instrument("GOOD_PRACTICE")
    assert source.rank is Rank.PRACTICE
    assert "no legal basis" in statutes.citation("GOOD_PRACTICE", "topology").number


def test_unknown_instrument_and_article_are_refused_by_name() -> None:
    with pytest.raises(ConfigError) as no_instrument:
        statutes.instrument("L99")
    assert no_instrument.value.code == "instrument_unknown"
    with pytest.raises(ConfigError) as no_article:
        statutes.citation("L22", "99")
    assert no_article.value.code == "article_unknown"
