"""The kinds of record that drafts are made of, and whose work each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.errors import Forbidden, InputError

if TYPE_CHECKING:
    from geo_service.domain.access import Asker


@dataclass(frozen=True, slots=True)
class DraftKind:
    """One kind: `word` is what its public collection is called.

    A boundary matter takes the rights of the boundary office, a second person, the number of the
    document and the digest of its file.
    """

    kind: RecordKind
    word: str
    is_boundary: bool

    @property
    def draft_right(self) -> Right:
        """What it takes to propose."""
        return Right.BOUNDARY_DRAFT if self.is_boundary else Right.REGISTER_DRAFT

    @property
    def approve_right(self) -> Right:
        """What it takes to decide."""
        return Right.BOUNDARY_APPROVE if self.is_boundary else Right.REGISTER_APPROVE

    @property
    def new_id(self) -> bool:
        """Whether a record of the kind has an id that says nothing: one can be made for it."""
        return self.kind in (RecordKind.PLACE_NAMES, RecordKind.ROADS, RecordKind.BOUNDARY_NODES)

    def seen_by(self, asker: Asker) -> bool:
        """Whether drafts of the kind exist for the asker: for those at work on them, and audit."""
        return any(map(asker.may, (self.draft_right, self.approve_right, Right.AUDIT_READ)))


DRAFT_KINDS = (
    DraftKind(RecordKind.PLACE_NAMES, "place-names", is_boundary=False),
    DraftKind(RecordKind.ROADS, "roads", is_boundary=False),
    DraftKind(RecordKind.UNITS, "units", is_boundary=True),
    DraftKind(RecordKind.BOUNDARY_LINES, "boundary-lines", is_boundary=True),
    DraftKind(RecordKind.MARKERS, "markers", is_boundary=True),
    DraftKind(RecordKind.BOUNDARY_NODES, "junctions", is_boundary=True),
)


def draft_kind(word: str) -> DraftKind:
    """The kind of that word, of its collection or of the register.

    Raises InputError `draft_kind_unknown`.
    """
    for found in DRAFT_KINDS:
        if word in (found.word, found.kind.value):
            return found
    raise InputError(
        "draft_kind_unknown", kind=word[:40], known=" ".join(k.word for k in DRAFT_KINDS)
    )


def require(asker: Asker, right: Right) -> None:
    """Raises Forbidden `draft_right_missing`."""
    if not asker.may(right):
        raise Forbidden("draft_right_missing", right=right.value)
