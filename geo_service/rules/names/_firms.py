"""The trade name (字号) inside the registered name of a firm."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from geo_service.lexicons import lexicon

_SHORTEST = 2
_DIVISION = "省市区县"


@cache
def _parts(part: str) -> tuple[str, ...]:
    rows = lexicon("firm_forms", "word").rows
    words = [row["word"] for row in rows if row["part"] == part]
    return tuple(sorted(words, key=len, reverse=True))


@cache
def _end() -> re.Pattern[str]:
    """Where the trade name ends: line of business or legal form."""
    return re.compile("|".join(map(re.escape, _parts("trade") + _parts("form"))))


@lru_cache(maxsize=1024)
def trade_name(applicant: str, places: frozenset[str]) -> str:
    """青岛澄澜置业有限公司 → 澄澜; empty where the applicant is no firm or has no trade name.

    A firm name is division + trade name + line of business + legal form; `places` are divisions
    besides those of the table.
    """
    if not any(form in applicant for form in _parts("form")):
        return ""
    known = sorted({*places, *_parts("place")}, key=lambda place: (-len(place), place))
    rest = _without_places(applicant, known)
    end = _end().search(rest)
    found = rest[: end.start()] if end else rest
    return found if len(found) >= _SHORTEST else ""


@cache
def _telling() -> re.Pattern[str]:
    rows = lexicon("firm_forms", "word").rows
    return re.compile("|".join(re.escape(row["word"]) for row in rows if row["tells"]))


def firm_word(name: str) -> str:
    """The first word in a name that tells a firm (集团, 银行), empty where there is none."""
    found = _telling().search(name)
    return found.group() if found else ""


def is_division(text: str, places: frozenset[str]) -> bool:
    """Whether the text is the short name of a division (青岛), of the table or of `places`."""
    return text in places or text in _parts("place")


def _without_places(applicant: str, places: list[str]) -> str:
    """The applicant without bracketed remarks and leading divisions, the longest of each."""
    rest = re.sub(r"[（(][^（()）]*[)）]", "", applicant)
    while True:
        place = next((place for place in places if rest.startswith(place)), "")
        if not place:
            return rest
        rest = rest.removeprefix(place)
        if rest[:1] and rest[0] in _DIVISION:
            rest = rest[1:]
