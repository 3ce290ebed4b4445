"""What the rules on foreign places and on foreign persons share: bases, hits, doubts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.characters import in_standard_characters
from geo_service.language.normalise import normal_form
from geo_service.language.split import generic_of, split_name
from geo_service.lexicons import Cells, lexicon
from geo_service.rules.base import Basis
from geo_service.rules.names import NameCase
from geo_service.rules.names._facilities import has_exempt_word
from geo_service.rules.names._subjects import (
    ALL,
    BUILT,
    EXISTING,
    KEPT,
    NEW,
    OLD_STANDING,
    PROTECTED,
    ROADS,
)
from geo_service.rules.names._words import Hit, untouched, word_set

_EXEMPT = Text(
    "“{word}”是否属历史久远、纪念、友好交往或者合法企业名称的例外？",
    "Is '{word}' exempt as old, commemorative, a token of friendship or a lawful firm name?",
)
_QUESTIONS = {
    "known": _EXEMPT,
    "commemorative": _EXEMPT,
    "doubtful": Text(
        "“{word}”是指该外国地名、人名，还是汉语字面义？",
        "Does '{word}' mean the foreign place or person, or the Chinese sense of its characters?",
    ),
    "homograph": Text(
        "“{word}”是指外国城市，还是国内同名地方？",
        "Does '{word}' mean the foreign city, or a place in China of the same name?",
    ),
}

FOREIGN_NAME_BASES = (
    Basis("L22", "9(5)", Severity.PROHIBITED, "known", NEW),
    Basis("L22", "9(5)", Severity.HUMAN, "doubtful", NEW),
    Basis("L22", "9(5)", Severity.HUMAN, "homograph", NEW, BUILT),
    Basis("L22", "9(5)", Severity.HUMAN, "commemorative", NEW),
    Basis("QDR", "5(6)", Severity.PROHIBITED, "known", NEW, ROADS),
    Basis("L96", "8", Severity.ADVISED_AGAINST, "known", NEW),
    Basis("L96", "8", Severity.HUMAN, "doubtful", NEW),
    Basis("L96", "8", Severity.HUMAN, "commemorative", NEW),
    Basis("N18", "2", Severity.ADVISED_AGAINST, "known", NEW | EXISTING, BUILT),
    Basis("N18", "2", Severity.HUMAN, "known", EXISTING, ALL - BUILT - OLD_STANDING),
    Basis("N18", "2", Severity.HUMAN, "doubtful", EXISTING, BUILT),
    Basis("N18", "2", Severity.HUMAN, "homograph", NEW | EXISTING, BUILT),
    Basis("N18", "2", Severity.INFO, "known", EXISTING, OLD_STANDING),
    Basis("N18", "2", Severity.INFO, "known", PROTECTED),
    Basis("N18", "2", Severity.INFO, "commemorative", KEPT),
)
"""Short of certainty a person decides; what is old or commemorates is at most asked about."""


def plain_form(name: str) -> str:
    """The normal form in standard characters: 曼哈頓 is Manhattan, 堅尼地城 lies in Hong Kong."""
    return in_standard_characters(normal_form(name))


@cache
def _rows(table: str) -> dict[str, list[str]]:
    """The rows of a list of foreign names by name: of thousands only the one met is built."""
    return lexicon(table, "name").by("name")


@cache
def _names(table: str) -> frozenset[str]:
    return frozenset(_rows(table))


@cache
def listed_foreign_names() -> frozenset[str]:
    """Every listed place and person."""
    return _names("foreign_names") | _names("foreign_persons")


def foreign_name_evidence(
    case: NameCase, table: str, message: Callable[[Cells], Text]
) -> Iterator[Evidence]:
    """The listed names that stand in the case, none where a Chinese homograph is meant.

    `message` makes the text, with {word} left open, from the row of the list.
    """
    name = plain_form(case.name)
    for hit in untouched(name, _names(table), word_set("foreign_homographs")):
        cells = lexicon(table, "name").row(_rows(table)[hit.word])
        aspect = _aspect(hit, cells["renown"])
        if aspect == "known" and has_exempt_word(case, "memorial", hit.end):
            aspect = "commemorative"
        if aspect == "known" and _names_old_place(name, hit, cells, case.feature_type):
            aspect = "doubtful"
        yield Evidence(
            message=message(cells).fill(word=hit.word),
            key=hit.word,
            aspect=aspect,
            question=_QUESTIONS[aspect].fill(word=hit.word),
        )


def _aspect(hit: Hit, renown: str) -> str:
    """A lesser-known name, or two characters behind others, may meet by chance (牛|剑桥)."""
    if renown == "known" and len(hit.word) == 2 and hit.start:
        return "doubtful"
    return "doubtful" if renown == "lesser" else renown


def _names_old_place(name: str, hit: Hit, cells: Cells, kind: FeatureType) -> bool:
    """Whether the hit may belong to an old name of the country, that of a village or a lake.

    罗马庄路 is the road of a 罗马庄, 罗马湖路 that of a 罗马湖; the generic of an estate is none of
    a village (罗马家园), an estate takes the water for its colour (巴黎湾花园), and a river abroad
    stays one (塞纳河路, 日内瓦湖路).
    """
    settled = name if kind is FeatureType.VILLAGE else split_name(name, kind).specific
    rest = settled[hit.end :]
    if not rest:
        return False
    if generic_of(rest, FeatureType.VILLAGE) == rest:
        return True
    if kind in BUILT or len(hit.word) > 2 or cells.get("kind") == "natural":
        return False
    return generic_of(rest, FeatureType.NATURAL) == rest
