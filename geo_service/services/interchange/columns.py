"""Which column of a file is which field: a table of names in Chinese, pinyin initials, English."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from geo_service.domain.change import RecordKind
from geo_service.domain.supporting.catalogue import LAYER_CLASSES
from geo_service.errors import ConfigError
from geo_service.lexicons import lexicon
from geo_service.services.interchange.dictionary import exchange_columns, exchange_words
from geo_service.services.interchange.issues import Issues

IMPORTABLE = (
    RecordKind.PLACE_NAMES,
    RecordKind.UNITS,
    RecordKind.BOUNDARY_LINES,
    RecordKind.MARKERS,
    RecordKind.ROADS,
)
READABLE = (*IMPORTABLE, RecordKind.BOUNDARY_NODES)
"""Kinds that can be read for a check; `import` keeps to those it promises."""
LEGAL = frozenset(READABLE) - {RecordKind.PLACE_NAMES}
"""Kinds whose place has legal weight: their coordinate system is never presumed."""

NAME_FACTS = "name-facts"
"""What an applicant tells beside a name to be checked: no kind of record, but columns."""

LAYER = "layer"
"""Layers handed in beside a review: no kind of record; they share the names of their columns."""

FACTS_OF: dict[str, str] = {
    RecordKind.MARKERS: "marker-facts",
    RecordKind.BOUNDARY_LINES: "line-facts",
}
"""What files tell beside a record that a check judges and the register does not keep."""
_KIND_OF_FACTS = {facts: kind for kind, facts in FACTS_OF.items()}

_REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    RecordKind.PLACE_NAMES: (("name",),),
    RecordKind.UNITS: (("code",), ("name",)),
    RecordKind.BOUNDARY_LINES: (("code", "left_code"), ("code", "right_code")),
    RecordKind.MARKERS: (("number",), ("line_code",)),
    RecordKind.ROADS: (("name",),),
    RecordKind.BOUNDARY_NODES: (("id",), ("units",)),
}
OBJECT_PARTS = "object-facts"
"""Labels within the part of a form that describes a reference object."""
_UNIT = re.compile(r"(.+?)(?:\(([^()]*)\)|/([^/()]+))")
_SEPARATORS = re.compile(r"[\s_\-]")


@dataclass(frozen=True, slots=True)
class _Alias:
    field: str
    rank: int
    """0 the field's own name, 1 a name that means only this, 2 one that may mean other things."""


def folded(name: str) -> str:
    """A column name without case, width, blanks, underscores and hyphens."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", name)).casefold()


@cache
def _aliases(kind: str, among: frozenset[str] | None = None) -> dict[str, _Alias]:
    result: dict[str, _Alias] = {}
    for row in lexicon("import_columns", "kind", "field", "alias").rows:
        if row["kind"] == kind and (among is None or row["field"] in among):
            own = folded(row["alias"]) == folded(row["field"])
            result[folded(row["alias"])] = _Alias(row["field"], 0 if own else int(row["rank"]))
    fields = {alias.field for alias in result.values()}
    for column, field in exchange_columns(_KIND_OF_FACTS.get(kind, kind)).items():
        if field not in fields:
            continue
        known = result.setdefault(folded(column), _Alias(field, 1))
        if known.field != field:
            detail = f"{column}: {known.field}, {field}"
            raise ConfigError(
                "lexicon_malformed", file="exchange_fields.csv", row="-", detail=detail
            )
    return result


@cache
def choices(kind: str, field: str) -> dict[str, str]:
    """The words accepted as values of a field, folded, with what they mean.

    `kind` is one of RecordKind, NAME_FACTS, or the word of a layer: these share their words.
    """
    kind = LAYER if kind in LAYER_CLASSES else kind
    table = lexicon("import_values", "kind", "field", "alias")
    words = {folded(word): v for (of, word), v in exchange_words(kind).items() if of == field}
    return words | {
        folded(row["alias"]): row["value"]
        for row in table.rows
        if row["kind"] == kind and row["field"] == field
    }


def match_columns(
    kind: str,
    headers: list[str],
    issues: Issues,
    *,
    facts: bool = False,
    among: frozenset[str] | None = None,
    required: tuple[tuple[str, ...], ...] | None = None,
    given: Mapping[str, str] | None = None,
) -> dict[str, int]:
    """Field → position of its column. Missing, ambiguous and ignored columns become issues.

    With `facts` the caller reads the columns of `FACTS_OF` too: these are not ignored. A layer
    (kind `LAYER`) says which fields it has (`among`) and which it needs (`required`). What a
    person confirmed (`given`: header → field, "" for none) goes before the table; a file that it
    no longer fits is told so.
    """
    known = _aliases(kind, among)
    told = _aliases(FACTS_OF[kind]) if facts and kind in FACTS_OF else {}
    confirmed = {folded(header): field for header, field in (given or {}).items()}
    if given is not None:
        _tell_misfits(given, headers, issues)
    found: dict[str, list[tuple[int, int]]] = {}
    ignored: list[str] = []
    for position, header in enumerate(headers):
        alias = known.get(folded(header))
        if folded(header) in confirmed:
            if field := confirmed[folded(header)]:
                found.setdefault(field, []).append((_CONFIRMED, position))
        elif alias is not None:
            found.setdefault(alias.field, []).append((alias.rank, position))
        elif header and folded(header) not in told:
            ignored.append(header)
    columns: dict[str, int] = {}
    for field, candidates in found.items():
        candidates.sort()
        best = [position for rank, position in candidates if rank == candidates[0][0]]
        columns[field] = best[0]
        if len(best) > 1:
            names = ", ".join(headers[position] for position in best)
            issues.error("column_ambiguous", field=field, columns=names)
        ignored += [headers[p] for _, p in candidates if p not in best]
    if ignored:
        issues.info("column_ignored", columns=", ".join(ignored))
    for alternatives in _REQUIRED[kind] if required is None else required:
        if not any(field in columns for field in alternatives):
            names = _names(kind, alternatives[0])
            issues.error(
                "column_missing",
                field=alternatives[0],
                names=names,
                present=", ".join(headers),
            )
    return columns


def second_names(kind: str, headers: list[str], columns: Mapping[str, int]) -> list[int]:
    """Columns that could be the name as well and were set aside for a more exact heading."""
    if "name" not in columns:
        return []
    known = _aliases(kind)
    return [
        position
        for position, header in enumerate(headers)
        if position not in columns.values()
        and (alias := known.get(folded(header))) is not None
        and alias.field == "name"
    ]


_CONFIRMED = -1
"""Rank of a column that a person assigned: before every name of the table."""


def known_fields(kind: str) -> frozenset[str]:
    """The fields that a column of a kind may be."""
    return frozenset(alias.field for alias in _aliases(kind).values())


def _tell_misfits(given: Mapping[str, str], headers: list[str], issues: Issues) -> None:
    """Columns that were confirmed and are not there, and such as nobody has seen yet."""
    here = {folded(header) for header in headers}
    for header, field in given.items():
        if field and folded(header) not in here:
            issues.error("mapping_column_missing", field=field, column=header)
    seen = {folded(header) for header in given}
    if new := [header for header in headers if header and folded(header) not in seen]:
        issues.warning("mapping_column_new", columns=", ".join(new))


@dataclass(frozen=True, slots=True)
class Words:
    """The names that a paper may give to fields of a kind, and to what stands beside them.

    `among` keeps to some fields, as a layer does. `key` is the field that every record has.
    """

    kind: str
    key: str
    among: frozenset[str] | None = None

    def meant(self, label: str) -> tuple[str, int] | None:
        """Field and rank (see the table `import_columns`) of a label, None where it is none."""
        found = _aliases(self.kind, self.among).get(folded(label))
        if found is None and self.kind in FACTS_OF:
            found = _aliases(FACTS_OF[self.kind]).get(folded(label))
        return None if found is None else (found.field, found.rank)

    def part(self, label: str) -> str:
        """The part of a reference object that a label of a form names, "" where none."""
        found = _aliases(OBJECT_PARTS).get(folded(label))
        return "" if found is None else found.field


@cache
def _lexical(kind: str) -> tuple[str, ...]:
    rows = lexicon("sheet_words", "kind", "word").rows
    return tuple(folded(row["word"]) for row in rows if row["kind"] == kind)


def is_unit(text: str) -> bool:
    """Whether a text is a unit of measurement alone, with or without brackets."""
    return folded(text).strip("()") in _lexical("unit")


def is_foot(text: str) -> bool:
    """Whether a text begins as the lines below a table do (制表, 审核, 注)."""
    return folded(text).startswith(_lexical("foot"))


def plain_label(value: object) -> str:
    """A label without the colon, and without a unit in which the field is kept anyway."""
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip()
    text = "".join(text.rstrip(":").split())
    bare = _UNIT.fullmatch(text)
    return bare[1] if bare and is_unit(bare[2] or bare[3] or "") else text


def fact_columns(headers: list[str], kind: str = NAME_FACTS) -> dict[str, int]:
    """Position of the first column of each fact told beside a name, or of another kind."""
    known, found = _aliases(kind), dict[str, int]()
    for position, header in enumerate(headers):
        alias = known.get(folded(header))
        if alias is not None:
            found.setdefault(alias.field, position)
    return found


def _names(kind: str, field: str) -> str:
    """The names a sender may use for a field, as the table writes them."""
    rows = lexicon("import_columns", "kind", "field", "alias").rows
    return " / ".join(row["alias"] for row in rows if row["kind"] == kind and row["field"] == field)
