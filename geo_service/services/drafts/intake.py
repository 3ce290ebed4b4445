"""A GeoJSON feature as somebody sends it, read strictly into a proposal."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.domain.draft import RECORD_ACTS, DraftAct
from geo_service.errors import InputError
from geo_service.messages import message
from geo_service.services.drafts.collections import (
    ACT,
    DOCUMENT,
    FILES,
    OF_DRAFT,
    READ_ONLY,
    REASON,
    TARGET,
    body_fields,
)
from geo_service.services.drafts.proposal import Proposal, fit_geometry
from geo_service.services.serving.fields import VALID_FROM
from geo_service.services.serving.systems import CRS84, STORAGE, System

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.text import Text
    from geo_service.services.drafts.kinds import DraftKind
    from geo_service.services.wire import Json

LONGEST = 4000
"""Characters of one text (ours): no field of a record is longer."""
_UNTOUCHED = (CRS84, STORAGE)


@dataclass(frozen=True, slots=True)
class Taken:
    """A proposal as it was read, and what the sender should know of how."""

    proposal: Proposal
    notes: tuple[Text, ...] = ()


def proposal_of(
    feature: Json,
    of: DraftKind,
    system: System,
    *,
    city: CityProfile,
    today: date,
    standing: Mapping[str, Any],
    shape: BaseGeometry | None = None,
) -> Taken:
    """A feature of a system as a proposal; `standing` are the read-only values as they are.

    With `shape` the place is that one, whatever the feature says. Raises InputError with the
    field that is wrong: `draft_feature_malformed`, `draft_field_read_only`,
    `draft_value_unreadable`, `draft_geometry_refused`.
    """
    properties = feature.get("properties")
    if feature.get("type") != "Feature" or not isinstance(properties, dict | None):
        raise InputError("draft_feature_malformed", field="type")
    if "geometry" not in feature:
        raise InputError("draft_feature_malformed", field="geometry")
    told = _texts(properties or {}, standing)
    place, given = shape, ""
    notes: tuple[Text, ...] = ()
    if shape is None and feature["geometry"] is not None:
        place = _in_register(feature["geometry"], system)
        place, notes = fit_geometry(place, of.kind, city=city, today=today)
        if system.uri not in _UNTOUCHED:
            given = system.uri
            notes = (message("drafts.transformed", crs=given), *notes)
    of_draft = {name: told.pop(name, "") for name in OF_DRAFT}
    _require_known(told, of)
    proposal = Proposal(
        of=of,
        target_id=of_draft[TARGET],
        act=_act(of_draft[ACT]),
        body=told,
        geometry=place,
        given_crs=given,
        effective_on=_day(of_draft[VALID_FROM]),
        reason=of_draft[REASON],
        document_no=of_draft[DOCUMENT],
        files=tuple(of_draft[FILES].split()),
    )
    return Taken(proposal, notes)


def placed(
    geometry: Json, of: DraftKind, city: CityProfile, today: date
) -> tuple[BaseGeometry, tuple[Text, ...]]:
    """A GeoJSON geometry (EPSG:4490, longitude first) fit for a record of the kind, and notes.

    Raises InputError as `proposal_of` does.
    """
    return fit_geometry(_in_register(geometry, System(CRS84)), of.kind, city=city, today=today)


def merged(target: Any, patch: Any) -> Any:
    """A JSON value with a merge patch put into it (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _texts(properties: Json, standing: Mapping[str, Any]) -> dict[str, str]:
    """What is told, as a person would have typed it; null tells nothing."""
    told: dict[str, str] = {}
    for name, value in properties.items():
        if name in READ_ONLY:
            if value is not None and value != standing.get(name):
                raise InputError("draft_field_read_only", field=name)
        elif value is not None:
            told[name] = _typed(name, value)
    return told


def _typed(name: str, value: Any) -> str:
    if isinstance(value, str):
        text = value.strip()
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        text = f"{value:.15g}"
    else:
        raise InputError("draft_value_unreadable", field=_shown(name))
    fits = len(text) <= LONGEST and "\x00" not in text and _shown(text) == text
    if not fits:
        raise InputError("draft_value_unreadable", field=_shown(name))
    return text


def _shown(text: str) -> str:
    """A text without the half characters that JSON lets through and nothing can store."""
    return text.encode("utf-8", "replace").decode()[: LONGEST + 1]


def _require_known(told: Mapping[str, str], of: DraftKind) -> None:
    known = body_fields(of)
    for name in told:
        if name not in known:
            fields = ", ".join((*known, *sorted(OF_DRAFT)))
            raise InputError("draft_field_unknown", field=_shown(name)[:80], known=fields)


def _act(word: str) -> DraftAct | None:
    try:
        return DraftAct(word) if word else None
    except ValueError as error:
        facts = {"field": ACT, "value": word[:80], "expected": " ".join(RECORD_ACTS)}
        raise InputError("register_field_unreadable", **facts) from error


def _day(text: str) -> date | None:
    """A day; GDAL writes 2026/12/01."""
    try:
        return date.fromisoformat(text.replace("/", "-")) if text else None
    except ValueError as error:
        facts = {"field": VALID_FROM, "value": text[:80], "expected": "2026-12-01"}
        raise InputError("register_field_unreadable", **facts) from error


def _in_register(geometry: Any, system: System) -> BaseGeometry:
    """A geometry of a system as one of EPSG:4490, longitude first."""
    found = None
    if isinstance(geometry, dict):
        written = json.dumps(geometry)
        found = shapely.from_geojson(written, on_invalid="ignore")
    if found is None:
        raise InputError("draft_feature_malformed", field="geometry")
    flat = shapely.get_coordinates(found)
    if not np.isfinite(flat).all():
        raise InputError("draft_feature_malformed", field="geometry")
    moved: BaseGeometry = shapely.transform(found, system.inward)
    return moved
