"""How the sample calls its lines, and the texts its records carry about themselves."""

from __future__ import annotations

from functools import cache

from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.text import Text
from geo_service.lexicons import read_table
from geo_service.messages import message
from geo_service.resources import data_dir


@cache
def _suffixes() -> tuple[str, ...]:
    table = read_table(data_dir() / "samples" / "unit_suffixes.csv", ("suffix",))
    return tuple(row["suffix"] for row in table.rows)


def short_name(unit: str) -> str:
    """The name of a county-level unit without its generic term: 莱西市 → 莱西, but 莒县 stays."""
    return unit[:-1] if len(unit) > 2 and unit.endswith(_suffixes()) else unit


def line_name(low: str, high: str) -> str:
    """Name of the line between two units, the one with the smaller code first: 平度莱西线."""
    return message("samples.line_name", low=short_name(low), high=short_name(high)).zh


def provenance(force: Force, kind: str, **values: object) -> Provenance:
    """Source, licence and note of one kind of record, in both languages."""
    keys = (f"samples.{kind}_{part}" for part in ("source", "licence", "note"))
    source, licence, note = (both(message(key, **values)) for key in keys)
    return Provenance(source, licence, force, note=note)


def both(text: Text) -> str:
    """Both languages in one line, for fields that are stored once."""
    return f"{text.zh} / {text.en}"
