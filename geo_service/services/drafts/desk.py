"""What becomes of drafts: proposed, edited, submitted, withdrawn, decided on; all of it logged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import shapely

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.draft import Draft, DraftAct, DraftState
from geo_service.domain.duties import require_boundary_approval, require_other_approver
from geo_service.domain.provenance import Force, Provenance
from geo_service.errors import Conflict, Forbidden, InputError
from geo_service.services.drafts.kinds import draft_kind, require
from geo_service.services.drafts.proposal import (
    act_of,
    plan_of,
    require_clean,
    require_digests,
    require_text,
    tried,
)
from geo_service.services.drafts.reading import Kept, draft_of, history, moved
from geo_service.services.register.acts import Signed
from geo_service.services.register.advice import advice_on
from geo_service.services.register.evidence import evidence_for
from geo_service.services.register.writing import carry_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.access import Asker
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.services.drafts.proposal import Proposal
    from geo_service.services.register.evidence import NameEvidence
    from geo_service.services.register.planning import Plan
    from geo_service.services.register.writing import Done
    from geo_service.store.protocol import Store

_KIND = RecordKind.DRAFTS
_BASIS = "draft"
"""What the log says a version of a draft rests on; its approval names the act."""
_BY_NAME = (DraftAct.CHANGE, DraftAct.RENAME)
"""Acts that follow from the name told: an edit may turn one into the other."""
_GRID = 1e-9
"""Degrees to which a place is answered, a tenth of a millimetre: sent back it is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A draft that was approved, and the act that it came to."""

    kept: Kept
    done: Done


@dataclass(frozen=True, slots=True)
class DraftDesk:
    """Drafts over one register, on one day. Who acts is always told; what he may, is asked here.

    Every method that writes takes the version that the person saw and raises Conflict
    `version_stale` where another one was written since.
    """

    store: Store
    city: CityProfile
    today: date
    restricted: RestrictedNames | None = None

    def propose(self, draft_id: str, proposal: Proposal, asker: Asker) -> Kept:
        """A new draft. Raises Forbidden, InputError, Conflict where the id is taken."""
        require(asker, proposal.of.draft_right)
        force = Force.SYNTHETIC if self.city.synthetic else Force.OFFICIAL
        source = Provenance(source=asker.name, force=force)
        draft = self._worked_out(draft_id, proposal, source)
        return self._write(replace(draft, authors=(asker.name,)), 0, asker, "propose")

    def proposed_before(self, draft_id: str, proposal: Proposal) -> Kept | None:
        """The draft that was proposed under this id, for a request that is sent again; None for no
        such draft. Raises Conflict `draft_key_reused` where it began with other content.
        """
        steps = history(self.store, draft_id)
        if not steps:
            return None
        first = steps[0].draft
        if _asked(first) != _asked_by(proposal, first):
            raise Conflict("draft_key_reused", draft=draft_id)
        return draft_of(self.store, draft_id)

    def replace(self, draft_id: str, version: int, proposal: Proposal, asker: Asker) -> Kept:
        """The draft with other content, worked out against the register as it is now.

        What was submitted is a draft again. Where nothing changes nothing is written: a request
        that is sent again, because its answer got lost, does no harm and is no conflict.
        Raises Forbidden, InputError, NotFound, Conflict `draft_not_open`.
        """
        kept = self._open(draft_id, asker)
        before = kept.draft
        require_record(before)
        if proposal.of.kind.value != before.target_kind:
            raise InputError("draft_kind_fixed", draft=draft_id, kind=before.target_kind)
        target = proposal.target_id or before.target_id
        on = proposal.effective_on or before.effective_on
        fixed = before.act if before.act not in _BY_NAME else None
        act = proposal.act or fixed
        proposal = replace(proposal, target_id=target, effective_on=on, act=act)
        after = self._worked_out(draft_id, proposal, before.provenance)
        after = replace(after, authors=before.authors)
        if _content(after) == _content(before):
            return kept
        _require_seen(kept, version)
        return self._write(_by(after, asker), version, asker, "edit")

    def submit(self, draft_id: str, version: int, asker: Asker) -> Kept:
        """Put it before another person. Raises InputError `draft_unfinished` for what is missing,
        and where its act could not be carried out as things are.
        """
        kept = self._open(draft_id, asker)
        draft = kept.draft
        _require_seen(kept, version)
        if draft.state is DraftState.SUBMITTED:
            return kept
        if not draft.reason.strip():
            raise InputError("draft_unfinished", missing="reason")
        self._require_unmoved(draft)
        tried(self.store, draft)
        submitted = replace(draft, state=DraftState.SUBMITTED)
        return self._write(_by(submitted, asker), version, asker, "submit")

    def withdraw(self, draft_id: str, version: int, asker: Asker, reason: str = "") -> Kept:
        """Take it back; it stays on file. Raises Forbidden `draft_of_another`."""
        kept = self._open(draft_id, asker)
        if not wrote(kept.draft, asker):
            raise Forbidden("draft_of_another", draft=draft_id)
        _require_seen(kept, version)
        require_text(reason=reason)
        gone = replace(
            kept.draft,
            state=DraftState.WITHDRAWN,
            decided_by=asker.name,
            decided_on=self.today,
            decision=reason.strip(),
        )
        return self._write(gone, version, asker, "withdraw")

    def reject(self, draft_id: str, version: int, asker: Asker, reason: str) -> Kept:
        """Send it back for good, with the reason. Raises Forbidden, InputError, Conflict."""
        draft = self.submitted(draft_id, version, asker)
        require_others(draft, asker)
        if not reason.strip():
            raise InputError("draft_unfinished", missing="reason")
        require_text(reason=reason)
        rejected = replace(
            draft,
            state=DraftState.REJECTED,
            decided_by=asker.name,
            decided_on=self.today,
            decision=reason.strip(),
        )
        return self._write(rejected, version, asker, "reject")

    def approve(
        self,
        draft_id: str,
        version: int,
        asker: Asker,
        *,
        document_no: str = "",
        files: Sequence[str] = (),
        reason: str = "",
        dry_run: bool = False,
    ) -> Approved:
        """Carry out the act and close the draft, in one transaction.

        `document_no` and `files` are those of the approving document, where the draft does not
        tell them. Raises Forbidden `own_draft` or `second_person_needed`, InputError for what is
        missing, Conflict `draft_record_moved` where the record is no longer as it was.
        """
        draft = self.submitted(draft_id, version, asker)
        require_record(draft)
        require_others(draft, asker)
        require_text(reason=reason, document_no=document_no)
        require_digests(files)
        number = document_no.strip() or draft.document_no
        papers = tuple(dict.fromkeys((*draft.files, *files)))
        require_papers(draft, asker, number, papers)
        self._require_unmoved(draft)
        approved = replace(
            draft,
            document_no=number,
            files=papers,
            state=DraftState.APPROVED,
            decided_by=asker.name,
            decided_on=self.today,
            decision=reason.strip(),
        )
        by = Signed(actor=asker.name, reason=draft.reason, document_no=number)
        try:
            plan = plan_of(self.store, approved, by)
        except InputError:
            # Where somebody decided in between, that is what has to be told: a Conflict.
            self.submitted(draft_id, version, asker)
            raise
        written: list[Draft] = []

        def beside(event: int) -> tuple[Change, ...]:
            written.append(replace(approved, event=event))
            return (change_of(written[-1], version, asker, f"approve:{event}"),)

        done = carry_out(
            self.store,
            plan,
            self.evidence(plan),
            advice_on(plan, self.city, self.store),
            dry_run=dry_run,
            beside=beside,
        )
        return Approved(kept=Kept(written[-1], version + 1), done=done)

    def evidence(self, plan: Plan) -> tuple[NameEvidence, ...]:
        """The verdicts on the new names of an act."""
        return evidence_for(plan, self.city, self.store, self.restricted)

    def _worked_out(self, draft_id: str, proposal: Proposal, source: Provenance) -> Draft:
        """The draft of a proposal, tried against the register as it is now."""
        require_clean(proposal)
        on = proposal.effective_on or self.today
        act = act_of(self.store, proposal, on)
        body, target = _identified(draft_id, proposal, act)
        draft = Draft(
            id=draft_id,
            target_kind=proposal.of.kind.value,
            target_id=target,
            act=act,
            body=tuple(sorted(body.items())),
            effective_on=on,
            authors=(),
            provenance=source,
            geometry=proposal.geometry,
            given_crs=proposal.given_crs,
            seen=self.store.version(proposal.of.kind, target),
            reason=proposal.reason.strip(),
            document_no=proposal.document_no.strip(),
            files=tuple(dict.fromkeys(proposal.files)),
        )
        plan = tried(self.store, draft)
        if act is DraftAct.CREATE:
            target = plan.changes[0].record.id
            seen = self.store.version(proposal.of.kind, target)
            draft = replace(draft, target_id=target, seen=seen)
        checked = ";".join(found.word for found in self.evidence(plan))
        return replace(draft, checked=checked)

    def _open(self, draft_id: str, asker: Asker) -> Kept:
        kept = draft_of(self.store, draft_id)
        require(asker, draft_kind(kept.draft.target_kind).draft_right)
        _require_open(kept.draft)
        return kept

    def submitted(self, draft_id: str, version: int, asker: Asker) -> Draft:
        """A draft that waits for a decision, for somebody who may decide on its kind; whether it
        is his own is not asked here. Raises NotFound, Forbidden, Conflict.
        """
        kept = draft_of(self.store, draft_id)
        require(asker, draft_kind(kept.draft.target_kind).approve_right)
        draft = kept.draft
        _require_open(draft)
        _require_seen(kept, version)
        if draft.state is not DraftState.SUBMITTED:
            raise Conflict("draft_not_submitted", draft=draft_id)
        return draft

    def _require_unmoved(self, draft: Draft) -> None:
        told = moved(self.store, draft, self.city.plane_epsg)
        if told:
            facts = {"draft": draft.id, "record": draft.target_id, "seen": draft.seen}
            raise Conflict("draft_record_moved", **facts, changed="; ".join(map(str, told)))

    def _write(self, draft: Draft, version: int, asker: Asker, deed: str) -> Kept:
        with self.store.begin() as work:
            work.append([change_of(draft, version, asker, deed)])
        return Kept(draft, version + 1)


def wrote(draft: Draft, asker: Asker) -> bool:
    """Whether the asker wrote a version of the draft, or submitted it."""
    return asker.name.strip().casefold() in {name.strip().casefold() for name in draft.authors}


def _by(draft: Draft, asker: Asker) -> Draft:
    return draft if wrote(draft, asker) else replace(draft, authors=(*draft.authors, asker.name))


def _content(draft: Draft) -> Draft:
    """What a person proposes, against which version of the record."""
    shape = draft.geometry
    return replace(
        draft,
        geometry=None if shape is None else shapely.set_precision(shape, _GRID, mode="pointwise"),
        given_crs="",
        state=DraftState.DRAFT,
        checked="",
    )


def _asked(draft: Draft) -> tuple[object, ...]:
    """What was asked for, as far as the service did not make it."""
    content = _content(draft)
    body = {name: value for name, value in draft.body if name != "id"}
    papers = (content.reason, content.document_no, content.files)
    return (content.target_kind, body, content.geometry, content.effective_on, papers)


def _asked_by(proposal: Proposal, first: Draft) -> tuple[object, ...]:
    body = {name: value.strip() for name, value in proposal.body.items()}
    asked = replace(
        first,
        target_kind=proposal.of.kind.value,
        body=tuple(sorted(body.items())),
        geometry=proposal.geometry,
        effective_on=proposal.effective_on or first.effective_on,
        reason=proposal.reason.strip(),
        document_no=proposal.document_no.strip(),
        files=tuple(dict.fromkeys(proposal.files)),
    )
    return _asked(asked)


def _require_open(draft: Draft) -> None:
    if not draft.state.is_open:
        raise Conflict("draft_not_open", draft=draft.id, state=draft.state.value)


def _require_seen(kept: Kept, version: int) -> None:
    """That the draft is in the version that the person saw. Raises Conflict `version_stale`."""
    if kept.version != version:
        facts = {"kind": _KIND.value, "record": kept.draft.id}
        raise Conflict("version_stale", **facts, expected=version, actual=kept.version)


def require_record(draft: Draft) -> None:
    """That a draft is of one record. Raises Conflict `draft_of_file`."""
    if draft.act is DraftAct.IMPORT:
        raise Conflict("draft_of_file", draft=draft.id)


def require_others(draft: Draft, asker: Asker) -> None:
    """That the asker is none of the authors. Raises Forbidden `own_draft`."""
    for author in draft.authors:
        require_other_approver(author, asker.name)


def require_papers(draft: Draft, asker: Asker, number: str, files: Sequence[str]) -> None:
    """That a boundary has all that its approval takes. Raises Forbidden, InputError."""
    if not draft_kind(draft.target_kind).is_boundary:
        return
    require_boundary_approval(draft.proposer, asker.name, number)
    if not files:
        raise InputError("draft_unfinished", missing="files")


def _identified(draft_id: str, proposal: Proposal, act: DraftAct) -> tuple[dict[str, str], str]:
    """The fields told and the record meant; a new record without an id gets one of its own."""
    body = {name: value.strip() for name, value in proposal.body.items()}
    if act is not DraftAct.CREATE:
        if not proposal.target_id:
            raise InputError("draft_unfinished", missing="target")
        return body, proposal.target_id
    if proposal.of.new_id:
        own = body.get("id") or proposal.target_id or f"N-{draft_id.removeprefix('D-')}"
        return {**body, "id": own}, own
    return body, proposal.target_id


def change_of(draft: Draft, version: int, asker: Asker, deed: str) -> Change:
    """The entry of the log for a version of a draft that takes the place of another."""
    return Change(
        operation=Operation.CORRECT if version else Operation.CREATE,
        record=draft,
        actor=asker.name,
        reason=draft.decision or draft.reason,
        basis=f"{_BASIS}:{deed}",
        expected_version=version,
    )
