"""Values of requests as they are described: a truth value is no number, a number is no moment.

pydantic alone takes `true` for 1, "yes" for true, and 0.5 for half a second after New Year 1970.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Strict
from pydantic_core import PydanticKnownError

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _as_day(value: Any) -> Any:
    if isinstance(value, int | float):
        raise PydanticKnownError("date_type")
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise PydanticKnownError("date_parsing", {"error": ""})
    return value


def _as_moment(value: Any) -> Any:
    if isinstance(value, int | float):
        raise PydanticKnownError("datetime_type")
    if isinstance(value, str) and not _DAY.match(value):
        raise PydanticKnownError("datetime_parsing", {"error": ""})
    return value


Truth = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Number = Annotated[float, Strict()]
Day = Annotated[date, BeforeValidator(_as_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_as_moment)]
