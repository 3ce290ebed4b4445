"""NM-ODD-02: digits and numbers without a set meaning, alone or mixed with characters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import NUMERALS, split_name
from geo_service.lexicons import lexicon
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW, PROTECTED

_DIGITS = frozenset("0123456789")
_FORMAL = "零壹贰叁肆伍陆柒捌玖拾"
_ANY = "".join(sorted(NUMERALS)) + _FORMAL + "两半"
_NUMBERS = frozenset(_ANY)
_FIRST = frozenset(("1号", "一号", "壹号"))
"""A claim to be the first has a rule of its own (NM-ODD-01)."""

_MESSAGES = {
    "mixed": Text("数字与汉字混用“{found}”", "mixes digits with characters: '{found}'"),
    "digits": Text("专名只有数字“{found}”", "the specific is digits only: '{found}'"),
    "spoken": Text(
        "专名是没有特定含义的数词或者数量词“{found}”",
        "the specific is a number or a measure without a set meaning: '{found}'",
    ),
}
_QUESTION = Text(
    "“{found}”有无特定含义（纪念日、历史数字、法定编号、经核准的企业名称）？",
    "Has '{found}' a set meaning (a day, a number of history, a lawful number or firm name)?",
)


@cache
def _set_meanings() -> frozenset[str]:
    return frozenset(row["number"] for row in lexicon("meaningful_numbers", "number").rows)


def _measures(use: str) -> str:
    words = [r["measure"] for r in lexicon("measure_words", "measure").rows if r["use"] == use]
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


@cache
def _unit() -> re.Pattern[str]:
    """A number with a unit of measurement, a sum (一加一) or a decimal (三点一四), anywhere."""
    return re.compile(rf"[{_ANY}]++(?:{_measures('unit')})|[{_ANY}]++[加减乘点][{_ANY}]+")


@cache
def _whole() -> re.Pattern[str]:
    """Numbers and measure words, nothing else."""
    both = f"{_measures('unit')}|{_measures('whole')}"
    return re.compile(rf"(?:[{_ANY}]++(?:{both})?+)++")


def _seen(name: str, specific: str) -> tuple[str, str] | None:
    """The kind of oddity with the characters that show it, None where there is none."""
    if specific in _set_meanings() or specific in _FIRST:
        return None
    if specific.isascii() and specific.isdecimal():
        return "digits", specific
    if not _DIGITS.isdisjoint(specific):
        return "mixed", specific
    unit = _unit().search(name)
    if unit is not None:
        return "spoken", unit.group()
    if len(specific) > 1 and _whole().fullmatch(specific):
        return "spoken", specific
    return None


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    if _NUMBERS.isdisjoint(name):
        return
    seen = _seen(name, split_name(name, case.feature_type).specific)
    if seen is not None:
        kind, found = seen
        yield Evidence(
            message=_MESSAGES[kind].fill(found=found),
            key=found,
            aspect=kind,
            question=_QUESTION.fill(found=found),
        )


RULE = Rule(
    id="NM-ODD-02",
    slug="odd_number",
    version=2,
    title=Text("无特定含义的数字", "Number without a set meaning"),
    category="怪",
    quality=Quality.THEMATIC,
    basis=(
        *(
            basis
            for aspect in ("digits", "mixed")
            for basis in (
                Basis("N18", "3", Severity.ADVISED_AGAINST, aspect, NEW | EXISTING, BUILT),
                Basis("N18", "3", Severity.INFO, aspect, PROTECTED, BUILT),
                Basis("L22", "9(1)", Severity.HUMAN, aspect, NEW, BUILT),
            )
        ),
        Basis("N18", "3", Severity.HUMAN, "spoken", NEW | EXISTING, BUILT),
        Basis("N18", "3", Severity.INFO, "spoken", PROTECTED, BUILT),
        Basis("L22", "9(1)", Severity.HUMAN, "spoken", NEW, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "77大厦",
            FeatureType.BUILDING,
            Severity.ADVISED_AGAINST,
            Text("专名只有数字", "digits alone"),
        ),
        flagged(
            "2加2公寓",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("数字与汉字混用", "digits and characters mixed"),
            on=date(2019, 6, 1),
            standing=Standing.EXISTING,
        ),
        flagged(
            "三盎司公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("以数量词为专名", "a measure as specific"),
        ),
        flagged(
            "三点一四公寓",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("读出的小数", "a decimal read aloud"),
        ),
        flagged(
            "九号公馆",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("只有编号，没有专名", "a number, no specific"),
        ),
        clean(
            "八一大厦",
            FeatureType.BUILDING,
            Text("纪念日有特定含义", "a day of commemoration"),
        ),
        clean(
            "五里河花园",
            FeatureType.ESTATE,
            Text("“里”在地名中常见，不按计量单位论", "里 is common in place names, no unit here"),
        ),
        clean(
            "三亩塘家园",
            FeatureType.ESTATE,
            Text("数量词之外另有专名用字", "more than a measure"),
        ),
        clean(
            "二十里铺村",
            FeatureType.VILLAGE,
            Text("既有村名", "an existing village"),
            standing=Standing.EXISTING,
        ),
    ),
    trap=Text(
        "旧地名中的汉字数词（七里河、八大关、三亩塘）和纪念日（五四、三八）不属此类",
        "Chinese numerals in old names and days of commemoration are no fault",
    ),
    handling=Text(
        "换用有含义的专名；属企业名称或者法定编号的附证明由人认定",
        "a specific with a meaning is needed; firm names and lawful numbers are for a person",
    ),
)
