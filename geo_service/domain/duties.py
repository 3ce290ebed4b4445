"""Duties that must lie apart: who drafted does not approve, and a boundary needs two people."""

from __future__ import annotations

from geo_service.errors import Forbidden, InputError


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def require_other_approver(drafted_by: str, approver: str) -> None:
    """Nobody approves his own draft. Raises Forbidden `own_draft`.

    A draft of nobody known could be anybody's own.
    """
    if not drafted_by.strip() or not approver.strip() or _same(drafted_by, approver):
        raise Forbidden("own_draft")


def require_boundary_approval(drafted_by: str, approver: str, document_no: str) -> None:
    """A boundary version takes two people and the number of the document that approves it.

    Raises Forbidden `second_person_needed`, InputError `document_number_missing`.
    """
    if not drafted_by.strip() or not approver.strip() or _same(drafted_by, approver):
        raise Forbidden("second_person_needed")
    if not document_no.strip():
        raise InputError("document_number_missing")
