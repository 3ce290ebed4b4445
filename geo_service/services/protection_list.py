"""The protection list of place names (地名保护名录): entries with their grounds.

An entry is a place name with the status `listed`: name, type, unit, grounds in `origin`, list and
document in `document_no`, day in `approved_on`. It is imported, corrected and retired like any
other record, so that the list has its history.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.language.normalise import compared_form, registered_forms
from geo_service.rules.names import NameCase, Standing

if TYPE_CHECKING:
    from datetime import date

    from geo_service.store.protocol import Store


def entries_for(
    case: NameCase, alike: Iterable[NamedPlace], store: Store, as_of: date
) -> tuple[NamedPlace, ...]:
    """The entries of the name of a case and of the name it replaces, by id.

    `alike` are the registered names of the same writing or sound, which were asked for already.
    """
    former: list[NamedPlace] = []
    if case.replaces:
        forms = registered_forms(case.replaces, case.feature_type)
        former = store.places_like(written=forms, as_of=as_of)
    found = {
        place.id: place
        for name, places in ((case.name, alike), (case.replaces, former))
        for place in places
        if place.status is NameStatus.LISTED and _lists(place, name, case)
    }
    return tuple(found[key] for key in sorted(found))


def protected(case: NameCase, entries: Iterable[NamedPlace]) -> NameCase:
    """The case, an existing name on the list as a protected one."""
    listed = any(_lists(entry, case.name, case) for entry in entries)
    if listed and case.standing is Standing.EXISTING:
        return replace(case, standing=Standing.PROTECTED)
    return case


def _lists(entry: NamedPlace, name: str, case: NameCase) -> bool:
    """Whether an entry is of this name and type, and not of another unit."""
    if entry.feature_type is not case.feature_type:
        return False
    own, there = case.unit_code, entry.unit_code
    apart = (
        own is not None and there is not None and not (own.is_within(there) or there.is_within(own))
    )
    return not apart and compared_form(entry.name, entry.feature_type) == compared_form(
        name, case.feature_type
    )
