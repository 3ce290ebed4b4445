"""Two copies of one line, with what was measured between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geo_service.domain.boundary import AdministrativeBoundary, LegalStatus
from geo_service.domain.marker import MarkerTally
from geo_service.geometry.reconciliation import Reconciliation, is_comparable, reconcile


@dataclass(frozen=True, slots=True)
class Displacement:
    """One copy lies elsewhere as a whole, as the obfuscated `system` puts it; "" for as none does.

    `side` is the copy, "a" or "b"; "" where no system tells.
    """

    system: str
    side: str


@dataclass(frozen=True, slots=True)
class LineCopies:
    """Copy A and copy B of a line; `measured` is None where one of them is not drawn.

    `tally_a` and `tally_b` are the counts of markers that the copies state, if they do.
    """

    a: AdministrativeBoundary
    b: AdministrativeBoundary
    measured: Reconciliation | None
    tally_a: MarkerTally | None = None
    tally_b: MarkerTally | None = None

    @property
    def name(self) -> str:
        """The line by the name copy A gives it, else by its code."""
        return self.a.name or self.a.code


def copies_of(
    a: AdministrativeBoundary,
    b: AdministrativeBoundary,
    *,
    plane_epsg: int,
    tolerance_m: float,
    reach_m: float,
    tally_a: MarkerTally | None = None,
    tally_b: MarkerTally | None = None,
) -> LineCopies:
    """Measure two copies of a line; see `reconcile`."""
    measured = None
    if is_comparable(a.geometry) and is_comparable(b.geometry):
        measured = reconcile(
            a.geometry,
            b.geometry,
            plane_epsg=plane_epsg,
            tolerance_m=tolerance_m,
            reach_m=reach_m,
        )
    return LineCopies(a, b, measured, tally_a, tally_b)


def differences(copies: LineCopies) -> Iterator[tuple[str, str, str]]:
    """Attributes that both copies state and state differently: field, copy A, copy B.

    Sides are compared without order: a line drawn the other way has them changed over.
    """
    stated = ((copies.a, copies.tally_a), (copies.b, copies.tally_b))
    facts = [[*_facts(line), *_counts(tally)] for line, tally in stated]
    for (field, one), (_, other) in zip(*facts, strict=True):
        if one and other and one != other:
            yield field, one, other


def _facts(line: AdministrativeBoundary) -> Iterator[tuple[str, str]]:
    yield "code", line.code
    yield "parties", " ".join(sorted(line.parties))
    yield "length", "" if line.length_km is None else f"{line.length_km:g} km"
    yield "agreement", line.agreement_no
    known = line.legal_status is not LegalStatus.UNKNOWN
    yield "status", line.legal_status.value if known else ""
    yield "level", "" if line.level is None else line.level.value


def _counts(tally: MarkerTally | None) -> Iterator[tuple[str, str]]:
    for field in ("singles", "pairs", "triples", "stones"):
        count = None if tally is None else getattr(tally, field)
        yield field, "" if count is None else str(count)
