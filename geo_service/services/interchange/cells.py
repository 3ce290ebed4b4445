"""One row's values, field by field, each problem told with row and field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from math import isfinite
from typing import Any, Concatenate, ParamSpec, TypeVar

from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import ALWAYS, Period
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.language.persons import masked_text
from geo_service.messages import message
from geo_service.services.interchange import hygiene
from geo_service.services.interchange.angles import is_signed, signed_angle, without_side
from geo_service.services.interchange.columns import choices, folded
from geo_service.services.interchange.dates import (
    GREGORIAN,
    DateRefused,
    in_digits,
    is_standard,
    placeholder,
    read_date,
)
from geo_service.services.interchange.dictionary import plain_words
from geo_service.services.interchange.issues import Issues
from geo_service.services.names import MAX_LENGTH

CodeT = TypeVar("CodeT", bound=str)
T = TypeVar("T")
P = ParamSpec("P")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,20})?").fullmatch
_BETWEEN_UNITS = re.compile(r"[、，,;；/]+")
_DIGITS = re.compile(r"[0-9]+")
_MOST = 1 << 15
"""Different values of a column that are remembered: days and codes are fewer, identifiers more."""


@dataclass(slots=True)
class Sheet:
    """What all rows of one file share. `normalised` lists every text that was stored changed.

    `dictionary` names the exchange dictionary that the file follows, "" where it follows none.

    `kind` is a RecordKind, or the word of a layer handed in beside a review.
    """

    kind: str
    columns: dict[str, int]
    issues: Issues
    today: date
    normalised: list[dict[str, Any]] = field(default_factory=list)
    dictionary: str = ""
    system: str = ""
    """The name of the system in which the places of the file were read, "" where it has none."""
    words: dict[int, list[str]] = field(default_factory=dict)
    """By row, what the notes shall say of dates that stay in the words of the paper."""
    guarded: bool = False
    """Whether an apostrophe before what looks like a formula is the guard of a CSV, not text."""
    _quiet: dict[Hashable, dict[Hashable, Any]] = field(default_factory=dict)

    def once(self, what: Hashable, value: Hashable, read: Callable[[], T]) -> T:
        """What is read of a value, again only where something has to be said of it.

        `what` names the question; nothing but the value and the sheet may decide the answer.
        """
        try:
            return self._quiet[what][value]  # type: ignore[no-any-return]
        except KeyError:
            known = self._quiet.setdefault(what, {})
        said = self.issues.count + len(self.normalised)
        result = read()
        if len(known) < _MOST and self.issues.count + len(self.normalised) == said:
            known[value] = result
        return result


def _once(
    read: Callable[Concatenate[Cells, str, P], T],
) -> Callable[Concatenate[Cells, str, P], T]:
    """A reader that reads equal texts of a column once, see `Sheet.once`."""

    def reader(cells: Cells, field: str, /, *given: P.args, **named: P.kwargs) -> T:
        again = partial(read, cells, field, *given, **named)
        return cells.sheet.once((read, field, *given, *named.items()), cells.raw(field), again)

    reader.__doc__ = read.__doc__
    return reader


@dataclass(slots=True)
class Cells:
    """The cells of one row. Readers return None (or "") and leave an issue where they refuse."""

    sheet: Sheet
    number: int
    values: Sequence[Any]

    def raw(self, field: str) -> str:
        """The cell as text, untouched; "" where the column or the value is missing."""
        position = self.sheet.columns.get(field)
        value = "" if position is None else self.values[position]
        if type(value) is str:
            return value
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return str(value)

    def error(self, code: str, field: str, **values: Any) -> None:
        """Refuse the file for this cell."""
        self.sheet.issues.error(code, self.number, field, **values)

    def warning(self, code: str, field: str, **values: Any) -> None:
        """Store, but say it."""
        self.sheet.issues.warning(code, self.number, field, **values)

    def text(self, field: str, *, required: bool = False) -> str:
        """Cleaned text. What was cleaned away is listed; text that is already lost is refused."""
        raw = self.raw(field)
        plain = hygiene.is_plain(raw) and not (self.sheet.guarded and raw.startswith("'"))
        text = raw if plain else self._examined(field, raw)
        if required and not text and not hygiene.clean(raw):
            self.error("value_missing", field)
        return text

    def name(self, field: str = "name", *, required: bool = False) -> str:
        """A name, no longer than one that can be checked."""
        text = self.single(field, required=required)
        if len(text) > MAX_LENGTH:
            self.error("name_too_long", field, length=len(text), limit=MAX_LENGTH)
        return text

    def single(self, field: str, *, required: bool = False) -> str:
        """A text that stands for one thing: lists and objects of JSON are refused."""
        text = self.text(field, required=required)
        if text[:1] in _STRUCTURED and _is_structure(text):
            self.error("value_not_single", field)
            return ""
        return text

    def _examined(self, field: str, raw: str) -> str:
        text = hygiene.clean(hygiene.unguarded(raw) if self.sheet.guarded else raw)
        if hygiene.is_lost(text):
            self.error("text_lost", field, value=text.encode("utf-8", "replace").decode())
            return ""
        if guess := hygiene.unscrambled(raw.strip()):
            self.error("text_scrambled", field, value=text, guess=guess)
            return ""
        if hygiene.has_private_use(text):
            self.warning("text_private_use", field, value=text)
        if text != raw:
            self._normalised(field, raw, text)
        return text

    def _normalised(self, field: str, raw: str, stored: str) -> None:
        told = {"file": self.sheet.issues.file, "row": self.number, "field": field}
        told |= {"raw": masked_text(raw), "stored": masked_text(stored)}
        self.sheet.normalised.append(told)

    @_once
    def code(self, field: str, make: type[CodeT]) -> CodeT | None:
        """A typed code, None where the cell is blank or cannot be read."""
        text = self.text(field)
        return self._coded(field, text, make) if text else None

    def codes(self, field: str) -> tuple[DivisionCode, ...]:
        """Several codes of units, names beside them left out; a unit without one is refused."""
        text = self.text(field)
        parts = [part for part in _BETWEEN_UNITS.split(text) if part.strip()]
        read = [
            self._coded(field, digits, DivisionCode)
            for part in parts
            for digits in _DIGITS.findall(part) or [part]
        ]
        return tuple(code for code in read if code is not None)

    def _coded(self, field: str, text: str, make: type[CodeT]) -> CodeT | None:
        try:
            return make.parse(text) if issubclass(make, DivisionCode) else make(text.upper())
        except InputError as refusal:
            self.error("code_unreadable", field, value=text, detail=refusal.code)
            return None

    @_once
    def day(self, field: str, *, historic: bool = False) -> date | None:
        """A date, None where the cell is blank or refused.

        Of a `historic` record a date told as papers of history do is kept in its words.
        """
        text = self.text(field)
        if not text:
            return None
        try:
            day = read_date(text, self.sheet.today)
        except DateRefused as refusal:
            if historic and refusal.historic:
                self._keep_words(field, text, refusal)
            else:
                self.error(refusal.code, field, value=text, readings=refusal.readings)
            return None
        if in_digits(text) != text:
            self._normalised(field, self.raw(field), day.isoformat())
        if self.sheet.dictionary and not is_standard(text):
            self.warning("exchange_date", field, value=text, standard=day.isoformat())
        if day > self.sheet.today:
            self.warning("date_future", field, value=text)
        elif program := placeholder(day):
            self.warning("date_placeholder", field, value=text, program=program)
        elif day < GREGORIAN:
            self.warning("date_before_gregorian", field, value=text, first=GREGORIAN.isoformat())
        return day

    def _keep_words(self, field: str, text: str, refusal: DateRefused) -> None:
        self.warning("date_kept_in_words", field, value=text, readings=refusal.readings)
        said = f"{message(f'import.words_of_{field}').zh}：{text}"
        self.sheet.words.setdefault(self.number, []).append(said)

    def noted(self) -> str:
        """The notes of the row, with the words of dates that stay as the paper has them."""
        note = self.text("note")
        words = [said for said in self.sheet.words.get(self.number, ()) if said not in note]
        return "；".join([note, *words] if note else words)

    def decimal(self, field: str) -> float | None:
        """A number, None where the cell is blank or refused."""
        return self._number(field, self.text(field))

    def plain_number(self, field: str) -> float | None:
        """A number that is seen at a glance to be one; None decides nothing.

        Where it is not None, `decimal` and `degrees` read the same and say nothing.
        """
        value = self.values[self.sheet.columns[field]]
        if type(value) is str and _PLAIN_NUMBER(value):
            return float(value)
        return value if type(value) is float and isfinite(value) else None

    def _number(self, field: str, told: str) -> float | None:
        text = hygiene.narrow_signs(told)
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            code = "value_not_finite" if text.lower().strip("+-") in _NOT_FINITE else None
            self.error(code or "number_unreadable", field, value=text)
            return None
        value = float(text.replace(",", ""))
        if value in (float("inf"), float("-inf")):
            self.error("value_not_finite", field, value=text)
            return None
        if text != told:
            self._normalised(field, self.raw(field), text)
        return value

    def degrees(self, field: str) -> float | None:
        """A longitude or latitude: decimal, or with the signs of degrees, minutes and seconds.

        None where the cell is blank or refused.
        """
        text = self.text(field)
        if not is_signed(text):
            return self._number(field, text)
        value = signed_angle(without_side(text))
        if value is None:
            self.error("degrees_unreadable", field, value=text)
        return value

    @_once
    def choice(self, field: str) -> str:
        """One of the accepted words, in the program's own word; "" where blank or refused."""
        text = self.text(field)
        if not text:
            return ""
        known = choices(self.sheet.kind, field)
        value = known.get(folded(text))
        if value is None:
            own, said = sorted(set(known.values())), plain_words(self.sheet.kind, field)
            chinese = (said.get(word, word) for word in own)
            accepted = Text(" / ".join(chinese), " / ".join(own))
            self.error("value_unknown", field, value=text, accepted=accepted)
        return value or ""

    def assumed(self, code: str, field: str, word: str) -> None:
        """Say which of the accepted words is taken, for want of another."""
        said = plain_words(self.sheet.kind, field).get(str(word), str(word))
        self.warning(code, field, assumed=Text(said, str(word)))

    def period(self, *, historic: bool = False) -> Period:
        """Valid time from `valid_from` and `valid_to`; `historic` as for `day`."""
        start = self.day("valid_from", historic=historic)
        end = self.day("valid_to", historic=historic)
        if start is None and end is None:
            return ALWAYS
        try:
            return Period(start, end)
        except InputError:
            self.error("period_empty", "valid_to", start=str(start), end=str(end))
            return ALWAYS


_STRUCTURED = frozenset("[{")


def _is_structure(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list | dict)
    except (ValueError, RecursionError):
        return False


_NOT_FINITE = {"nan", "inf", "infinity", "1.#qnan", "-1.#ind"}
