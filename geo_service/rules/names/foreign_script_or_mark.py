"""NM-CHAR-03: letters, digits, marks or invisible characters in a name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.characters import is_han
from geo_service.language.normalise import hidden_characters
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, clean, flagged
from geo_service.rules.names._subjects import (
    ALL,
    BUILT,
    EXISTING,
    FACILITIES,
    NEW,
    OLD_STANDING,
    PROTECTED,
)

_PHASE = re.compile(r"[（(][一二三四五六七八九十东西南北中]{1,3}(?:期|区|组团|地块)[）)]")
"""Phases and sections of an estate, （一期）, as approvals write them."""

_PLAIN = re.compile("[\u4e00-\u9fff]*").fullmatch
"""Chinese characters only: most names need no closer look."""

_MESSAGES = {
    "letter": Text("含有非汉字的文字“{found}”", "holds letters that are not Chinese: '{found}'"),
    "digit": Text("含有数字符号“{found}”", "holds digits: '{found}'"),
    "mark": Text("含有标点或其他符号“{found}”（{point}）", "holds a mark: '{found}' ({point})"),
    "hidden": Text(
        "第{position}字处有看不见的字符 {point}（{title}）",
        "an invisible character {point} ({title}) stands at position {position}",
    ),
    "phase": Text("含有分期分区附注“{found}”", "holds a note of phase or section: '{found}'"),
}
_PHASE_QUESTION = Text(
    "“{found}”是否应记入名称，还是仅作分期说明？",
    "Does '{found}' belong to the name, or does it only tell a phase?",
)
_COPIED = Text(
    "该字符是否由复制带入，应予删除？",
    "Did the character come in by copying, and is it to be removed?",
)
_NUMBERING = Text(
    "“{found}”是否为公路、高程点等设施的法定编号，或者经批准的名称用字？",
    "Is '{found}' a lawful number of a highway or spot height, or part of an approved name?",
)


def _kind(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("L"):
        return "letter"
    return "digit" if category.startswith("N") else "mark"


def _visible_runs(name: str) -> Iterator[tuple[str, str]]:
    """Runs of letters or of digits, and single marks; Chinese and hidden characters left out."""
    hidden = {h.position for h in hidden_characters(name)}
    kind, run = "", ""
    for position, character in enumerate(name):
        foreign = position not in hidden and not is_han(character)
        now = _kind(character) if foreign else ""
        if run and (now != kind or now == "mark"):
            yield kind, run
            run = ""
        kind, run = now, run + character if foreign else ""
    if run:
        yield kind, run


def _shown(run: str, kind: str) -> str:
    """Letters and digits with their code points where they only look like plain ones (Ⅱ)."""
    if kind == "mark" or run.isascii():
        return run
    points = (f"U+{ord(character):04X}" for character in dict.fromkeys(run))
    return " ".join([run, *points])


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    if _PLAIN(case.name):
        return
    for phase in _PHASE.findall(case.name):
        yield Evidence(
            message=_MESSAGES["phase"].fill(found=phase),
            key=phase,
            aspect="phase",
            question=_PHASE_QUESTION.fill(found=phase),
        )
    for kind, run in _visible_runs(_PHASE.sub("", case.name)):
        facts = {"found": _shown(run, kind), "point": f"U+{ord(run[0]):04X}"}
        yield Evidence(
            message=_MESSAGES[kind].fill(**facts),
            key=run,
            aspect=kind,
            question=_NUMBERING.fill(found=run),
        )
    for hidden in hidden_characters(case.name):
        yield Evidence(
            message=_MESSAGES["hidden"].fill(
                position=hidden.position + 1, point=hidden.code_point, title=hidden.title
            ),
            key=f"{hidden.position}:{hidden.code_point}",
            aspect="hidden",
            question=_COPIED,
        )


_ASPECTS = ("letter", "digit", "mark", "hidden")
_NEW_LAW = (
    Basis("L22", "9(3)", Severity.PROHIBITED, "letter", NEW, ALL - FACILITIES),
    Basis("L22", "9(3)", Severity.HUMAN, "letter", NEW, FACILITIES),
    Basis("L22", "9(3)", Severity.PROHIBITED, "digit", NEW, BUILT),
    Basis("L22", "9(3)", Severity.HUMAN, "digit", NEW, ALL - BUILT),
    Basis("L22", "9(3)", Severity.PROHIBITED, "mark", NEW, BUILT),
    Basis("L22", "9(3)", Severity.ADVISED_AGAINST, "mark", NEW, ALL - BUILT),
    Basis("L22", "9(3)", Severity.PROHIBITED, "hidden", NEW),
    Basis("L22", "9(3)", Severity.HUMAN, "phase", NEW),
)

RULE = Rule(
    id="NM-CHAR-03",
    slug="foreign_script_or_mark",
    version=2,
    title=Text("含字母、数字、标点或隐形字符", "Letters, digits, marks or invisible characters"),
    category="怪",
    quality=Quality.FORMAT,
    basis=(
        *_NEW_LAW,
        *(
            basis
            for aspect in _ASPECTS
            for basis in (
                Basis("N18", "3", Severity.ADVISED_AGAINST, aspect, NEW | EXISTING, BUILT),
                Basis("N18", "3", Severity.HUMAN, aspect, NEW, ALL - BUILT),
                Basis("N18", "3", Severity.HUMAN, aspect, EXISTING, ALL - BUILT - OLD_STANDING),
                Basis("N18", "3", Severity.INFO, aspect, EXISTING, OLD_STANDING),
                Basis("N18", "3", Severity.INFO, aspect, PROTECTED),
                Basis("SDB", "7(3)", Severity.HUMAN, aspect, NEW, BUILT),
            )
        ),
    ),
    check=_check,
    examples=(
        flagged(
            "EE新城",
            FeatureType.ESTATE,
            Severity.PROHIBITED,
            Text("拉丁字母", "Latin letters"),
        ),
        flagged(
            "海·岸公馆",
            FeatureType.ESTATE,
            Severity.PROHIBITED,
            Text("间隔号不是文字", "a middle dot is no character"),
        ),
        flagged(
            "88大厦",
            FeatureType.BUILDING,
            Severity.ADVISED_AGAINST,
            Text("2021年适用2018年通知", "in 2021 the notice of 2018 applies"),
            on=date(2021, 6, 1),
        ),
        flagged(
            "香港\u200b中路",
            FeatureType.ROAD,
            Severity.PROHIBITED,
            Text("夹有零宽空格", "a zero-width space inside"),
        ),
        flagged(
            "滨海嘉园（一期）",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("分期附注由人判断", "a phase is for a person to judge"),
        ),
        clean("五四广场", FeatureType.ESTATE, Text("汉字数词", "numerals in characters")),
        clean(
            "二〇一八路",
            FeatureType.ROAD,
            Text("“〇”是汉字数词", "〇 is a Chinese numeral"),
        ),
    ),
    trap=Text(
        "汉字数词、“〇”不是数字符号；高程点、公路编号等设施名可有编号",
        "numerals in characters and 〇 are no digits; spot heights and highways carry numbers",
    ),
    handling=Text(
        "改为规范汉字；隐形字符多由复制带入，删去即可",
        "use standard characters; invisible ones mostly come from copying and are just removed",
    ),
)
