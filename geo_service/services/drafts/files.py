"""Whole files of boundaries laid before another person, and stored by that one's word.

A file is a draft like any other: one record in the log with its versions, authors and decision.
Its bytes and its trial lie beside the log by their digests, as attachments of the draft, so that
copies, backups and the audit hold them.
"""

from __future__ import annotations

import mimetypes
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.document import Attachment, attachment_id
from geo_service.domain.draft import Draft, DraftAct, DraftState
from geo_service.domain.period import Period
from geo_service.domain.provenance import Force, Provenance
from geo_service.errors import Conflict, InputError
from geo_service.messages import message
from geo_service.services.drafts.desk import (
    DraftDesk,
    change_of,
    require_others,
    require_papers,
)
from geo_service.services.drafts.kinds import draft_kind, require
from geo_service.services.drafts.proposal import require_digests, require_text
from geo_service.services.drafts.reading import Kept
from geo_service.services.drafts.trial import Trial, differences, moved_since, read_trial
from geo_service.services.interchange.importing import import_file
from geo_service.services.interchange.outcome import Sanction
from geo_service.services.interchange.watching import unwatched
from geo_service.services.register.acts import Signed, file_basis
from geo_service.services.register.attaching import erasure
from geo_service.store.disk import scratch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from geo_service.domain.access import Asker
    from geo_service.services.interchange.report import ImportReport
    from geo_service.services.interchange.watching import Watch
    from geo_service.store.protocol import Store

NAME, TRIAL = "name", "trial"
"""Fields of the draft of a file: what its sender calls it, and the digest of its trial."""
_READ_AS = ("layer", "crs", "encoding")
_TOLD = 5
"""Differences that a refusal names; a new trial shows all of them."""
_JSON = "application/json"
_UNKNOWN = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an approval tells: number and digests of the approving document, and a remark."""

    document_no: str = ""
    files: Sequence[str] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was approved and stored, or would be."""

    kept: Kept
    report: ImportReport


@dataclass(frozen=True, slots=True)
class FileDesk:
    """Files over the register of a desk of drafts; reading is timed by `now` (UTC), and told to
    `watch`."""

    desk: DraftDesk
    now: datetime
    watch: Watch = field(default=unwatched)

    @property
    def store(self) -> Store:
        """The register."""
        return self.desk.store

    def lay(
        self,
        draft_id: str,
        path: Path,
        trial: Trial,
        asker: Asker,
        *,
        reason: str,
        document_no: str = "",
    ) -> Kept:
        """Put a tried file before another person; it is called what its trial called it.

        Raises Forbidden `draft_right_missing`, InputError: `draft_file_kind`, `draft_unfinished`,
        `draft_personal`, `draft_file_rejected` and `draft_file_no_news` for what there is nothing
        to approve of, and Conflict `draft_file_laid` where it waits already.
        """
        of, name = draft_kind(trial.kind.value), trial.report.file
        if not of.is_boundary:
            raise InputError("draft_file_kind", kind=of.word)
        require(asker, of.draft_right)
        if not reason.strip():
            raise InputError("draft_unfinished", missing="reason")
        require_text(reason=reason, document_no=document_no, name=name)
        _require_accepted(trial)
        data = path.read_bytes()
        digest = self.store.content_name(data)
        if erasure(self.store, digest) is not None:
            raise InputError("attachment_erased", file=name)
        body = {NAME: name, **{each: getattr(trial, each) for each in _READ_AS}}
        if trial.mapping is not None and trial.mapping.version:
            body["sender"] = trial.mapping.sender
        self._require_new(digest, body)
        force = Force.SYNTHETIC if self.desk.city.synthetic else Force.OFFICIAL
        draft = Draft(
            id=draft_id,
            target_kind=of.kind.value,
            target_id=digest,
            act=DraftAct.IMPORT,
            body=(),
            effective_on=self.desk.today,
            authors=(asker.name,),
            provenance=Provenance(source=asker.name, force=force),
            reason=reason.strip(),
            document_no=document_no.strip(),
            files=(digest,),
            state=DraftState.SUBMITTED,
        )
        draft = _with_trial(self.store, draft, body, trial)
        return self._write(draft, 0, asker, "lay", data, trial)

    def ready(self, draft_id: str, version: int, asker: Asker, decision: Decision) -> Draft:
        """The draft as it would be approved now, as far as that is known without reading its file.

        Raises Forbidden `own_draft` or `second_person_needed`, InputError for what is missing,
        Conflict `draft_file_moved` where a record was written since the trial.
        """
        draft = self.to_decide(draft_id, version, asker)
        require_text(reason=decision.reason, document_no=decision.document_no)
        require_digests(decision.files)
        number = decision.document_no.strip() or draft.document_no
        papers = tuple(dict.fromkeys((*draft.files, *decision.files)))
        require_papers(draft, asker, number, papers)
        trial = trial_of(self.store, draft)
        _require_accepted(trial)
        _require_same(draft, moved_since(self.store, trial))
        return replace(
            draft,
            document_no=number,
            files=papers,
            state=DraftState.APPROVED,
            decided_by=asker.name,
            decided_on=self.desk.today,
            decision=decision.reason.strip(),
        )

    def approve(
        self,
        draft_id: str,
        version: int,
        asker: Asker,
        decision: Decision,
        *,
        dry_run: bool = False,
    ) -> Stored:
        """Store the file and close its draft, in one transaction.

        The file is read anew and held against the register as it is. Raises as `ready` does, and
        Conflict `draft_file_moved` where it comes to anything else than its trial did: then
        nothing is stored, and `recheck` shows what it comes to now.
        """
        approved = self.ready(draft_id, version, asker, decision)
        trial = trial_of(self.store, approved)
        written: list[Draft] = []

        def expect(report: ImportReport) -> None:
            _require_same(approved, differences(trial.report, report))

        def beside(event: int) -> tuple[Change, ...]:
            written.append(replace(approved, event=event))
            return (change_of(written[-1], version, asker, f"approve:{event}"),)

        sanction = Sanction(
            by=Signed(
                actor=asker.name, reason=_why(approved, asker), document_no=approved.document_no
            ),
            basis=file_basis(draft_id, approved.document_no),
            expect=expect,
            beside=beside,
        )
        report = self._imported(approved, trial, asker, dry_run=dry_run, sanction=sanction)
        draft = written[-1] if written else approved
        return Stored(Kept(draft, version + len(written)), report)

    def recheck(self, draft_id: str, version: int, asker: Asker) -> Kept:
        """Try the file anew, to be looked at again; nothing is written where it comes to the same.

        Raises as `ready` does for whoever may not decide.
        """
        draft = self.to_decide(draft_id, version, asker)
        before = trial_of(self.store, draft)
        report = self._imported(draft, before, asker, dry_run=True)
        if not differences(before.report, report):
            return Kept(draft, version)
        after = replace(before, report=report)
        again = _with_trial(self.store, draft, dict(draft.body), after)
        return self._write(again, version, asker, "recheck", None, after)

    def to_decide(self, draft_id: str, version: int, asker: Asker) -> Draft:
        """A file that waits, for somebody who may decide on it. Raises NotFound, Forbidden,
        Conflict."""
        draft = self.desk.submitted(draft_id, version, asker)
        require_file(draft)
        require_others(draft, asker)
        return draft

    def _require_new(self, digest: str, body: dict[str, str]) -> None:
        for draft in cast("list[Draft]", self.store.records(RecordKind.DRAFTS)):
            same = draft.act is DraftAct.IMPORT and draft.target_id == digest
            told = dict(draft.body)
            if same and draft.state.is_open and all(told.get(e, "") == body[e] for e in _READ_AS):
                raise Conflict("draft_file_laid", draft=draft.id)

    def _imported(
        self,
        draft: Draft,
        trial: Trial,
        asker: Asker,
        *,
        dry_run: bool,
        sanction: Sanction | None = None,
    ) -> ImportReport:
        with laid_file(self.store, draft) as path:
            return import_file(
                self.store,
                path,
                trial.kind,
                city=self.desk.city,
                actor=asker.name,
                now=self.now,
                today=self.desk.today,
                layer=trial.layer,
                crs=trial.crs,
                encoding=trial.encoding,
                dry_run=dry_run,
                mapping=trial.mapping,
                called=draft.name,
                watch=self.watch,
                accounted=True,
                sanction=sanction,
            )

    def _write(  # noqa: PLR0917 - one version with all that belongs to it
        self,
        draft: Draft,
        version: int,
        asker: Asker,
        deed: str,
        data: bytes | None,
        trial: Trial,
    ) -> Kept:
        """A version of the draft with its trial, and with its file where that is new."""
        kept = [(trial.dump(), f"{TRIAL}.json", _JSON)]
        if data is not None:
            kept.append((data, draft.name, mimetypes.guess_type(draft.name)[0] or _UNKNOWN))
        entry = change_of(draft, version, asker, deed)
        with self.store.begin() as work:
            work.append([entry])
            for content, called, media_type in kept:
                file = self._attachment(draft, work.keep_content(content), called, media_type)
                file = replace(file, size=len(content))
                # A trial may come to what an earlier one came to.
                if not self.store.version(RecordKind.ATTACHMENTS, file.id):
                    begun = replace(entry, operation=Operation.CREATE, expected_version=0)
                    work.append([replace(begun, record=file)])
        return Kept(draft, version + 1)

    def _attachment(self, draft: Draft, digest: str, called: str, media_type: str) -> Attachment:
        kind = RecordKind.DRAFTS.value
        return Attachment(
            id=attachment_id(kind, draft.id, digest),
            subject_kind=kind,
            subject_id=draft.id,
            digest=digest,
            media_type=media_type,
            size=0,
            file_name=called,
            provenance=draft.provenance,
            period=Period(self.desk.today),
        )


def require_file(draft: Draft) -> None:
    """That a draft is of a file. Raises Conflict `draft_of_record`."""
    if draft.act is not DraftAct.IMPORT:
        raise Conflict("draft_of_record", draft=draft.id)


def trial_of(store: Store, draft: Draft) -> Trial:
    """What the file of a draft came to when it was tried last.

    Raises NotFound content_erased, StoreError content_damaged.
    """
    return read_trial(store.content(dict(draft.body)[TRIAL]))


@contextmanager
def laid_file(store: Store, draft: Draft) -> Iterator[Path]:
    """The file of a draft on disk, for as long as it is read; nobody else may.

    Raises NotFound content_erased, StoreError content_damaged.
    """
    data = store.content(draft.target_id)
    with scratch() as folder:
        path = folder / f"file{PurePosixPath(draft.name).suffix.lower()}"
        path.write_bytes(data)
        yield path


def _with_trial(store: Store, draft: Draft, body: dict[str, str], trial: Trial) -> Draft:
    told = {**body, TRIAL: store.content_name(trial.dump()), "stored": str(trial.report.stored)}
    return replace(draft, body=tuple(sorted(told.items())))


def _why(draft: Draft, asker: Asker) -> str:
    """The reason that stands with every record of the file: both names, and the draft."""
    told = {"file": draft.name, "draft": draft.id, "reason": draft.reason}
    names = {"author": draft.proposer, "approver": asker.name}
    return message("drafts.file_reason", **told, **names).zh


def _require_accepted(trial: Trial) -> None:
    report = trial.report
    if not report.accepted:
        raise InputError("draft_file_rejected", count=len(report.errors))
    if report.repeated or not report.written:
        raise InputError("draft_file_no_news")


def _require_same(draft: Draft, changed: Sequence[str]) -> None:
    if changed:
        more = f"; … ({len(changed)})" if len(changed) > _TOLD else ""
        told = "; ".join(changed[:_TOLD]) + more
        raise Conflict("draft_file_moved", draft=draft.id, changed=told)
