"""Many names at once: each judged like a single one, and held against the others of its batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.domain.finding import Outcome, Severity
from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.domain.provenance import Provenance
from geo_service.errors import GeoServiceError, NotFound
from geo_service.language.likeness_keys import filing_keys, probe_keys
from geo_service.language.normalise import compared_form
from geo_service.messages import message
from geo_service.rules.names import Standing
from geo_service.rules.names._rivals import city_profile
from geo_service.services.name_record import record_json
from geo_service.services.names import check_name
from geo_service.services.positions import unit_at
from geo_service.services.register_then import as_known
from geo_service.services.wire import verdict_json

if TYPE_CHECKING:
    from datetime import datetime

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Finding, Verdict
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.domain.text import Lang, Text
    from geo_service.services.name_sheet import NameRow
    from geo_service.services.names import NameRequest
    from geo_service.services.positions import Position
    from geo_service.services.wire import Json
    from geo_service.store.protocol import LogMark, Store

COLUMNS = (
    "verdict",
    "rule_ids",
    "categories",
    "messages",
    "near_names",
    "check_notes",
    "check_problem",
)
"""What a row is answered with. A row that could not be asked has a problem and no verdict."""

_MOST_MATES = 50
"""A list of one name over and over: more mates than a person reads."""
_SEPARATOR = ";"


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """One row with its verdict, or without one where the row tells its `problem`."""

    row: NameRow
    verdict: Verdict | None
    problem: Text | None
    mates: tuple[NamedPlace, ...] = ()


@dataclass(slots=True)
class BatchCount:
    """How a batch came out, counted as it goes."""

    rows: int = 0
    passed: int = 0
    review: int = 0
    failed: int = 0
    problems: int = 0
    worst: Severity | None = None

    def add(self, answer: RowAnswer) -> None:
        """Count one more row."""
        self.rows += 1
        verdict = answer.verdict
        if verdict is None:
            self.problems += 1
            return
        self.passed += verdict.outcome is Outcome.PASS
        self.review += verdict.outcome is Outcome.REVIEW
        self.failed += verdict.outcome is Outcome.FAIL
        for finding in verdict.findings:
            self.worst = max(self.worst or Severity.INFO, finding.severity)

    def to_json(self) -> Json:
        """The counts as the CLI and the API show them."""
        return {
            "rows": self.rows,
            "pass": self.passed,
            "review": self.review,
            "fail": self.failed,
            "problems": self.problems,
        }


@dataclass(frozen=True, slots=True)
class Batch:
    """What all rows are judged by: the city, and the register as it stood when the batch began.

    `mark` says how far the log of the register had come; both are None where it is not asked.
    """

    city: CityProfile
    restricted: RestrictedNames | None = None
    register: Store | None = None
    mark: LogMark | None = None


def batch_of(
    city: CityProfile, store: Store | None, restricted: RestrictedNames | None = None
) -> Batch:
    """A batch against the register as it stands now, or without it."""
    if store is None:
        return Batch(city, restricted)
    mark = store.log_mark()
    return Batch(city, restricted, as_known(store, mark.recorded_at), mark)


def batch_at(
    city: CityProfile,
    store: Store | None,
    restricted: RestrictedNames | None,
    known_at: datetime | None,
) -> Batch:
    """A batch against the register as it was known at a moment (None: now), or without it."""
    if store is None or known_at is None:
        return batch_of(city, store, restricted)
    return Batch(city, restricted, as_known(store, known_at))


def answered(rows: Sequence[NameRow], batch: Batch) -> Iterator[RowAnswer]:
    """Each row with its verdict, in the order of the rows. Never stops at a row that is wrong."""
    located = [_located(row, batch.register) for row in rows]
    mates = _Mates(located, batch.city)
    for row in located:
        if row.request is None:
            yield RowAnswer(row, None, row.problem)
            continue
        beside = mates.of(row, row.request)
        try:
            verdict = check_name(
                row.request, batch.city, batch.register, batch.restricted, mates=beside
            )
        except GeoServiceError as error:
            yield RowAnswer(row, None, message(f"errors.{error.code}", **error.context))
        else:
            yield RowAnswer(row, verdict, None, beside)


def _located(row: NameRow, register: Store | None) -> NameRow:
    """The row with the unit that its position tells: its mates must know where it lies.

    A number of the sender's own that happens to be a record of another name is none of ours.
    """
    request = row.request
    if request is None or register is None:
        return row
    if request.record_id and not _is_record(request, register):
        request = replace(request, record_id="")
    if request.position is not None and not request.unit_code:
        unit = unit_at(request.position, register, request.as_of)
        request = replace(request, unit_code=unit)
    return replace(row, request=request)


def _is_record(request: NameRequest, register: Store) -> bool:
    """Whether the register holds the record under this name."""
    try:
        record = register.get(RecordKind.PLACE_NAMES, request.record_id, as_of=request.as_of)
    except NotFound:
        return False
    kind = request.feature_type
    return isinstance(record, NamedPlace) and (
        compared_form(record.name, kind) == compared_form(request.name, kind)
    )


class _Mates:
    """The names of a batch by their writing, and where their unit is known by likeness keys.

    Two names that are merely alike mean nothing while nobody knows where they lie.
    """

    def __init__(self, rows: Iterable[NameRow], city: CityProfile) -> None:
        self._city = city
        self._filed: dict[str, list[tuple[int, NamedPlace]]] = {}
        for row in rows:
            if row.request is not None:
                place = _as_place(row.number, row.request)
                for key in self._keys_of(row.request):
                    self._filed.setdefault(key, []).append((row.number, place))

    @staticmethod
    def _keys_of(request: NameRequest) -> tuple[str, ...]:
        form = compared_form(request.name, request.feature_type)
        if not request.unit_code:
            return (form,)
        return (form, *filing_keys(request.name, request.feature_type))

    def of(self, row: NameRow, request: NameRequest) -> tuple[NamedPlace, ...]:
        """The other names of the batch under the keys of one, nearest rows of the sheet first."""
        keys: tuple[str, ...] = ()
        if request.unit_code:
            profile = city_profile(self._city, request.as_of)
            keys = probe_keys(request.name, request.feature_type, profile)
        form = compared_form(request.name, request.feature_type)
        found: dict[int, NamedPlace] = {}
        for key in (form, *keys):
            found.update(self._filed.get(key, ()))
        found.pop(row.number, None)
        nearest = sorted(found, key=lambda number: (abs(number - row.number), number))
        return tuple(found[number] for number in sorted(nearest[:_MOST_MATES]))


def _as_place(number: int, request: NameRequest) -> NamedPlace:
    """A row as if it stood in a register: what is proposed as an application, else as a name."""
    new = request.standing is Standing.PROPOSED
    return NamedPlace(
        id=f"#{number}",
        name=request.name,
        feature_type=request.feature_type,
        status=NameStatus.PROPOSED if new else NameStatus.STANDARD,
        unit_code=request.unit_code,
        geometry=_point(request.position),
        provenance=Provenance(source="batch"),
    )


def _point(position: Position | None) -> BaseGeometry | None:
    if position is None:
        return None
    import shapely  # noqa: PLC0415 - lists of names mostly have no positions

    return shapely.Point(position)


def batch_json(answers: Iterable[RowAnswer], lang: Lang) -> Json:
    """A batch as the API answers it: each verdict as for a single name, and the counts."""
    count, results = BatchCount(), []
    for answer in answers:
        count.add(answer)
        verdict, problem = answer.verdict, answer.problem
        results.append(
            {
                "row": answer.row.number,
                "verdict": None if verdict is None else verdict_json(verdict, lang),
                "problem": None if problem is None else problem.in_(lang),
            }
        )
    notice = message("name.notice").in_(lang)
    return {"results": results, "counts": count.to_json(), "notice": notice}


# --- answers ----------------------------------------------------------------------------------


def cells_of(answer: RowAnswer, lang: Lang) -> list[str]:
    """The answer in COLUMNS; what is only noted stands under `check_notes`."""
    verdict = answer.verdict
    notes = [note.in_(lang) for note in answer.row.notes]
    if verdict is None:
        problem = "" if answer.problem is None else answer.problem.in_(lang)
        return ["", "", "", "", "", _joined(notes), problem]
    weighty = [f for f in verdict.findings if f.severity > Severity.INFO]
    notes += [f.message.in_(lang) for f in verdict.findings if f.severity is Severity.INFO]
    return [
        verdict.outcome.value,
        _joined(dict.fromkeys(f.rule_id for f in weighty)),
        _joined(dict.fromkeys(f.category for f in weighty)),
        _joined(_message(f, lang) for f in weighty),
        _joined(f"{row.name}({row.likeness:.2f})" for row in verdict.near),
        _joined(notes),
        "",
    ]


def _message(finding: Finding, lang: Lang) -> str:
    return finding.message.in_(lang)


def _joined(parts: Iterable[str]) -> str:
    return _SEPARATOR.join(part.replace(_SEPARATOR, "；") for part in parts)


def line_of(answer: RowAnswer, batch: Batch, lang: Lang) -> Json:
    """The answer as one JSON line: a verdict with its request, or what kept it from being asked."""
    request, verdict = answer.row.request, answer.verdict
    if request is None or verdict is None:
        problem = "" if answer.problem is None else answer.problem.in_(lang)
        return {"row": answer.row.number, "problem": problem}
    recorded = record_json(
        verdict, request, lang, city=batch.city.code, mark=batch.mark, mates=answer.mates
    )
    return {"row": answer.row.number, **recorded}
