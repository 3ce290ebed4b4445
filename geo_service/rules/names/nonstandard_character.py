"""NM-CHAR-01: a character outside the table of 8,105 standard characters."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.characters import is_han, is_local, is_standard, standard_form
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import ALL, KEPT, NEW, VILLAGES

_FORM = Text(
    "“{character}”（{point}）不是规范汉字，规范字形为“{standard}”",
    "'{character}' ({point}) is not a standard character; the standard form is '{standard}'",
)
_OUTSIDE = Text(
    "“{character}”（{point}）不在《通用规范汉字表》8105字之内",
    "'{character}' ({point}) is not among the 8,105 characters of the standard table",
)
_CORRECTED = Text("改用规范字：{name}", "use the standard characters: {name}")
_QUESTION = Text(
    "“{character}”是否为语言文字主管部门审定可用的地方用字？",
    "Has the language authority accepted '{character}' as a local character?",
)
_WRITING = Text(
    "批准文件中用的是否即为“{character}”？",
    "Does the approval itself write '{character}'?",
)


def _corrected(name: str) -> str:
    forms = ((c, standard_form(c)) for c in name)
    return "".join(other.standard if other else c for c, other in forms)


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    for character in dict.fromkeys(case.name):
        if is_standard(character) or not is_han(character) or character == "〇":
            continue
        facts = {"character": character, "point": f"U+{ord(character):04X}"}
        other = standard_form(character)
        if other is not None:
            yield Evidence(
                message=_FORM.fill(standard=other.standard, **facts),
                key=character,
                aspect="variant" if other.variant else "traditional",
                question=(_QUESTION if other.variant else _WRITING).fill(character=character),
                suggestion=_CORRECTED.fill(name=_corrected(case.name)),
            )
        elif not is_local(character, context.city.code):
            yield Evidence(
                message=_OUTSIDE.fill(**facts),
                key=character,
                aspect="outside",
                question=_QUESTION.fill(character=character),
            )


RULE = Rule(
    id="NM-CHAR-01",
    slug="nonstandard_character",
    version=1,
    title=Text("使用非规范汉字", "Character outside the national standard"),
    category="怪",
    quality=Quality.DOMAIN,
    basis=(
        Basis("L22", "9(3)", Severity.PROHIBITED, "traditional", NEW),
        Basis("TGH13", "table", Severity.ADVISED_AGAINST, "traditional", NEW),
        Basis("TGH13", "table", Severity.HUMAN, "traditional", KEPT, ALL - VILLAGES),
        Basis("TGH13", "table", Severity.INFO, "traditional", KEPT, VILLAGES),
        Basis("TGH13", "table", Severity.HUMAN, "variant", NEW),
        Basis("L22", "9(3)", Severity.HUMAN, "variant", NEW),
        Basis("TGH13", "table", Severity.INFO, "variant", KEPT),
        Basis("L22", "9(3)", Severity.HUMAN, "outside", NEW),
        Basis("L86", "4(5)", Severity.HUMAN, "outside", NEW),
        Basis("TGH13", "table", Severity.HUMAN, "outside", NEW),
        Basis("TGH13", "table", Severity.INFO, "outside", KEPT),
    ),
    check=_check,
    examples=(
        flagged(
            "嶗山路",
            FeatureType.ROAD,
            Severity.PROHIBITED,
            Text("“嶗”是繁体，规范字为“崂”", "嶗 is traditional for 崂"),
        ),
        flagged(
            "㵘水湾家园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("“㵘”不在表内，也无对应规范字", "㵘 is not in the table and has no standard form"),
        ),
        flagged(
            "紅岛村",
            FeatureType.VILLAGE,
            Severity.INFO,
            Text("既有村名只作提示", "an existing village name is only noted"),
            standing=Standing.EXISTING,
        ),
        flagged(
            "霑化路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("“霑”是异体，不是简单的繁体", "霑 is a variant, not just a traditional form"),
        ),
        clean(
            "崂山路",
            FeatureType.ROAD,
            Text("“崂”为二级字", "崂 is a level-two character"),
        ),
        clean(
            "乾坤路",
            FeatureType.ROAD,
            Text("“乾”读qián时是规范字，不得改“干”", "乾 read qián is standard, not 干"),
        ),
    ),
    trap=Text(
        "“乾、藉、瞭”等在表内有独立字义，不是繁体；部分地方字经审定可用",
        "乾, 藉, 瞭 stand in the table with their own sense; some local characters are accepted",
    ),
    handling=Text(
        "核对字形；确为地方用字的，附语言文字主管部门审定材料",
        "check the form; for a local character attach the decision of the language authority",
    ),
)
