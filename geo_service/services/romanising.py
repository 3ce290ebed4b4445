"""Spelling one name, or a sheet of names, and judging the spellings given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.domain.place import FeatureType
from geo_service.errors import InputError
from geo_service.language.characters import has_han, in_standard_characters
from geo_service.language.normalise import AlteredCharacter, altered_characters, normal_form
from geo_service.language.readings import has_reading, is_division
from geo_service.language.romanisation import romanization_of, spell
from geo_service.language.spelling_check import Difference, Level, differences
from geo_service.language.split import NUMERALS, likely_type
from geo_service.messages import message
from geo_service.services.answered_sheets import (
    SheetCount,
    cell_refusal,
    read_sheet,
    type_in,
    write_answers,
)
from geo_service.services.names import checked_name

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.domain.finding import Romanization
    from geo_service.domain.text import Lang, Text
    from geo_service.services.answered_sheets import SheetRow

MAX_SPELLING = 600
"""Letters of the longest name that can be checked, each character with six."""
_ANSWERS = ("romanization", "reading_source", "alternatives", "agrees", "differences")


@dataclass(frozen=True, slots=True)
class SpelledName:
    """A name with the spelling proposed, and what a given spelling does not share with it.

    `feature_type` is None where none was given and no generic tells it: all of the name is then
    its specific. `altered` are the characters of the name that do not stand for themselves.
    """

    name: str
    altered: tuple[AlteredCharacter, ...]
    feature_type: FeatureType | None
    romanization: Romanization
    given: str
    differences: tuple[Difference, ...]

    @property
    def unread(self) -> str:
        """The characters that nothing tells how to read, each once: they stand as written."""
        written = in_standard_characters(normal_form(self.name))
        letters = (c for c in written if c not in NUMERALS and c not in "()")
        return "".join(dict.fromkeys(c for c in letters if not has_reading(c)))

    @property
    def lacks_han(self) -> bool:
        """Whether there is no Chinese character to spell."""
        return not has_han(normal_form(self.name))

    @property
    def agrees(self) -> bool | None:
        """Whether the given spelling follows the rules; None where none was given."""
        if not self.given:
            return None
        return all(difference.level is Level.INFO for difference in self.differences)

    @property
    def wrong(self) -> bool:
        """Whether the given spelling reads otherwise."""
        return any(difference.level is Level.ERROR for difference in self.differences)


def romanise_name(name: str, kind: FeatureType | None, given: str = "") -> SpelledName:
    """Spell a name of a type; without one, of the type that its generic tells, or of a division
    where it is known as the name of one.

    Raises InputError for what cannot be a name or a spelling.
    """
    written, told = checked_name(name), given.strip()
    if len(told) > MAX_SPELLING:
        raise InputError("spelling_too_long", length=len(told), limit=MAX_SPELLING)
    feature_type = kind or _told_type(normal_form(written))
    spelling = spell(written, feature_type or FeatureType.UNIT)
    found = differences(told, spelling) if told else ()
    altered = altered_characters(written)
    return SpelledName(written, altered, feature_type, romanization_of(spelling), told, found)


def _told_type(name: str) -> FeatureType | None:
    return FeatureType.UNIT if is_division(name) else likely_type(name)


def difference_text(difference: Difference) -> Text:
    """A difference in words."""
    return message(
        f"romanise.{difference.kind.value}", given=difference.given, expected=difference.expected
    )


def no_han_text(name: str) -> Text:
    """That there is nothing to spell, in words."""
    return message("romanise.no_han", name=name)


def unread_text(characters: str) -> Text:
    """Characters left as they stand, in words."""
    points = " ".join(f"U+{ord(character):04X}" for character in characters)
    return message("romanise.unread", characters=characters, points=points)


def altered_text(altered: AlteredCharacter) -> Text:
    """A character that does not stand for itself, in words."""
    return message(
        f"romanise.altered_{altered.why.value}",
        position=altered.position + 1,
        character=altered.character,
        point=altered.code_point,
        becomes=altered.becomes,
    )


def spelled_json(spelled: SpelledName, lang: Lang) -> dict[str, Any]:
    """The answer as the CLI shows it under `--json`."""
    spelling = spelled.romanization
    return {
        "name": spelled.name,
        "altered": [
            {
                "position": altered.position + 1,
                "code_point": altered.code_point,
                "becomes": altered.becomes,
                "why": altered.why.value,
                "applied": altered.applied,
                "message": altered_text(altered).in_(lang),
            }
            for altered in spelled.altered
        ],
        "lacks_han": spelled.lacks_han,
        "unread": list(spelled.unread),
        "feature_type": None if spelled.feature_type is None else spelled.feature_type.value,
        "romanization": {
            "text": spelling.text,
            "reading_source": spelling.reading_source.value,
            "alternatives": list(spelling.alternatives),
        },
        "given": spelled.given or None,
        "agrees": spelled.agrees,
        "differences": [
            {
                "kind": difference.kind.value,
                "level": difference.level.value,
                "given": difference.given,
                "expected": difference.expected,
                "message": difference_text(difference).in_(lang),
            }
            for difference in spelled.differences
        ],
        "notice": message("name.notice").in_(lang),
    }


def romanise_file(source: Path, target: Path, kind: FeatureType | None, lang: Lang) -> SheetCount:
    """Spell the names of a sheet (`name`, optionally `feature_type` and `given`).

    Flagged are the given spellings that do not follow the rules.
    Raises InputError naming file, row and column; then nothing is written.
    """
    sheet = read_sheet(source, ("name",), lang)
    answers = [_row_answer(sheet.file, row, kind, lang) for row in sheet.rows]
    lines = (_answer(spelled, lang) for spelled in answers)
    write_answers(target, source, sheet, _ANSWERS, lines)
    differing = sum(spelled.agrees is False for spelled in answers)
    return SheetCount(len(answers), differing, sheet.notices)


def _row_answer(file: str, row: SheetRow, kind: FeatureType | None, lang: Lang) -> SpelledName:
    told = type_in(file, row) or kind
    try:
        return romanise_name(row.cells["name"], told, row.cells.get("given", ""))
    except InputError as error:
        field = "given" if error.code == "spelling_too_long" else "name"
        raise cell_refusal(file, row, field, error, lang) from error


def _answer(spelled: SpelledName, lang: Lang) -> tuple[str, ...]:
    spelling = spelled.romanization
    agrees = {None: "", True: "yes", False: "no"}[spelled.agrees]
    joint = "；" if lang == "zh" else "; "
    told = [difference_text(difference) for difference in spelled.differences]
    if spelled.lacks_han:
        told.insert(0, no_han_text(spelled.name))
    return (
        spelling.text,
        spelling.reading_source.value,
        "; ".join(spelling.alternatives),
        agrees,
        joint.join(text.in_(lang) for text in told),
    )
