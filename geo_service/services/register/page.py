"""All that a page on one record shows: versions, lineage, files, papers, findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import RECORD_CLASSES, RecordKind
from geo_service.errors import NotFound
from geo_service.services.finding_decisions import kept_json
from geo_service.services.register.attaching import ATTACHMENTS
from geo_service.services.register.history import Step, history
from geo_service.services.register.lineage import Lineage, lineage
from geo_service.services.register.telling import (
    attachment_json,
    document_json,
    lineage_json,
    step_json,
)
from geo_service.services.subject_digests import SUBJECT_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from geo_service.domain.document import Attachment, OfficialDocument
    from geo_service.domain.kept_finding import KeptFinding
    from geo_service.domain.text import Lang
    from geo_service.services.wire import Json
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """What is known of one record.

    `lineage` is None for a record that had not begun on the day. `attachments` are all files that
    ever belonged to it, each with its period; `documents` the registered papers whose numbers its
    acts name; `findings` those of the day that have it as their subject or name it.
    """

    kind: RecordKind
    id: str
    as_of: date
    steps: tuple[Step, ...]
    lineage: Lineage | None
    attachments: tuple[Attachment, ...]
    documents: tuple[OfficialDocument, ...]
    findings: tuple[KeptFinding, ...]


def record_page(
    store: Store,
    kind: RecordKind,
    record_id: str,
    *,
    plane_epsg: int,
    today: date,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> RecordPage:
    """The page of a record, as known at a moment (default: now); lineage and findings as of a day.

    With `as_of` only versions that were ever said of that day. Raises NotFound where there is none.
    """
    day = as_of or today
    steps = history(store, kind, record_id, plane_epsg=plane_epsg, as_of=as_of, known_at=known_at)
    try:
        line = lineage(store, kind, record_id, as_of=day, known_at=known_at)
    except NotFound:  # begun later, or annulled
        line = None
    return RecordPage(
        kind=kind,
        id=record_id,
        as_of=day,
        steps=steps,
        lineage=line,
        attachments=_files(store, kind, record_id, known_at),
        documents=_papers(store, {step.document_no for step in steps}, day, known_at),
        findings=_findings(store, kind, record_id, day, known_at),
    )


def _files(
    store: Store, kind: RecordKind, record_id: str, known_at: datetime | None
) -> tuple[Attachment, ...]:
    """Every version that stands of every file of the record, whatever its days."""
    start = f"{kind.value}/{record_id}#"
    seen: dict[tuple[str, date | None], Attachment] = {}
    for entry in store.log(kind=ATTACHMENTS):
        if not entry.record_id.startswith(start):
            continue
        try:
            day = entry.period.start
            found = store.get(ATTACHMENTS, entry.record_id, as_of=day, known_at=known_at)
        except NotFound:  # annulled
            continue
        seen[entry.record_id, found.period.start] = cast("Attachment", found)
    return tuple(seen.values())


def _papers(
    store: Store, numbers: Iterable[str], day: date, known_at: datetime | None
) -> tuple[OfficialDocument, ...]:
    wanted = {number.strip() for number in numbers if number.strip()}
    found = store.records(RecordKind.DOCUMENTS, as_of=day, known_at=known_at) if wanted else ()
    return tuple(
        paper
        for paper in cast("list[OfficialDocument]", found)
        if paper.number.strip() in wanted or paper.id in wanted
    )


def _findings(
    store: Store, kind: RecordKind, record_id: str, day: date, known_at: datetime | None
) -> tuple[KeptFinding, ...]:
    word = SUBJECT_WORDS.get(RECORD_CLASSES[kind], "")
    found = store.records(RecordKind.FINDINGS, as_of=day, known_at=known_at)
    return tuple(
        finding
        for finding in cast("list[KeptFinding]", found)
        if (finding.subject_kind, finding.subject_id) == (word, record_id)
        or any(key == f"{word}/{record_id}" for key, _digest in finding.named)
    )


def page_json(store: Store, page: RecordPage, lang: Lang) -> Json:
    """The page as one JSON-ready value, the same for the command line, the API and a page:

    - `kind`, `id`, `as_of`: whose page, and the day of lineage and findings;
    - `steps`: every version in the order recorded: `version`, `sequence`, `operation`, `act`,
      `event`, `undoes`, `name`, `written` and `stands` (`valid_from`, `valid_to`; `stands` null
      where it was taken back), `recorded_at`, `superseded_at`, `superseded_by`, `actor`, `reason`,
      `document_no`, `name_check`, `differs` (`fields`: `field`, `before`, `after`; `geometry`:
      metres and square metres; null for a first value);
    - `lineage`: `predecessors` and `successors`, each the whole line as events (`event`, `act`,
      `day`, `before`, `after`, `document_no`, `reason`, `actor`, `recorded_at`), or null;
    - `attachments`: `id`, `digest`, `media_type`, `size`, `file_name`, `title`, `valid_from`,
      `valid_to`;
    - `documents`: `id`, `kind`, `number`, `title`, `issued_on`, `issuer`;
    - `findings`: as `finding list --json` gives them.

    Members are only ever added.
    """
    return {
        "kind": page.kind.value,
        "id": page.id,
        "as_of": page.as_of.isoformat(),
        "steps": [step_json(step) for step in page.steps],
        "lineage": None if page.lineage is None else lineage_json(page.lineage),
        "attachments": [attachment_json(file) for file in page.attachments],
        "documents": [document_json(paper) for paper in page.documents],
        "findings": kept_json(store, page.findings, page.as_of, lang),
    }
