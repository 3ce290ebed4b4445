"""What a file comes to in the register, record by record, so that two runs of it can be compared.

A file that one person alone may not store is tried, looked at, and stored later by the word of
another: then it must come to what was looked at, or nothing is stored.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from geo_service.services.persons.tokens import ids_in, with_masks
from geo_service.services.register.acts import label_of
from geo_service.services.register.differences import Difference, difference
from geo_service.store.codec import CODECS, KIND_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from geo_service.domain.change import Change, Record
    from geo_service.services.interchange.report import ImportReport
    from geo_service.services.register.acts import Signed


DIFFERENCES_TOLD = 300
"""Changes of which it is told what differs: a reader looks at no more (ours)."""
_UNTOLD = "…"
_IDENTITY = 5
"""Parts of a change by which two are the same."""


class Written(NamedTuple):
    """One change that a file comes to: `version` is that of the record as it was found (0 for
    none), `digest` that of the record as it would stand, `operation` a word of the log.

    `differs` is what differs from the record as it was found, told of the first changes only.
    """

    operation: str
    kind: str
    id: str
    version: int
    digest: str
    name: str = ""
    differs: Difference | None = None

    def is_as(self, other: Written) -> bool:
        """Whether it is the same change of the same record as it was found."""
        return self[:_IDENTITY] == other[:_IDENTITY]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sanction:
    """The word of a second person by which a file is stored.

    The entries of the log are signed by `by` and rest on `basis`. `expect` is told the report
    before the first write, and raises where the file comes to something else than was shown;
    `beside` gives the changes of bookkeeping that stand or fall with the import, from the number
    of its first entry.
    """

    by: Signed
    basis: str
    expect: Callable[[ImportReport], None]
    beside: Callable[[int], Iterable[Change]]


def written_of(
    changes: Iterable[Change],
    masks: Mapping[str, str],
    found: Callable[[Record], Record | None],
    plane_epsg: int,
) -> tuple[Written, ...]:
    """The changes in short; `masks` stand in the place of personal values, whose tokens are drawn
    anew with every reading of a file. `found` gives a record as the register has it."""
    result = []
    for number, change in enumerate(changes):
        each = _written(change, masks)
        former = found(change.record) if each.version and number < DIFFERENCES_TOLD else None
        if former is not None and type(former) is type(change.record):
            differs = difference(former, change.record, plane_epsg)  # type: ignore[arg-type]
            each = each._replace(differs=_masked(differs, masks))
        result.append(each)
    return tuple(result)


def _masked(differs: Difference, masks: Mapping[str, str]) -> Difference:
    """Without tokens: what is new of a person is masked, what the register has is not told."""
    told = []
    for change in differs.fields:
        before = with_masks(change.before, dict.fromkeys(ids_in(change.before), _UNTOLD))
        told.append(replace(change, before=before, after=with_masks(change.after, masks)))
    return replace(differs, fields=tuple(told))


def _written(change: Change, masks: Mapping[str, str]) -> Written:
    record: Any = change.record
    kind = KIND_OF[type(record)]
    codec = CODECS[kind]
    shape = getattr(record, codec.geometry)
    told = [
        with_masks(list(codec.values(record)), masks),
        None if shape is None else shape.wkb_hex,
        [str(day) for day in (record.period.start, record.period.end)],
    ]
    digest = hashlib.sha256(json.dumps(told, ensure_ascii=True).encode()).hexdigest()
    return Written(
        change.operation.value,
        kind.value,
        record.id,
        change.expected_version,
        digest,
        with_masks(label_of(record), masks),
    )
