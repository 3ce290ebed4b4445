"""A mapping of columns proposed from a file of the sender, for a person to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.errors import InputError
from geo_service.services.interchange.columns import folded, match_columns
from geo_service.services.interchange.issues import Issues, Level
from geo_service.services.interchange.mappings import ColumnMapping, checked
from geo_service.services.interchange.sandbox import parse

if TYPE_CHECKING:
    from geo_service.domain.text import Lang, Text


@dataclass(frozen=True, slots=True)
class Proposal:
    """Every column of a file with its field, "" where nobody knows it, and what is wrong so far.

    The mapping is without columns where the file cannot be read: then the problems say why.
    """

    mapping: ColumnMapping
    problems: tuple[Text, ...]


def proposal(
    path: Path,
    sender: str,
    kind: RecordKind,
    asked: Mapping[str, str],
    *,
    layer: str = "",
    encoding: str = "",
) -> Proposal:
    """The columns of a file, each with its field as asked, else as the table of columns knows it.

    A problem is a file that cannot be read, lacks a column that was asked for or that every record
    needs, or has two for one field. Raises as `checked` does.
    """
    issues = Issues(path.name)
    parsed = parse(path, issues, layer=layer, encoding=encoding)
    fields: dict[str, str] = {}
    if parsed is not None:
        fields = _proposed(kind, parsed.headers, asked)
        checked(ColumnMapping(sender, kind, {**fields, **asked}))
        match_columns(kind, parsed.headers, issues, given={**asked, **fields})
    problems = tuple(i.message for i in issues.all() if i.level is Level.ERROR)
    return Proposal(ColumnMapping(sender, kind, fields), problems)


def proposed_mapping(
    path: Path,
    sender: str,
    kind: RecordKind,
    asked: Mapping[str, str],
    *,
    layer: str = "",
    encoding: str = "",
    lang: Lang = "zh",
) -> ColumnMapping:
    """The mapping of a `proposal` without problems.

    Raises InputError `mapping_refused` where it has some; and as `checked` does.
    """
    found = proposal(path, sender, kind, asked, layer=layer, encoding=encoding)
    if found.problems:
        told = " ".join(problem.in_(lang) for problem in found.problems)
        raise InputError("mapping_refused", problems=told)
    return found.mapping


def _proposed(kind: RecordKind, headers: list[str], asked: Mapping[str, str]) -> dict[str, str]:
    """Each header with its field: what was asked takes the field from what the table knows."""
    wanted = {folded(header): field for header, field in asked.items()}
    by_table = match_columns(kind, headers, Issues(""))
    known = {position: f for f, position in by_table.items() if f not in wanted.values()}
    return {
        header: wanted.get(folded(header), known.get(position, ""))
        for position, header in enumerate(headers)
        if header
    }
