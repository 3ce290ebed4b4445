"""Random records of the invented city, as odd as a register may hold them.

Texts are such as an import would keep (`hygiene.clean` leaves them as they are): characters beyond
the BMP, combining marks, quotes, what a spreadsheet takes for a formula, leading zeros, thousands
of characters. Geometry is EPSG:4490 on the city, in full double precision.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import date, timedelta

import shapely

from geo_service.domain.boundary import AdministrativeBoundary, LegalStatus
from geo_service.domain.change import Record, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, DivisionLevel, LineCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus, ReadingSource
from geo_service.domain.provenance import Force, Label, Provenance
from geo_service.domain.road import Road

UNITS = [f"9901{number:02}" for number in (*range(1, 7), *range(21, 32))]
_ODD = (
    *"𠮷𡋾㙍𬇙㑇镕甲乙云宁路村·（）《》",
    *"&<>\"'`\\/;,|{}[]%#?!",
    "e\u0301",
    "か\u3099",
    "👨",
    "=",
    "+",
    "-",
    "@",
    "0",
    "00",
    "1e5",
    "null",
    "NaN",
    " ",
    "]]>",
    "\U0002f81a",
)
_BEGINNINGS = (
    "=1+1",
    "@甲",
    "-甲",
    "+甲",
    "'=甲",
    "''=甲",
    "'",
    "007",
    "-0",
    "1e5",
    "TRUE",
    "甲",
    '"',
)
_LONG = 4_000


class Draw:
    """What a record is made of, drawn from one source of chance."""

    def __init__(self, chance: random.Random, *, longest: int = _LONG) -> None:
        self.chance, self._longest = chance, longest

    def text(self) -> str:
        """A text, now and then none or a very long one."""
        chance = self.chance
        length = chance.choice((0, 1, 3, 8, 20, self._longest))
        drawn = "".join(chance.choice(_ODD) for _ in range(length))
        text = chance.choice(("", *_BEGINNINGS)) + drawn
        # Two question marks together are how lost text looks, and refused on reading.
        while "??" in text:
            text = text.replace("??", "?甲")
        return text[: self._longest].strip()

    def name(self) -> str:
        """A name: something, and short enough to be checked."""
        return (
            f"{self.chance.choice(('甲', '𠮷', '=甲', '007甲'))}{self.text()[:40]}".rstrip() + "路"
        )

    def day(self) -> date:
        """A day from the first one there is to 2020."""
        last = date(2020, 12, 31)
        span = self.chance.choice((last.toordinal(), 200 * 365, 30 * 365))
        return last - timedelta(days=self.chance.randrange(span))

    def period(self) -> Period:
        """A period, open on either side, on both, or on none."""
        start = self.day() if self.chance.random() < 0.6 else None
        end = self.day() if self.chance.random() < 0.3 else None
        return Period(start, end) if start is None or end is None or start < end else Period(end)

    def provenance(self) -> Provenance:
        """Where the record comes from, in every standing."""
        return Provenance(
            source=f"示例{self.text()}",
            licence=self.text(),
            force=self.chance.choice(list(Force)),
            label=self.chance.choice(list(Label)),
            note=self.text(),
        )

    def number(self) -> float | None:
        """A number with all its digits, or none."""
        made = (None, -0.0, 0.0, 1.5, -1.5, math.pi * 10, self.chance.uniform(-100, 2000))
        return self.chance.choice(made)

    def extent(self) -> float | None:
        """A length or width, or none: files with less than nothing are refused."""
        number = self.number()
        return None if number is None else abs(number)

    def code(self) -> DivisionCode:
        """A unit of the city."""
        return DivisionCode(self.chance.choice(UNITS))

    def position(self) -> tuple[float, float]:
        """Longitude and latitude."""
        return self.chance.uniform(119.3, 120.1), self.chance.uniform(38.3, 38.8)

    def point(self) -> shapely.Point:
        """A point."""
        return shapely.Point(self.position())

    def line(self) -> shapely.LineString | shapely.MultiLineString:
        """A line in one part or several."""
        parts = [
            [self.position() for _ in range(self.chance.randint(2, 6))]
            for _ in range(self.chance.choice((1, 1, 2, 3)))
        ]
        return shapely.MultiLineString(parts) if len(parts) > 1 else shapely.LineString(parts[0])

    def area(self) -> shapely.Polygon | shapely.MultiPolygon:
        """A polygon with or without a hole, or several apart from each other."""
        parts = []
        for column in range(self.chance.choice((1, 1, 2))):
            x, y = 119.3 + 0.4 * column + self.chance.random() / 9, 38.3 + self.chance.random() / 9
            size = 0.05 + self.chance.random() / 9
            hole = shapely.box(x + size / 3, y + size / 3, x + size / 2, y + size / 2)
            holes = [hole.exterior.coords] if self.chance.random() < 0.5 else []
            parts.append(shapely.Polygon(shapely.box(x, y, x + size, y + size).exterior, holes))
        return shapely.MultiPolygon(parts) if len(parts) > 1 else parts[0]

    def anything(self) -> shapely.Geometry | None:
        """What a place may be drawn as, or nothing."""
        several = shapely.MultiPoint([self.position(), self.position()])
        return self.chance.choice((None, self.point(), several, self.line(), self.area()))


def _place(draw: Draw, number: int) -> Record:
    chance = draw.chance
    return NamedPlace(
        id=f"{number:03}-{draw.text()[:20]}".strip(),
        name=draw.name(),
        feature_type=chance.choice(list(FeatureType)),
        provenance=draw.provenance(),
        status=chance.choice(list(NameStatus)),
        unit_code=chance.choice((None, draw.code())),
        geometry=draw.anything(),
        romanization=chance.choice(("", "Jiǎ Lù", "Lüshùn Lù")),
        reading_source=chance.choice(list(ReadingSource)),
        approved_on=chance.choice((None, draw.day())),
        document_no=chance.choice(("", "甲政2020第1号", "007")),
        meaning=draw.text(),
        origin=draw.text(),
        period=draw.period(),
    )


def _unit(draw: Draw, number: int) -> Record:
    return AdministrativeUnit(
        code=DivisionCode(UNITS[number]),
        name=draw.name(),
        provenance=draw.provenance(),
        geometry=draw.area(),
        period=draw.period(),
    )


def _line(draw: Draw, number: int) -> Record:
    sides = DivisionCode(UNITS[number]), DivisionCode(UNITS[number + 1])
    left, right = draw.chance.choice((sides, sides[::-1]))
    return AdministrativeBoundary(
        code=LineCode.between(left, right),
        name=draw.name(),
        left_code=left,
        right_code=right,
        provenance=draw.provenance(),
        geometry=draw.line(),
        level=draw.chance.choice((None, DivisionLevel.COUNTY, DivisionLevel.PROVINCE)),
        length_km=draw.extent(),
        agreement_no=draw.text(),
        legal_status=draw.chance.choice(list(LegalStatus)),
        period=draw.period(),
    )


def _marker(draw: Draw, number: int) -> Record:
    side = DivisionCode(UNITS[0]), DivisionCode(UNITS[1])
    return BoundaryMarker(
        number=MarkerNumber(f"{number + 1:03}{draw.chance.choice(('', *'QABCDE'))}"),
        line_code=LineCode.between(*side),
        kind=draw.chance.choice(list(MarkerKind)),
        provenance=draw.provenance(),
        position=draw.point(),
        height_m=draw.number(),
        material=draw.text(),
        responsible_side=draw.chance.choice((None, *side)),
        period=draw.period(),
    )


def _road(draw: Draw, number: int) -> Record:
    chance = draw.chance
    return Road(
        id=f"{number:03}-{draw.text()[:20]}".strip(),
        name=draw.name(),
        provenance=draw.provenance(),
        geometry=draw.line(),
        grade=draw.text(),
        width_m=draw.extent(),
        length_m=draw.extent(),
        unit_code=chance.choice((None, draw.code())),
        status=chance.choice(list(NameStatus)),
        period=draw.period(),
    )


MAKERS: dict[RecordKind, Callable[[Draw, int], Record]] = {
    RecordKind.PLACE_NAMES: _place,
    RecordKind.UNITS: _unit,
    RecordKind.BOUNDARY_LINES: _line,
    RecordKind.MARKERS: _marker,
    RecordKind.ROADS: _road,
}


def records_of(kind: RecordKind, seed: int, count: int, *, longest: int = _LONG) -> list[Record]:
    """Records of a kind, no two of one identity; the same seed makes the same."""
    draw = Draw(random.Random(f"{kind}{seed}"), longest=longest)  # noqa: S311 - no secret
    return [MAKERS[kind](draw, number) for number in range(count)]
