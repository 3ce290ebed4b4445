"""Comparing two names, or a file of pairs: how easily one is taken for the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.domain.place import FeatureType
from geo_service.errors import InputError
from geo_service.language.characters import has_han
from geo_service.language.likeness import Likeness, likeness, specific_likeness
from geo_service.language.normalise import normal_form
from geo_service.language.split import likely_type
from geo_service.messages import message
from geo_service.services.answered_sheets import (
    SheetCount,
    cell_refusal,
    check_answers_target,
    read_sheet,
    type_in,
    write_answers,
)
from geo_service.services.names import checked_name

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.domain.text import Lang, Text
    from geo_service.language.likeness_forms import Profile
    from geo_service.services.answered_sheets import SheetRow

_NAMES = ("name_a", "name_b")
_ANSWERS = ("likeness", "confusable", "reasons")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, the types they were compared as (None: as they stand), and what was found."""

    names: tuple[str, str]
    types: tuple[FeatureType, FeatureType] | None
    found: Likeness

    @property
    def without_han(self) -> tuple[str, ...]:
        """Which of the two hold no Chinese character: their likeness means nothing."""
        return tuple(name for name in self.names if not has_han(normal_form(name)))


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
        "without_han": list(pair.without_han),
        "reasons": [
            {"code": reason.code, "text": reason.text.in_(lang)} for reason in pair.found.reasons
        ],
        "notice": message("name.notice").in_(lang),
    }


def reasons_of(pair: Pair) -> tuple[Text, ...]:
    """Why the two are alike or apart, after what makes the answer worthless."""
    lacking = (message("likeness.no_han", name=name) for name in pair.without_han)
    return (*lacking, *(reason.text for reason in pair.found.reasons))


def compare_file(
    source: Path,
    target: Path,
    kind: FeatureType | None,
    profile: Profile | None = None,
    *,
    lang: Lang = "zh",
) -> SheetCount:
    """Compare the pairs of a sheet (`name_a`, `name_b`, optionally `type`), and write them with
    `likeness`, `confusable` and `reasons` beside the columns they came with.

    Flagged are the confusable ones. Raises InputError naming file, row and column; then nothing is
    written.
    """
    check_answers_target(target, source)
    sheet = read_sheet(source, _NAMES, lang)
    pairs = [_pair_of(sheet.file, row, kind, profile, lang) for row in sheet.rows]
    write_answers(target, source, sheet, _ANSWERS, (_answer(pair, lang) for pair in pairs))
    return SheetCount(len(pairs), sum(pair.found.confusable for pair in pairs), sheet.notices)


def _pair_of(
    file: str, row: SheetRow, kind: FeatureType | None, profile: Profile | None, lang: Lang
) -> Pair:
    told = type_in(file, row) or kind
    for column in _NAMES:
        try:
            checked_name(row.cells[column])
        except InputError as error:
            raise cell_refusal(file, row, column, error, lang) from error
    return compare(row.cells["name_a"], row.cells["name_b"], told, profile)


def _answer(pair: Pair, lang: Lang) -> tuple[str, str, str]:
    joint = "；" if lang == "zh" else "; "
    confusable = "true" if pair.found.confusable else "false"
    return (
        f"{pair.found.score:.4f}",
        confusable,
        joint.join(text.in_(lang) for text in reasons_of(pair)),
    )
