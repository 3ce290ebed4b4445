"""Codes that identify units, lines and markers, each checked when it is made.

The codes are `str` subclasses: they compare, sort and serialise as the digits everybody writes,
but a function that asks for a DivisionCode cannot be handed any other string by mistake. Digits
are ASCII only: `str.isdigit` would let full-width ones through.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self

from geo_service.errors import InputError


class DivisionLevel(StrEnum):
    """Level of an administrative unit, from the province down."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWN = "town"
    VILLAGE = "village"


class DivisionCode(str):
    """Administrative division code: 6 digits (GB/T 2260), 9 (GB/T 10114) or 12 (statistics).

    `parse` also takes the padded 12-digit form of a higher unit (`370202000000`). Raises
    InputError for anything else.
    """

    __slots__ = ()
    _FORM = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3}){0,2}")

    def __new__(cls, value: str) -> Self:
        """Check the form of the code."""
        if not cls._FORM.fullmatch(value):
            raise InputError("division_code_malformed", value=value)
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, value: str) -> Self:
        """Read a code as people write it: spaces around, 9 or 12 digits padded with zeros."""
        digits = value.strip()
        while len(digits) > 6 and digits.endswith("000"):
            digits = digits[:-3]
        return cls(digits)

    @property
    def level(self) -> DivisionLevel:
        """The level that the length and the zeros of the code say."""
        if len(self) == 12:
            return DivisionLevel.VILLAGE
        if len(self) == 9:
            return DivisionLevel.TOWN
        if self.endswith("0000"):
            return DivisionLevel.PROVINCE
        return DivisionLevel.PREFECTURE if self.endswith("00") else DivisionLevel.COUNTY

    @property
    def province(self) -> DivisionCode:
        """The province this unit lies in (itself for a province)."""
        return DivisionCode(self[:2] + "0000")

    @property
    def prefecture(self) -> DivisionCode:
        """The prefecture-level city this unit lies in."""
        return DivisionCode(self[:4] + "00")

    @property
    def county(self) -> DivisionCode:
        """The six-digit code this unit begins with."""
        return DivisionCode(self[:6])

    @property
    def parent(self) -> DivisionCode | None:
        """The next higher unit, None for a province."""
        match self.level:
            case DivisionLevel.PROVINCE:
                return None
            case DivisionLevel.PREFECTURE:
                return self.province
            case DivisionLevel.COUNTY:
                return self.prefecture
            case _:
                return DivisionCode(self[:-3])

    def is_within(self, other: DivisionCode) -> bool:
        """Whether this unit is the other one or lies below it, judged by the digits."""
        return self.startswith(other.significant)

    @property
    def significant(self) -> str:
        """The digits that its descendants share: `3702` for 370200, `37` for 370000."""
        match self.level:
            case DivisionLevel.PROVINCE:
                return self[:2]
            case DivisionLevel.PREFECTURE:
                return self[:4]
            case _:
                return str(self)


class LineCode(str):
    """Code of a county-level boundary line: common ancestor (6) + last four digits of each side.

    The form was read off an archive code (62300030223026 for 623022 and 623026); that the common
    ancestor of two prefectures is the province is inferred, not confirmed by a standard.
    """

    __slots__ = ()
    _FORM = re.compile(r"[1-9][0-9]{5}[0-9]{8}")

    def __new__(cls, value: str) -> Self:
        """Check the form of the code."""
        if not cls._FORM.fullmatch(value) or value[6:10] >= value[10:]:
            raise InputError("line_code_malformed", value=value)
        return super().__new__(cls, value)

    @classmethod
    def between(cls, one: DivisionCode, other: DivisionCode) -> Self:
        """The code of the line between two county-level units of one province."""
        low, high = sorted((one.county, other.county))
        ancestor = low.prefecture if low.prefecture == high.prefecture else low.province
        return cls(ancestor + low[2:6] + high[2:6])

    @property
    def sides(self) -> tuple[DivisionCode, DivisionCode]:
        """The two county-level units, smaller code first."""
        return DivisionCode(self[:2] + self[6:10]), DivisionCode(self[:2] + self[10:])


class MarkerNumber(str):
    """Number of a boundary marker: [line number (4)] serial (3) [type letter].

    Letters: Q single, A/B the two of a pair, C/D/E the three of a triple.
    """

    __slots__ = ()
    _FORM = re.compile(r"(?:[0-9]{4})?[0-9]{3}[QABCDE]?")

    def __new__(cls, value: str) -> Self:
        """Check the form of the code."""
        if not cls._FORM.fullmatch(value):
            raise InputError("marker_number_malformed", value=value)
        return super().__new__(cls, value)

    @property
    def serial(self) -> int:
        """Serial along the line, from 1."""
        return int(self.rstrip("QABCDE")[-3:])

    @property
    def letter(self) -> str | None:
        """The type letter, None where the number was written without one."""
        return self[-1] if self[-1] in "QABCDE" else None
