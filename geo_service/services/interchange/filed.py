"""Files that were imported, as their receipts tell: by page, interface and command alike."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.errors import NotFound
from geo_service.messages import message
from geo_service.services.interchange.columns import IMPORTABLE
from geo_service.services.interchange.report import read_report
from geo_service.services.persons.keeping import masks_of
from geo_service.services.persons.tokens import ids_in

if TYPE_CHECKING:
    from datetime import datetime

    from geo_service.services.interchange.report import ImportReport
    from geo_service.store.protocol import ImportReceipt, Store


@dataclass(frozen=True, slots=True)
class FiledImport:
    """One file in the register: which, of what kind, handed in by whom and when, rows written.

    `kind` is None and `who` is "" where an old receipt tells neither, nor does the log.
    """

    number: int
    file: str
    kind: RecordKind | None
    who: str
    when: datetime
    stored: int
    issues: int


def filed_imports(
    store: Store, *, before: int | None = None, limit: int
) -> tuple[FiledImport, ...]:
    """What was imported, the newest first; only those numbered `before` where it is given."""
    return tuple(_filed(store, one) for one in store.receipts(before=before, limit=limit))


def filed_import(store: Store, number: int) -> tuple[FiledImport, ImportReport]:
    """One file with its report of then; what was erased since is not shown. Raises NotFound."""
    found = store.receipts(before=number + 1, limit=1)
    if not found or found[0].number != number:
        raise NotFound("receipt_unknown", number=number)
    kept = found[0].report_json
    report = read_report(json.loads(kept), accepted=True)
    return _filed(store, found[0]), report.masked(masks_of(store, ids_in(kept)))


def _filed(store: Store, receipt: ImportReceipt) -> FiledImport:
    told = json.loads(receipt.report_json)
    kind, who = told.get("kind", ""), told.get("actor", "")
    if not who and receipt.stored:  # receipts of before told neither; their entries do
        entry = next(iter(store.log(after=receipt.sequence - 1)))
        # Where receipts were sealed by an upgrade, the newest entry then may be any other deed.
        if entry.reason == message("import.reason", file=told["file"]).zh:
            kind, who = entry.kind.value, entry.actor
    return FiledImport(
        number=receipt.number,
        file=told["file"],
        kind=RecordKind(kind) if kind in IMPORTABLE else None,
        who=who,
        when=receipt.recorded_at,
        stored=receipt.stored,
        issues=len(told["issues"]),
    )
