"""Changes of a unit as the lines of a table, for the screen and for a CSV file."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from geo_service.domain.clock import china_text
from geo_service.messages import message
from geo_service.services.interchange.exporting import check_target, written_whole
from geo_service.services.interchange.hygiene import harmless
from geo_service.services.register.acts import basis_of, label_of, rests_on

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from geo_service.domain.change import LoggedChange
    from geo_service.domain.text import Lang
    from geo_service.services.register.changes import Happening, KindChanges, RecordChange
    from geo_service.services.register.differences import Difference, GeometryChange

COLUMNS = ("kind", "part", "id", "name", "change", "day", "differs", "why", "document", "written")
"""Of the table; their titles are the messages `register.column_<name>`."""


def lines(found: Sequence[KindChanges], lang: Lang) -> Iterator[tuple[str, ...]]:
    """One line for each record that differs, then for each thing that happened, kind by kind."""
    for of in found:
        kind = _say(f"kind_{of.kind.value}", lang)
        for change in of.differing:
            yield (kind, _say("part_differing", lang), *_difference(change, lang))
        for one in of.happened:
            yield (kind, _say("part_happened", lang), *_happening(one, lang))


def titles(lang: Lang) -> tuple[str, ...]:
    """The titles of the columns."""
    return tuple(_say(f"column_{name}", lang) for name in COLUMNS)


def write_csv(target: Path, found: Sequence[KindChanges], lang: Lang) -> None:
    """The table as CSV (UTF-8 with a mark, formulas disarmed), whole or not at all.

    Raises InputError where the target may not be written.
    """
    check_target(target, formats=(".csv",))
    with (
        written_whole(target) as draft,
        draft.open("w", encoding="utf-8-sig", newline="", errors="backslashreplace") as file,
    ):
        out = csv.writer(file)
        out.writerow(titles(lang))
        out.writerows([harmless(cell) for cell in line] for line in lines(found, lang))


def _difference(change: RecordChange, lang: Lang) -> tuple[str, ...]:
    record = change.after or change.before
    manner = "came" if change.before is None else "went" if change.after is None else "differs"
    name = "" if record is None else label_of(record)
    told = difference_text(change.differs, lang)
    return (change.id, name, _say(f"manner_{manner}", lang), "", told, *_signed(change.entry))


def _happening(one: Happening, lang: Lang) -> tuple[str, ...]:
    basis = basis_of(one.entry)
    manner = _say(f"manner_{one.manner.value}", lang)
    if basis is not None:
        act = _say(f"act_{basis.act.value}", lang)
        manner = _say("manner_by_act", lang, manner=manner, act=act, event=basis.event)
    day = "" if one.day is None else one.day.isoformat()
    told = difference_text(one.differs, lang)
    return (one.record.id, label_of(one.record), manner, day, told, *_signed(one.entry))


def _signed(entry: LoggedChange) -> tuple[str, str, str]:
    told = f"{entry.actor}: {entry.reason}"
    return told, rests_on(entry), china_text(entry.recorded_at, seconds=True)


def difference_text(differs: Difference | None, lang: Lang) -> str:
    """What differs, in one cell."""
    if differs is None:
        return ""
    told = [f"{c.field}: {c.before or '—'} → {c.after or '—'}" for c in differs.fields]
    if differs.geometry is not None:
        told += list(shape_texts(differs.geometry, lang))
    return "; ".join(text.strip() for text in told)


def shape_texts(shape: GeometryChange, lang: Lang) -> Iterator[str]:
    """How a shape differs, in metres and square metres."""
    if shape.moved_m is not None:
        yield _say("moved", lang, metres=f"{shape.moved_m:.1f}")
    lengths = (shape.length_before_m, shape.length_after_m)
    areas = (shape.area_before_m2, shape.area_after_m2)
    for key, sizes in (("length", lengths), ("area", areas)):
        if any(size is not None for size in sizes):
            before, after = ("—" if size is None else f"{size:.0f}" for size in sizes)
            if before != after:
                yield _say(key, lang, before=before, after=after)
    if shape.gained_m2 is not None and shape.lost_m2 is not None:
        gained, lost = f"{shape.gained_m2:.0f}", f"{shape.lost_m2:.0f}"
        yield _say("area_moved", lang, gained=gained, lost=lost)


def _say(key: str, lang: Lang, **facts: object) -> str:
    return message(f"register.{key}", **facts).in_(lang)
