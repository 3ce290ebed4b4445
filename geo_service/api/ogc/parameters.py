"""Parameters of OGC requests: read strictly, and described for OpenAPI in the same place.

Every mistake is told with the parameter and what it should hold; nothing is ignored. What was read
is kept by the text of the query, for the same questions come again and again.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from geo_service.errors import InputError
from geo_service.services.drafts.collections import DRAFT_COLLECTIONS
from geo_service.services.serving.collections import collection
from geo_service.services.serving.fields import FieldType
from geo_service.services.serving.filtering import Language, read_filter
from geo_service.services.serving.filtering.scalars import ordinal_of
from geo_service.services.serving.moments import day_of, moment_of
from geo_service.services.serving.selecting import Area, Question
from geo_service.services.serving.systems import CRS84, System, system

if TYPE_CHECKING:
    from datetime import date, datetime

    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.fields import Field, Scalar
    from geo_service.store.protocol import Box

DEFAULT_LIMIT = 10
MAX_LIMIT = 10_000
MAX_OFFSET = 100_000_000
_PAGING = ("limit", "offset", "after", "before")
_ASKING = ("bbox", "bbox-crs", "datetime", "filter", "filter-lang", "filter-crs")
_VIEW = ("as_of", "known_at")
_FORM = ("f", "lang")
OF_DOCUMENT = frozenset(_FORM)
OF_ITEM = frozenset((*_VIEW, "crs", *_FORM))
OF_ITEMS = frozenset((*OF_ITEM, *_PAGING, *_ASKING))
_WHOLE = re.compile(r"[0-9]{1,9}")
_OPEN = ("..", "")


@dataclass(frozen=True, slots=True)
class When:
    """Which state of the register is asked for; None for now."""

    as_of: date | None = None
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of an answer: by number, or from an id onward or backward."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for features, read. `kept` are the parameters that links to other pages carry."""

    question: Question
    page: Page
    when: When
    system: System
    kept: tuple[tuple[str, str], ...]


def read_pairs(query: str, known: frozenset[str]) -> dict[str, str]:
    """The parameters of a query, each known and given once.

    Raises InputError parameter_unknown, parameter_repeated, query_value_malformed.
    """
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=50)
    except ValueError as error:
        raise InputError("query_value_malformed", name="?", expected="UTF-8") from error
    for name, value in pairs:
        if name not in known:
            raise InputError("parameter_unknown", name=name[:80], known=", ".join(sorted(known)))
        if name in found:
            raise InputError("parameter_repeated", name=name)
        if "\x00" in value:
            raise InputError("query_value_malformed", name=name, expected="NUL")
        found[name] = value
    if found.get("lang", "zh") not in ("zh", "en"):
        raise InputError("query_value_unknown", name="lang", known="zh, en")
    return found


def _whole(pairs: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    text = pairs.get(name)
    if text is None:
        return default
    if not _WHOLE.fullmatch(text) or int(text) < low:
        raise InputError("query_value_malformed", name=name, expected=f"{low}–{high}")
    return min(int(text), high)


def read_when(pairs: dict[str, str]) -> When:
    """`as_of` and `known_at`. Raises InputError query_value_malformed."""
    as_of = known_at = None
    if "as_of" in pairs:
        as_of = day_of(pairs["as_of"]) if len(pairs["as_of"]) == 10 else None
        if as_of is None:
            raise InputError("query_value_malformed", name="as_of", expected="YYYY-MM-DD")
    if "known_at" in pairs:
        known_at = moment_of(pairs["known_at"])
        if known_at is None:
            expected = "YYYY-MM-DDThh:mm:ssZ"
            raise InputError("query_value_malformed", name="known_at", expected=expected)
    return When(as_of, known_at)


@lru_cache(maxsize=2048)
def read_item(query: str, plane_epsg: int) -> tuple[When, System]:
    """The parameters of a request for one feature. Raises InputError."""
    pairs = read_pairs(query, OF_ITEM)
    return read_when(pairs), system(pairs.get("crs", CRS84), plane_epsg, "crs")


@lru_cache(maxsize=2048)
def read_items(collection_id: str, query: str, plane_epsg: int) -> Asked:
    """The parameters of a request for features. Raises InputError, NotFound."""
    wanted = DRAFT_COLLECTIONS.get(collection_id) or collection(collection_id)
    fields = {field.name: field for field in wanted.fields}
    pairs = read_pairs(query, OF_ITEMS | fields.keys())
    page = Page(
        _whole(pairs, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        _whole(pairs, "offset", 0, 0, MAX_OFFSET),
        pairs.get("after"),
        pairs.get("before"),
    )
    if page.after is not None and page.before is not None:
        raise InputError("parameters_exclude", one="after", other="before")
    question = Question(
        area=_area(pairs, plane_epsg),
        days=_days(pairs),
        values=tuple(
            (field, _value(field, pairs[name])) for name, field in fields.items() if name in pairs
        ),
        filter=_filter(pairs, wanted, plane_epsg),
    )
    kept = tuple((name, value) for name, value in pairs.items() if name not in _PAGING[1:])
    served = system(pairs.get("crs", CRS84), plane_epsg, "crs")
    return Asked(question, page, read_when(pairs), served, kept)


def _value(field: Field, text: str) -> Scalar:
    """The value of a field as its parameter writes it."""
    if field.type is FieldType.DATE:
        found = day_of(text) if len(text) == 10 else None
        if found is None:
            raise InputError("query_value_malformed", name=field.name, expected="YYYY-MM-DD")
        return text
    if field.type is FieldType.TEXT:
        if field.choices and text not in field.choices:
            known = ", ".join(field.choices)
            raise InputError("query_value_unknown", name=field.name, known=known)
        return text
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError("query_value_malformed", name=field.name, expected="0.0")
    return number


def _numbers(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        return []
    return numbers if all(map(math.isfinite, numbers)) else []


def _area(pairs: dict[str, str], plane_epsg: int) -> Area | None:
    asked = system(pairs.get("bbox-crs", CRS84), plane_epsg, "bbox-crs")
    if "bbox" not in pairs:
        return None
    numbers = _numbers(pairs["bbox"])
    if len(numbers) not in (4, 6):
        raise InputError("query_value_malformed", name="bbox", expected="n,n,n,n")
    half = len(numbers) // 2
    box = (*numbers[:2], *numbers[half : half + 2])
    if asked.plane_epsg is not None:
        if box[0] > box[2] or box[1] > box[3] or max(map(abs, box)) > 1e9:
            raise InputError("query_value_malformed", name="bbox", expected="n,n,n,n")
        outline = asked.area((box[0], box[1], box[2], box[3]))
        if not all(map(math.isfinite, outline.bounds)):
            raise InputError("query_value_malformed", name="bbox", expected=asked.uri)
        return Area(outline=outline)
    west, south, east, north = (box[1], box[0], box[3], box[2]) if asked.swapped else box
    return Area(_degrees(west, south, east, north))


def _degrees(west: float, south: float, east: float, north: float) -> tuple[Box, ...]:
    """The box, or the two boxes of one that spans the antimeridian."""
    if south > north or min(west, east) < -180 or max(west, east) > 180:
        raise InputError("query_value_malformed", name="bbox", expected="-180–180, -90–90")
    if south < -90 or north > 90:
        raise InputError("query_value_malformed", name="bbox", expected="-180–180, -90–90")
    if west > east:
        return (west, south, 180.0, north), (-180.0, south, east, north)
    return ((west, south, east, north),)


def _days(pairs: dict[str, str]) -> tuple[float, float] | None:
    if "datetime" not in pairs:
        return None
    ends = pairs["datetime"].split("/")
    if len(ends) == 1 and ends[0] not in _OPEN:
        ends *= 2
    days = [None if end in _OPEN else day_of(end) for end in ends]
    unread = any(day is None and end not in _OPEN for day, end in zip(days, ends, strict=True))
    if len(ends) != 2 or unread or days == [None, None]:
        expected = "YYYY-MM-DD, YYYY-MM-DDThh:mm:ssZ, a/b, ../b, a/.."
        raise InputError("query_value_malformed", name="datetime", expected=expected)
    first = -math.inf if days[0] is None else ordinal_of(days[0])
    last = math.inf if days[1] is None else ordinal_of(days[1])
    if first > last or _backwards(ends):
        raise InputError("query_value_malformed", name="datetime", expected="a ≤ b")
    return first, last


def _backwards(ends: list[str]) -> bool:
    """Whether two moments of one day come in the wrong order."""
    moments = [moment_of(end) for end in ends]
    return None not in moments and moments[0] > moments[1]  # type: ignore[operator]


def _filter(pairs: dict[str, str], wanted: Collection, plane_epsg: int) -> Any:
    name = pairs.get("filter-lang", Language.TEXT)
    try:
        written_in = Language(name)
    except ValueError as error:
        known = ", ".join(Language)
        raise InputError("query_value_unknown", name="filter-lang", known=known) from error
    asked = system(pairs.get("filter-crs", CRS84), plane_epsg, "filter-crs")
    if "filter" not in pairs:
        return None
    return read_filter(pairs["filter"], written_in, wanted, asked)
