"""A verdict with all that was asked, as a JSON line, to be asked again years later.

    {…verdict as DESIGN fixes it…, "request": {"standing", "position", "unit_code", "record_id",
     "replaces", "facts", "geometry", "mates", "city", "lang", "register"}}

`register` is null where the register was not asked, else how far its log was read.
"""

from __future__ import annotations

import errno
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from geo_service.domain.finding import Outcome, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts, RoadClass
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError
from geo_service.rules.names import Standing
from geo_service.services.names import NameRequest
from geo_service.services.wire import Json, geometry_json, verdict_json
from geo_service.store.disk import ensure_folder, export_refused
from geo_service.store.protocol import LogMark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import FileIO
    from pathlib import Path

    from geo_service.domain.finding import Verdict
    from geo_service.domain.text import Lang

_BATCH = Provenance(source="batch")


@dataclass(frozen=True, slots=True)
class RecordedVerdict:
    """A line read back: what was asked, against which state of the register, and the answer.

    `mark` is None where the register was not asked. `answer` is the verdict without the request.
    """

    request: NameRequest
    mates: tuple[NamedPlace, ...]
    mark: LogMark | None
    city: str
    lang: Lang
    answer: Json


def record_json(
    verdict: Verdict,
    request: NameRequest,
    lang: Lang,
    *,
    city: str,
    mark: LogMark | None,
    mates: Sequence[NamedPlace] = (),
) -> Json:
    """The verdict with its request."""
    return {
        **verdict_json(verdict, lang),
        "request": {
            **_asked(request),
            "mates": [_mate(place) for place in mates],
            "city": city,
            "lang": lang,
            "register": None if mark is None else _register(mark),
        },
    }


def request_json(request: NameRequest) -> Json:
    """What was asked alone, to be answered later: `request_in` reads it back."""
    subject = {"name": request.name, "feature_type": request.feature_type.value}
    return {**subject, "as_of": request.as_of.isoformat(), "request": _asked(request)}


def _asked(request: NameRequest) -> Json:
    return {
        "standing": request.standing.value,
        "position": None if request.position is None else list(request.position),
        "unit_code": request.unit_code,
        "record_id": request.record_id,
        "replaces": request.replaces,
        "facts": _facts(request.facts),
        "geometry": geometry_json(request.geometry),
    }


def _facts(facts: FeatureFacts) -> Json:
    told = ((field.name, getattr(facts, field.name)) for field in fields(FeatureFacts))
    return {name: value for name, value in told if value not in (None, "")}


def _mate(place: NamedPlace) -> Json:
    return {
        "id": place.id,
        "name": place.name,
        "feature_type": place.feature_type.value,
        "status": place.status.value,
        "unit_code": place.unit_code,
        "geometry": geometry_json(place.geometry),
    }


def _register(mark: LogMark) -> Json:
    known = None if mark.recorded_at is None else mark.recorded_at.isoformat()
    return {"sequence": mark.sequence, "hash": mark.hash, "known_at": known}


@contextmanager
def kept_verdicts(path: Path) -> Iterator[Callable[[Json], None]]:
    """A file that verdicts are appended to, a line each: what stands in it stays.

    Raises InputError `export_disk_full` or `export_failed` where the disk refuses.
    """
    with _on_disk(path):
        ensure_folder(path.parent)
        # A name may hold what UTF-8 cannot: JSON's own escapes keep it.
        file = path.open("ab", buffering=0)

    def write(line: Json) -> None:
        told = f"{json.dumps(line, ensure_ascii=False)}\n".encode(errors="backslashreplace")
        with _on_disk(path):
            _append(file, told)

    try:
        yield write
    finally:
        with _on_disk(path):
            file.close()


def _append(file: FileIO, line: bytes) -> None:
    """All of a line or nothing of it: half a line would spoil the next one too."""
    before = os.fstat(file.fileno()).st_size
    if file.write(line) != len(line):
        file.truncate(before)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def _on_disk(path: Path) -> Iterator[None]:
    """What goes wrong with this very file is told of it; other files fail under their own name."""
    try:
        yield
    except OSError as error:
        raise export_refused(path, error) from error


def recorded(line: Json) -> RecordedVerdict:
    """A line read back. Raises InputError for what is no verdict of ours."""
    try:
        asked = line["request"]
        return RecordedVerdict(
            request_in(line),
            tuple(map(_read_mate, asked["mates"])),
            None if asked["register"] is None else _mark(asked["register"]),
            asked["city"],
            cast("Lang", asked["lang"]),
            _answer(line),
        )
    except KeyError as error:
        raise InputError("verdict_part_missing", part=error.args[0]) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError("verdict_unreadable", detail=repr(error)) from error


def request_in(line: Json) -> NameRequest:
    """What a line asks. Raises InputError, KeyError, TypeError or ValueError for anything else."""
    asked = line["request"]
    return NameRequest(
        name=line["name"],
        feature_type=FeatureType(line["feature_type"]),
        standing=Standing(asked["standing"]),
        as_of=date.fromisoformat(line["as_of"]),
        position=None if asked["position"] is None else tuple(asked["position"]),
        unit_code=_code(asked["unit_code"]),
        record_id=asked["record_id"],
        facts=_read_facts(asked["facts"]),
        replaces=asked["replaces"],
        geometry=_geometry(asked["geometry"]),
    )


def _answer(line: Json) -> Json:
    """The verdict without the request. Raises KeyError where it cannot be compared."""
    Outcome(line["verdict"])
    for finding in line["findings"]:
        Severity.from_word(finding["severity"])
        rules = finding["rule_id"], finding["message"]
        if not all(isinstance(part, str) for part in rules):
            raise TypeError(rules)
    return {key: line[key] for key in line if key not in ("request", "row")}


def _code(text: str | None) -> DivisionCode | None:
    return None if text is None else DivisionCode.parse(text)


def _read_facts(told: Json) -> FeatureFacts:
    if not told:
        return NOTHING_TOLD
    values: dict[str, Any] = dict(told)
    if "road_class" in values:
        values["road_class"] = RoadClass(values["road_class"])
    return FeatureFacts(**values)


def _read_mate(row: Json) -> NamedPlace:
    return NamedPlace(
        id=row["id"],
        name=row["name"],
        feature_type=FeatureType(row["feature_type"]),
        status=NameStatus(row["status"]),
        unit_code=_code(row["unit_code"]),
        geometry=_geometry(row["geometry"]),
        provenance=_BATCH,
    )


def _geometry(value: Json | None) -> Any:
    if value is None:
        return None
    import shapely.geometry  # noqa: PLC0415 - most requests have none

    return shapely.geometry.shape(value)


def _mark(value: Json) -> LogMark:
    known = value["known_at"]
    moment = None if known is None else datetime.fromisoformat(known)
    return LogMark(value["sequence"], value["hash"], moment)
