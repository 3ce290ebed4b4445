"""The law as dated data: instruments and articles under `data/law/<id>.toml`.

id = "L22"
number = "国务院令第753号"
rank = "national"              # national provincial municipal standard practice
territory = ""                 # "" nation, "37" a province, "3702" a city
reading = "full"               # full part unread draft: how much of the text we have read
in_force_from = 2022-05-01
in_force_to = 2022-05-01       # first day no longer in force; leave out while in force
url = "…"
retrieved = "2026-11"
title = { zh = "…", en = "…" }
issuer = "…"

[[article]]
number = "9(5)"
gist = { zh = "…", en = "…" }  # our own words
label = { zh = "…", en = "…" } # how it is cited where the text has no articles; else left out
confirmed = true               # false: nobody here has read this article itself
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from typing import Any

from geo_service.domain.law import Article, Citation, Instrument, Rank, Reading
from geo_service.domain.period import ALWAYS, Period
from geo_service.domain.text import Text
from geo_service.errors import ConfigError
from geo_service.resources import data_dir

_CAVEATS = {
    Reading.DRAFT: Text("依据为征求意见稿，未见正式文本", "rests on a draft; no final text seen"),
    Reading.UNREAD: Text("原文未经本系统编者查阅", "nobody here has read the text"),
    Reading.PART: Text("原文仅部分查阅", "the text has been read in part only"),
}
_UNCONFIRMED = Text("条款内容未经核对原文", "article not checked against the text")


def _period(table: dict[str, Any], default: Period = ALWAYS) -> Period:
    start, end = table.get("in_force_from", default.start), table.get("in_force_to", default.end)
    if not all(day is None or type(day) is date for day in (start, end)):
        raise ValueError("in_force_from and in_force_to must be dates")
    return Period(start, end)


def _within(whole: Period, row: dict[str, Any]) -> Period:
    """When an article is in force; ValueError where it outlives its instrument."""
    period = _period(row, whole)
    if not whole.contains(period):
        raise ValueError(f"article {row['number']} is in force beyond its instrument")
    return period


def _instrument(table: dict[str, Any]) -> Instrument:
    in_force = _period(table)
    articles = tuple(
        Article(
            number=row["number"],
            gist=Text(**row["gist"]),
            in_force=_within(in_force, row),
            confirmed=row["confirmed"],
            label=Text(**row["label"]) if "label" in row else None,
        )
        for row in table.get("article", ())
    )
    return Instrument(
        id=table["id"],
        title=Text(**table["title"]),
        number=table["number"],
        issuer=table["issuer"],
        rank=Rank(table["rank"]),
        territory=table["territory"],
        in_force=in_force,
        reading=Reading(table["reading"]),
        url=table["url"],
        retrieved=table["retrieved"],
        articles=articles,
    )


def instrument_ids() -> tuple[str, ...]:
    """Ids of all instruments on file, sorted."""
    return tuple(sorted(path.stem for path in (data_dir() / "law").glob("*.toml")))


@cache
def instrument(instrument_id: str) -> Instrument:
    """One instrument with its articles. Raises ConfigError when missing or malformed."""
    path = data_dir() / "law" / f"{instrument_id}.toml"
    try:
        with path.open("rb") as file:
            result = _instrument(tomllib.load(file))
    except FileNotFoundError as error:
        raise ConfigError("instrument_unknown", instrument=instrument_id) from error
    except (KeyError, TypeError, ValueError, tomllib.TOMLDecodeError) as error:
        raise ConfigError("instrument_malformed", file=path, detail=repr(error)) from error
    if result.id != instrument_id:
        raise ConfigError("instrument_malformed", file=path, detail=f"id = {result.id!r}")
    return result


def article(instrument_id: str, number: str) -> Article:
    """One article. Raises ConfigError when the instrument has no such article."""
    for candidate in instrument(instrument_id).articles:
        if candidate.number == number:
            return candidate
    raise ConfigError("article_unknown", instrument=instrument_id, article=number)


def citation(instrument_id: str, number: str) -> Citation:
    """An article as findings cite it, with the caveat its reading calls for."""
    source = instrument(instrument_id)
    cited = article(instrument_id, number)
    caveat = _CAVEATS.get(source.reading)
    if cited.confirmed and source.reading is Reading.PART:
        caveat = None
    elif caveat is None and not cited.confirmed:
        caveat = _UNCONFIRMED
    return Citation(
        instrument_id=source.id,
        instrument=source.title,
        number=source.number,
        article=cited.number,
        gist=cited.gist,
        in_force=cited.in_force,
        url=source.url,
        caveat=caveat,
        label=cited.label,
    )
