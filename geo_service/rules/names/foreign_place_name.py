"""NM-FOR-01: a foreign place or person as a name in China."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.lexicons import Cells, lexicon
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import NameCase, NameContext, Standing, clean, flagged
from geo_service.rules.names._subjects import ALL, BUILT, EXISTING, NEW, OLD_STANDING, PROTECTED
from geo_service.rules.names._words import Hit, untouched, word_set

_MESSAGE = Text("含有外国{kind}“{word}”", "holds the foreign {kind} name '{word}'")
_KINDS = {
    "country": Text("国名", "country"),
    "person": Text("人名", "person's"),
}
_PLACE = Text("地名", "place")
_QUESTION = Text(
    "“{word}”是指该外国地名，还是汉语字面义？",
    "Does '{word}' mean the foreign place, or the Chinese sense of its characters?",
)
_EXEMPT = Text(
    "“{word}”是否属历史久远、纪念、友好交往或者合法企业名称的例外？",
    "Is '{word}' exempt as old, commemorative, a token of friendship or a lawful firm name?",
)


@cache
def _foreign() -> dict[str, Cells]:
    return {cells["name"]: cells for cells in lexicon("foreign_names", "name").rows}


@cache
def _foreign_words() -> frozenset[str]:
    return frozenset(_foreign())


def _is_doubtful(name: str, specific_length: int, hit: Hit) -> bool:
    """A lesser-known town, or two characters in the middle of others, may meet by chance."""
    if _foreign()[hit.word]["renown"] == "lesser":
        return True
    at_edge = hit.start == 0 or hit.end in (specific_length, len(name))
    return len(hit.word) == 2 and not at_edge


def _check(case: NameCase, _context: NameContext) -> Iterator[Evidence]:
    name = normal_form(case.name)
    for hit in untouched(name, _foreign_words(), word_set("foreign_homographs")):
        specific = split_name(name, case.feature_type).specific
        doubtful = _is_doubtful(name, len(specific), hit)
        kind = _KINDS.get(_foreign()[hit.word]["kind"], _PLACE)
        yield Evidence(
            message=Text(
                _MESSAGE.zh.format(kind=kind.zh, word=hit.word),
                _MESSAGE.en.format(kind=kind.en, word=hit.word),
            ),
            key=hit.word,
            aspect="doubtful" if doubtful else "known",
            question=(_QUESTION if doubtful else _EXEMPT).fill(word=hit.word),
        )


_NEWER = ALL - BUILT - OLD_STANDING

RULE = Rule(
    id="NM-FOR-01",
    slug="foreign_place_name",
    version=1,
    title=Text("以外国人名、地名命名", "Foreign person or place as a name"),
    category="洋",
    quality=Quality.THEMATIC,
    basis=(
        Basis("L22", "9(5)", Severity.PROHIBITED, "known", NEW),
        Basis("L22", "9(5)", Severity.HUMAN, "doubtful", NEW),
        Basis("QDR", "5(6)", Severity.PROHIBITED, "known", NEW, frozenset((FeatureType.ROAD,))),
        Basis("L96", "8", Severity.ADVISED_AGAINST, "known", NEW),
        Basis("L96", "8", Severity.HUMAN, "doubtful", NEW),
        Basis("N18", "2", Severity.ADVISED_AGAINST, "known", NEW | EXISTING, BUILT),
        Basis("N18", "2", Severity.HUMAN, "known", EXISTING, _NEWER),
        Basis("N18", "2", Severity.HUMAN, "doubtful", EXISTING, BUILT),
        Basis("N18", "2", Severity.INFO, "known", EXISTING, OLD_STANDING),
        Basis("N18", "2", Severity.INFO, "known", PROTECTED),
    ),
    check=_check,
    examples=(
        flagged(
            "曼哈顿广场",
            FeatureType.ESTATE,
            Severity.PROHIBITED,
            Text("通知自举之例", "the notice's own example"),
        ),
        flagged(
            "曼哈顿广场",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("2021年尚无行政法规的明文禁止", "no regulation forbade it in 2021"),
            on=date(2021, 6, 1),
        ),
        flagged(
            "威尼斯花园",
            FeatureType.ESTATE,
            Severity.ADVISED_AGAINST,
            Text("既有小区名列入清理", "an existing estate is for the clean-up"),
            standing=Standing.EXISTING,
        ),
        flagged(
            "桑德兰路",
            FeatureType.ROAD,
            Severity.HUMAN,
            Text("不为人熟知的城市，可能只是巧合", "a lesser-known town: chance is likely"),
        ),
        clean("台湾路", FeatureType.ROAD, Text("中国地名", "a Chinese place")),
        clean("香港中路", FeatureType.ROAD, Text("中国地名", "a Chinese place")),
        clean("德州路", FeatureType.ROAD, Text("山东省德州市", "Dezhou in Shandong")),
        clean(
            "长泰国际公寓",
            FeatureType.ESTATE,
            Text("“泰国”二字跨词，不是国名", "泰国 straddles two words here"),
        ),
    ),
    trap=Text(
        "同形汉语词（德州、东京、国际前的“泰、英、美”）不是外国地名；香港、澳门、台湾的地名都是中国地名",
        "Chinese homographs are not foreign; places of Hong Kong, Macao and Taiwan are Chinese",
    ),
    handling=Text(
        "换用当地地名或汉语词；历史久远、纪念和友好性质的既有名称由人认定",
        "use a local or Chinese word; old, commemorative and friendship names are for a person",
    ),
)
