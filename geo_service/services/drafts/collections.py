"""Open drafts as features: a collection beside each kind, with its fields and what a draft adds.

A feature tells what its draft tells and nothing more: a field that stays as it is is null, so that
what was read can be sent back and means the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from geo_service.domain.change import RecordKind
from geo_service.domain.draft import RECORD_ACTS, DraftAct, DraftState
from geo_service.services.drafts.kinds import DRAFT_KINDS
from geo_service.services.drafts.reading import Kept
from geo_service.services.register.fields import fields_of
from geo_service.services.serving.collections import COLLECTIONS, Collection
from geo_service.services.serving.fields import VALID_FROM, VALID_TO, Field, FieldType
from geo_service.services.serving.sources import Served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from geo_service.domain.access import Asker
    from geo_service.domain.draft import Draft
    from geo_service.services.drafts.kinds import DraftKind
    from geo_service.services.serving.fields import Scalar
    from geo_service.services.serving.sources import Source

TARGET, ACT, REASON = "draft_target", "draft_act", "draft_reason"
DOCUMENT, FILES = "draft_document_no", "draft_files"
VERSION = "draft_version"


def _own(name: str, read: Callable[[Draft], str], choices: tuple[str, ...] = ()) -> Field:
    return Field(name, lambda kept: read(kept.draft) or None, choices=choices)


_TOLD = (
    Field(VALID_FROM, lambda kept: str(kept.draft.effective_on.isoformat()), FieldType.DATE),
    _own(TARGET, lambda draft: draft.target_id),
    _own(ACT, lambda draft: draft.act.value, RECORD_ACTS),
    _own(REASON, lambda draft: draft.reason),
    _own(DOCUMENT, lambda draft: draft.document_no),
    _own(FILES, lambda draft: " ".join(draft.files)),
)
_SAID = (
    Field(VALID_TO, lambda _: None, FieldType.DATE),
    _own("draft_state", lambda draft: draft.state.value, tuple(DraftState)),
    Field(VERSION, lambda kept: kept.version, FieldType.INTEGER),
    _own("draft_proposer", lambda draft: draft.proposer),
    _own("draft_checked", lambda draft: draft.checked),
    _own("draft_given_crs", lambda draft: draft.given_crs),
)
READ_ONLY = frozenset(field.name for field in _SAID)
"""Fields that the service tells and nobody sets."""
OF_DRAFT = frozenset(field.name for field in _TOLD)
"""Fields that a person sets of the draft, besides those of the record."""


def body_fields(of: DraftKind) -> tuple[str, ...]:
    """The fields of a record that a draft of the kind may tell; its id is `draft_target`."""
    return tuple(name for name in fields_of(of.kind) if name != "id")


def _of_body(field: Field) -> Field:
    def read(kept: Kept) -> Scalar:
        value = dict(kept.draft.body).get(field.name)
        if not value:
            return value or None
        return float(value) if field.type is FieldType.NUMBER else value

    return Field(field.name, read, field.type, field.unit, field.choices)


def _open(of: DraftKind) -> Callable[[Source], Iterator[Served]]:
    def features(source: Source) -> Iterator[Served]:
        found = [
            draft
            for draft in cast("list[Draft]", source.records(RecordKind.DRAFTS))
            if draft.target_kind == of.kind.value
            and draft.state.is_open
            and draft.act is not DraftAct.IMPORT
        ]
        versions = source.store.versions(RecordKind.DRAFTS, [draft.id for draft in found])
        for draft in found:
            yield Served(draft.id, draft.geometry, Kept(draft, versions[draft.id]))

    return features


def _collection(of: DraftKind) -> Collection:
    plain = COLLECTIONS[of.word]
    told = tuple(field for field in plain.fields if field.name in body_fields(of))
    return Collection(
        f"{of.word}-drafts",
        (RecordKind.DRAFTS,),
        plain.shapes,
        (*map(_of_body, told), *_TOLD, *_SAID),
        derived=_open(of),
    )


DRAFT_COLLECTIONS: Mapping[str, Collection] = {
    made.id: made for made in map(_collection, DRAFT_KINDS)
}
_KINDS: Mapping[str, DraftKind] = dict(zip(DRAFT_COLLECTIONS, DRAFT_KINDS, strict=True))


def kind_of(collection: Collection) -> DraftKind | None:
    """The kind of which a collection holds drafts, None for any other."""
    return _KINDS.get(collection.id)


def seen_by(asker: Asker) -> list[Collection]:
    """The collections of drafts that are there for the asker."""
    return [made for made in DRAFT_COLLECTIONS.values() if _KINDS[made.id].seen_by(asker)]
