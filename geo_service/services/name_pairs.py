"""Comparing two names, or a file of pairs: how easily one is taken for the other."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.domain.place import FeatureType
from geo_service.errors import InputError
from geo_service.language.likeness import Likeness, likeness, specific_likeness
from geo_service.language.normalise import normal_form
from geo_service.language.split import likely_type
from geo_service.messages import message
from geo_service.services.names import checked_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from geo_service.domain.text import Lang, Text
    from geo_service.language.likeness_forms import Profile
    from geo_service.services.interchange.sandbox import Parsed, ParsedRow

_NAMES = ("name_a", "name_b")
_TYPE = "type"
_ANSWERS = ("likeness", "confusable", "reasons")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, the types they were compared as (None: as they stand), and what was found."""

    names: tuple[str, str]
    types: tuple[FeatureType, FeatureType] | None
    found: Likeness


def compare(
    name_a: str, name_b: str, kind: FeatureType | None, profile: Profile | None = None
) -> Pair:
    """Compare two names of a type; without one, each of the type that its generic tells.

    Where one of the two has no generic, neither is split: 中园 beside 中原 is no estate. Raises
    InputError for what cannot be a name.
    """
    names = (checked_name(name_a), checked_name(name_b))
    one, other = (kind or likely_type(normal_form(name)) for name in names)
    if one and other:
        return Pair(names, (one, other), likeness(*names, one, other, profile))
    bare = specific_likeness(normal_form(names[0]), normal_form(names[1]), profile)
    return Pair(names, None, bare)


def pair_json(pair: Pair, lang: Lang) -> dict[str, Any]:
    """The comparison as the CLI shows it under `--json`."""
    return {
        "name_a": pair.names[0],
        "name_b": pair.names[1],
        "type_a": pair.types[0].value if pair.types else None,
        "type_b": pair.types[1].value if pair.types else None,
        "likeness": pair.found.score,
        "confusable": pair.found.confusable,
        "reasons": [
            {"code": reason.code, "text": reason.text.in_(lang)} for reason in pair.found.reasons
        ],
        "notice": message("name.notice").in_(lang),
    }


def reasons_text(found: Likeness, lang: Lang) -> str:
    """All reasons in one line."""
    return ("；" if lang == "zh" else "; ").join(reason.text.in_(lang) for reason in found.reasons)


def compare_file(
    source: Path,
    target: Path,
    kind: FeatureType | None,
    profile: Profile | None = None,
    *,
    lang: Lang = "zh",
) -> tuple[int, int]:
    """Compare the pairs of a sheet (`name_a`, `name_b`, optionally `type`), and write them with
    `likeness`, `confusable` and `reasons` beside the columns they came with.

    Returns how many pairs there were and how many are confusable. Raises InputError naming file,
    row and field; then nothing is written.
    """
    # The readers and writers load numpy and shapely, which one pair of names can do without.
    from geo_service.services.interchange.exporting import (  # noqa: PLC0415
        check_target,
        written_whole,
    )

    check_target(target, sources=(source,), formats=(".csv",))
    parsed = _parsed(source)
    pairs = [_pair_of(parsed, row, source, kind, profile) for row in parsed.rows]
    with (
        written_whole(target) as draft,
        draft.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        csv.writer(file).writerows(_lines(parsed, pairs, lang))
    return len(pairs), sum(pair.found.confusable for pair in pairs)


def _parsed(source: Path) -> Parsed:
    from geo_service.services.interchange.issues import Issues, Level  # noqa: PLC0415
    from geo_service.services.interchange.sandbox import parse  # noqa: PLC0415

    issues = Issues(source.name)
    parsed = parse(source, issues)
    if parsed is None or issues.refused:
        fault = next(issue for issue in issues.all() if issue.level is Level.ERROR)
        if fault.row is None:
            raise InputError("pairs_unreadable", file=source.name, detail=fault.message)
        raise _refusal(source.name, fault.row, fault.field or "-", fault.message)
    for field in _NAMES:
        if field not in _headers(parsed):
            detail = message("likeness.no_column", columns=", ".join(_NAMES))
            raise _refusal(source.name, 1, field, detail)
    return parsed


def _headers(parsed: Parsed) -> list[str]:
    return [header.strip().lower() for header in parsed.headers]


def _refusal(file: str, row: int, field: str, detail: Text) -> InputError:
    return InputError("pairs_refused", file=file, row=row, field=field, detail=detail)


def _pair_of(
    parsed: Parsed, row: ParsedRow, source: Path, kind: FeatureType | None, profile: Profile | None
) -> Pair:
    cells = {
        header: "" if cell is None else str(cell)
        for header, cell in zip(_headers(parsed), row.cells, strict=False)
    }
    for field in _NAMES:
        try:
            checked_name(cells[field])
        except InputError as error:
            detail = message(f"errors.{error.code}", **error.context)
            raise _refusal(source.name, row.number, field, detail) from error
    told = cells.get(_TYPE, "").strip()
    if told and told not in set(FeatureType):
        detail = message("likeness.no_type", value=told, known=" ".join(FeatureType))
        raise _refusal(source.name, row.number, _TYPE, detail)
    return compare(cells["name_a"], cells["name_b"], FeatureType(told) if told else kind, profile)


def _lines(parsed: Parsed, pairs: Iterable[Pair], lang: Lang) -> Iterator[list[str]]:
    from geo_service.services.interchange.hygiene import harmless  # noqa: PLC0415

    kept = [i for i, header in enumerate(_headers(parsed)) if header not in _ANSWERS]
    yield [*(harmless(parsed.headers[i]) for i in kept), *_ANSWERS]
    for row, pair in zip(parsed.rows, pairs, strict=True):
        yield [
            *(harmless(row.cells[i]) for i in kept),
            f"{pair.found.score:.4f}",
            "true" if pair.found.confusable else "false",
            harmless(reasons_text(pair.found, lang)),
        ]
