"""What people do to records, and how the change log says so.

An act may touch several records (a split, a merge); all of it is one transaction. Its entries share
a number, that of the first of them, and say in `basis` what was done:

    rename:128 check:review:NM-DUP-01 doc:示例文1号
    undo:131 of:128

So lineage needs no table of its own that could contradict the records: it is read off the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.boundary import BoundaryNode
from geo_service.domain.change import RecordKind
from geo_service.domain.marker import BoundaryMarker
from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.change import LoggedChange
    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.document import Attachment, OfficialDocument
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.road import Road

    Kept = (
        NamedPlace
        | AdministrativeUnit
        | AdministrativeBoundary
        | BoundaryNode
        | BoundaryMarker
        | Road
        | OfficialDocument
        | Attachment
    )
    """A record of a kind that people keep by hand."""

KEPT_KINDS = (
    RecordKind.PLACE_NAMES,
    RecordKind.UNITS,
    RecordKind.BOUNDARY_LINES,
    RecordKind.BOUNDARY_NODES,
    RecordKind.MARKERS,
    RecordKind.ROADS,
    RecordKind.DOCUMENTS,
)
"""The kinds that people keep by hand."""
_ACTED_ON = frozenset((*KEPT_KINDS, RecordKind.ATTACHMENTS))


class Act(StrEnum):
    """What was done. The first four after `CHANGE` tie records to those they came from."""

    CREATE = "create"
    CHANGE = "change"
    RENAME = "rename"
    MOVE = "move"
    SPLIT = "split"
    MERGE = "merge"
    RETIRE = "retire"
    CORRECT = "correct"
    """The register was wrong: the new value holds for the same days."""
    UNDO = "undo"
    """An act was wrong: its records get their former values back, those it began are annulled."""
    ATTACH = "attach"
    DETACH = "detach"
    VOID = "void"
    """A record was wrong to be there at all."""


LINEAGE_ACTS = frozenset((Act.RENAME, Act.MOVE, Act.SPLIT, Act.MERGE))
_MENDING = frozenset((Act.CORRECT, Act.UNDO, Act.VOID))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who runs the program, why, by which document, and what they had seen.

    `expected` holds the version that the person saw of a record, by id; a record that is not in it
    is taken as it stands.
    """

    actor: str
    reason: str
    document_no: str = ""
    expected: Mapping[str, int] = field(default_factory=dict)


def require_signed(by: Signed, act: Act) -> None:
    """Raises InputError `register_unsigned` without actor, reason or document.

    Correcting a slip rests on no document.
    """
    told = {"actor": by.actor, "reason": by.reason}
    if act not in _MENDING:
        told["document"] = by.document_no
    missing = [word for word, value in told.items() if not value.strip()]
    if missing:
        raise InputError("register_unsigned", missing=", ".join(missing))


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What an act's entry says in the log's `basis`; `check` is the verdict on new names."""

    act: Act
    event: int
    undone: int = 0
    check: str = ""
    document_no: str = ""

    def __str__(self) -> str:
        parts = [f"{self.act}:{self.event}"]
        parts += [f"of:{self.undone}"] if self.undone else []
        parts += [f"check:{self.check}"] if self.check else []
        parts += [f"doc:{self.document_no}"] if self.document_no else []
        return " ".join(parts)


_FORM = re.compile(
    rf"(?P<act>{'|'.join(Act)}):(?P<event>[1-9][0-9]*)(?: of:(?P<of>[0-9]+))?"
    r"(?: check:(?P<check>\S+))?(?: doc:(?P<doc>.+))?",
    re.DOTALL,
)


def basis_of(entry: LoggedChange) -> Basis | None:
    """What an entry says of its act, None for what came in by another way (an import, a repair)."""
    match = _FORM.fullmatch(entry.basis)
    if match is None or entry.kind not in _ACTED_ON or int(match["event"]) > entry.sequence:
        return None
    return Basis(
        act=Act(match["act"]),
        event=int(match["event"]),
        undone=int(match["of"] or 0),
        check=match["check"] or "",
        document_no=match["doc"] or "",
    )


_APPROVED_FILE = re.compile(r"draft:(?P<draft>D-[0-9a-f]{16}) doc:(?P<doc>.+)", re.DOTALL)


def file_basis(draft_id: str, document_no: str) -> str:
    """What an entry rests on that came with a file of which a second person approved."""
    return f"draft:{draft_id} doc:{document_no.strip()}"


def approved_number(entry: LoggedChange) -> str:
    """The number of the document by which the file of an entry was approved, "" for any other."""
    match = _APPROVED_FILE.fullmatch(entry.basis)
    return match["doc"] if match else ""


def rests_on(entry: LoggedChange) -> str:
    """The document, or whatever else an entry says it rests on (the digest of a file)."""
    basis = basis_of(entry)
    return approved_number(entry) or entry.basis if basis is None else basis.document_no


def label_of(record: Kept) -> str:
    """What people call a record: its name, a marker its number, a junction the units around it."""
    if isinstance(record, BoundaryMarker):
        return str(record.number)
    return " ".join(record.units) if isinstance(record, BoundaryNode) else record.name
