"""What a file comes to in the register, record by record, so that two runs of it can be compared.

A file that one person alone may not store is tried, looked at, and stored later by the word of
another: then it must come to what was looked at, or nothing is stored.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from geo_service.services.persons.tokens import with_masks
from geo_service.services.register.acts import label_of
from geo_service.store.codec import CODECS, KIND_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from geo_service.domain.change import Change
    from geo_service.services.interchange.report import ImportReport
    from geo_service.services.register.acts import Signed


class Written(NamedTuple):
    """One change that a file comes to: `version` is that of the record as it was found (0 for
    none), `digest` that of the record as it would stand, `operation` a word of the log."""

    operation: str
    kind: str
    id: str
    version: int
    digest: str
    name: str = ""


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


def written_of(changes: Iterable[Change], masks: Mapping[str, str]) -> tuple[Written, ...]:
    """The changes in short; `masks` stand in the place of personal values, whose tokens are drawn
    anew with every reading of a file."""
    return tuple(_written(change, masks) for change in changes)


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
