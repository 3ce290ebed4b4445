"""Within which area a name may not repeat: the table `duplicate_scopes` as bases of rules."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Severity
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.lexicons import Cells, lexicon
from geo_service.rules.base import Basis
from geo_service.rules.names._subjects import EXISTING, NEW, OLD_STANDING, PROTECTED

UNKNOWN = "unknown"
"""Scope of a neighbour when the unit of one of the two is not known: a person must look."""

_INSIDE = {
    "township": ("township",),
    "county": ("township", "county"),
    "built_up_area": ("built_up_area",),
    "urban_districts": ("built_up_area", "urban_districts"),
    "city": ("built_up_area", "urban_districts", "city"),
    "province": ("township", "county", "province"),
    "nation": ("nation",),
}
"""For each scope the narrower ones that it contains: a breach there is a breach here."""

SCOPE_TEXTS = {
    "township": Text("同一乡镇", "the same township"),
    "county": Text("同一县级行政区域", "the same county-level unit"),
    "built_up_area": Text("同一建成区", "the same built-up area"),
    "urban_districts": Text("市区（市辖区）", "the urban districts"),
    "city": Text("全市范围", "the whole city"),
    "province": Text("同一省级行政区域", "the same province"),
    "nation": Text("全国", "the whole country"),
    UNKNOWN: Text("位置待核的范围", "an area still to be checked"),
}

_LOCAL = ("township", "county", "built_up_area", "urban_districts", UNKNOWN)
"""Areas small enough that one who goes there may take one name for another."""

_USUAL = {
    FeatureType.VILLAGE: "county",
    FeatureType.UNIT: "nation",
    FeatureType.NATURAL: "nation",
}
_USUAL_ELSEWHERE = "built_up_area"

_CAPS = (Severity.PROHIBITED, Severity.HUMAN, Severity.INFO)
"""How far circumstances (status, class, an accepted pair) may lower a finding."""


def usual_scope(kind: FeatureType) -> str:
    """The area within which names of a type are compared where nothing else is known."""
    return _USUAL.get(kind, _USUAL_ELSEWHERE)


def aspect_of(scope: str, at_most: Severity) -> str:
    """The aspect of evidence in a scope that circumstances keep at or below a severity."""
    return scope if at_most > Severity.HUMAN else f"{scope}:{at_most.word}"


def case_of(aspect: str) -> str:
    """What a reader is told of an aspect: of one that circumstances keep low, how low it is kept
    (`:human`, `:info`), wherever it lies; of one that is likeness by other than sound, its scope.
    """
    scope, colon, cap = aspect.partition("/")[0].partition(":")
    return colon + cap if colon else scope


def scope_bases(fault: str) -> tuple[Basis, ...]:
    """One basis for each article, type, scope and cap that speaks of the fault.

    `fault` is the column of the table that weighs it for new names.
    """
    table = lexicon("duplicate_scopes", "instrument", "article", "feature_type", "scope")
    return tuple(
        basis
        for row in table.rows
        if row[fault]
        for scope in (*_INSIDE[row["scope"]], UNKNOWN)
        for cap in _CAPS
        for basis in _bases(row, fault, scope, cap)
    )


def likeness_bases() -> tuple[Basis, ...]:
    """The project's own question on what is easily confused, where no article speaks of it."""
    return tuple(
        Basis("GOOD_PRACTICE", "likeness", severity, aspect_of(scope, cap), standings)
        for scope in _LOCAL
        for cap in (Severity.PROHIBITED, Severity.INFO)
        for severity, standings in (
            (min(Severity.HUMAN, cap), NEW),
            (Severity.INFO, EXISTING | PROTECTED),
        )
    )


def _bases(row: Cells, fault: str, scope: str, cap: Severity) -> Iterator[Basis]:
    """Where an unknown place lies only a person can say; old names are judged more mildly.

    What merely resembles another name is no reason to touch a name that stands, and what
    circumstances make a question is none at all.
    """
    instrument, article = row["instrument"], row["article"]
    kind = FeatureType(row["feature_type"])
    new = min(Severity.from_word(row[fault]), cap)
    new = min(new, Severity.HUMAN) if scope == UNKNOWN else new
    stands = kind in OLD_STANDING or fault not in ("same_name", "same_sound")
    old = Severity.INFO if stands else min(new, Severity.HUMAN)
    aspect, types = aspect_of(scope, cap), frozenset((kind,))
    yield Basis(instrument, article, new, aspect, NEW, types)
    if cap is Severity.HUMAN:
        return
    yield Basis(instrument, article, old, aspect, EXISTING, types)
    yield Basis(instrument, article, Severity.INFO, aspect, PROTECTED, types)
