"""The trial of a file that is laid before another person: how it was read, and what it came to.

It is kept beside the file as bytes of its own: what somebody decided on can be shown for ever, and
held against what the same file comes to later.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from geo_service.domain.change import RecordKind
from geo_service.services.interchange.mappings import ColumnMapping
from geo_service.services.interchange.outcome import Written
from geo_service.services.interchange.report import read_report
from geo_service.services.register.differences import Difference, FieldChange, GeometryChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from geo_service.services.interchange.issues import Issue
    from geo_service.services.interchange.report import ImportReport
    from geo_service.store.protocol import Store

_NEWS, _GONE, _OTHER = "+", "-", "→"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a file was read and what it came to; `report.written` are all changes of it.

    `report.repeated` says that the register had the very file already.
    """

    kind: RecordKind
    report: ImportReport
    layer: str = ""
    crs: str = ""
    encoding: str = ""
    mapping: ColumnMapping | None = None

    def dump(self) -> bytes:
        """The trial in no language, as it is kept."""
        report = self.report
        told: dict[str, Any] = {
            "kind": self.kind.value,
            "layer": self.layer,
            "crs": self.crs,
            "encoding": self.encoding,
            "mapping": None if self.mapping is None else asdict(self.mapping),
            "accepted": report.accepted,
            "repeated": report.repeated,
            "report": json.loads(report.dump()),
            "written": report.written,
        }
        plain = json.dumps(told, ensure_ascii=False, default=asdict)
        return plain.encode(errors="backslashreplace")


def read_trial(data: bytes) -> Trial:
    """A trial out of what `dump` wrote of it."""
    told = json.loads(data)
    report = read_report(told["report"], accepted=told["accepted"])
    written = tuple(_read_written(each) for each in told["written"])
    mapping = told["mapping"]
    if mapping is not None:
        mapping = ColumnMapping(**{**mapping, "kind": RecordKind(mapping["kind"])})
    return Trial(
        kind=RecordKind(told["kind"]),
        report=replace(report, repeated=told["repeated"], written=written),
        layer=told["layer"],
        crs=told["crs"],
        encoding=told["encoding"],
        mapping=mapping,
    )


def _read_written(told: list[Any]) -> Written:
    differs = told[-1]
    if differs is not None:
        shape = differs["geometry"]
        differs = Difference(
            fields=tuple(FieldChange(**each) for each in differs["fields"]),
            geometry=None if shape is None else GeometryChange(**shape),
        )
    return Written._make([*told[:-1], differs])


def differences(before: ImportReport, after: ImportReport) -> tuple[str, ...]:
    """How what a file comes to differs from what was shown, a line to each; none where it is the
    same. Lines are of ids, versions and codes: they need no language.
    """
    return tuple(_differences(before, after))


def _differences(before: ImportReport, after: ImportReport) -> Iterator[str]:
    if _state(before) != _state(after):
        yield f"{_state(before)} {_OTHER} {_state(after)}"
    yield from _changed(_by_id(before.written), _by_id(after.written))
    told, now = _issues(before.issues), _issues(after.issues)
    yield from (f"{_NEWS} {now[key]}" for key in now if key not in told)
    yield from (f"{_GONE} {told[key]}" for key in told if key not in now)


def _state(report: ImportReport) -> str:
    return "repeated" if report.repeated else "accepted" if report.accepted else "rejected"


def _by_id(written: Iterable[Written]) -> dict[tuple[str, str, int], Written]:
    """By record; a record that several changes are of is told by their order."""
    result: dict[tuple[str, str, int], Written] = {}
    for each in written:
        turn = 0
        while (each.kind, each.id, turn) in result:
            turn += 1
        result[each.kind, each.id, turn] = each
    return result


def _changed(
    before: Mapping[tuple[str, str, int], Written], after: Mapping[tuple[str, str, int], Written]
) -> Iterator[str]:
    for key, now in after.items():
        then = before.get(key)
        if then is None:
            yield f"{_NEWS} {_words(now)}"
        elif not then.is_as(now):
            yield f"{_words(then)} {_OTHER} {_words(now)}"
    yield from (f"{_GONE} {_words(each)}" for key, each in before.items() if key not in after)


def _words(each: Written) -> str:
    return f"{each.kind} {each.id} {each.operation} (v{each.version}, {each.digest[:8]})"


def _issues(issues: Iterable[Issue]) -> dict[str, str]:
    """The issues in words, by all that they tell: what is only said otherwise is news."""
    result = {}
    for issue in issues:
        values = json.dumps(issue.values, sort_keys=True, default=asdict)
        key = f"{issue.level} {issue.code} {issue.row} {issue.field} {values}"
        row = "" if issue.row is None else f" {issue.row}"
        result[key] = f"{issue.code}{row} {issue.field}".strip()
    return result


def moved_since(store: Store, trial: Trial) -> tuple[str, ...]:
    """The records that were written since the trial, a line to each; told without reading the file
    again, so that what new rows of the register change besides is told by another trial only.
    """
    kinds: dict[str, list[Written]] = {}
    for each in trial.report.written:
        kinds.setdefault(each.kind, []).append(each)
    told = []
    for kind, written in kinds.items():
        first = {each.id: each.version for each in reversed(written)}
        now = store.versions(RecordKind(kind), first)
        told += [
            f"{kind} {record}: v{version} {_OTHER} v{now.get(record, 0)}"
            for record, version in first.items()
            if now.get(record, 0) != version
        ]
    return tuple(told)
