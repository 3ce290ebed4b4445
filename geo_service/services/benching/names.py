"""Checks, look-ups and memory of the name services on an invented register of a given size."""

from __future__ import annotations

import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service import __version__
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.normalise import registered_forms
from geo_service.messages import message
from geo_service.rules.engine import evaluate, rules_of
from geo_service.rules.names import NameCase, NameContext
from geo_service.services.benching.peers import (
    Peer,
    now_ms,
    postgres_peer,
    rows_of,
    sqlite_peers,
)
from geo_service.services.benching.register import AS_OF, changes, places, requests
from geo_service.services.names import NameRequest, check_name
from geo_service.services.search import SearchRequest, search
from geo_service.services.searching.index import NameIndex
from geo_service.store.opening import open_store

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.text import Lang, Text
    from geo_service.services.wire import Json
    from geo_service.store.protocol import Store

RULE_NAMES = 20_000
WARM_UP = 20

Told = Callable[[str], None]
"""Told the key of each step (`bench.step_…`) when it begins."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of one kind of call in milliseconds: of the CPU, or by the wall clock if `outside`."""

    title: Text
    calls: int
    p50: float
    p99: float
    outside: bool = False


@dataclass(frozen=True, slots=True)
class SizeReport:
    """All that was measured on one register.

    `load_s` is the time of writing the register with its log, `index_mb` the text and arrays of
    the warm search index, `index_s` its first filling, `file_mb` the store on disk.
    """

    size: int
    load_s: float
    file_mb: float
    index_s: float
    index_mb: float
    timings: tuple[Timing, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class BenchReport:
    """The rules alone, and one report for each size."""

    rules: int
    rules_names_per_s: float
    sizes: tuple[SizeReport, ...]


def rules_alone(city: CityProfile) -> float:
    """Names a second that all rules together judge on one core, without a register."""
    context, rules = NameContext(city, AS_OF), rules_of("names")
    cases = [NameCase(place.name, place.feature_type) for place in places(RULE_NAMES, city)]

    def judge(some: Sequence[NameCase]) -> None:
        for case in some:
            evaluate(rules, case, context, as_of=AS_OF, jurisdiction=city.code)

    judge(cases[: RULE_NAMES // 10])
    start = now_ms()
    judge(cases)
    return len(cases) / (now_ms() - start) * 1000


def _timed(peer: Peer, asked: list[NameRequest]) -> Timing:
    for request in asked[:WARM_UP]:
        peer.ask(request)
    spent = []
    for request in asked:
        start = now_ms(outside=peer.outside)
        peer.ask(request)
        spent.append(now_ms(outside=peer.outside) - start)
    spent.sort()
    last = len(spent) - 1
    return Timing(
        peer.title,
        len(spent),
        spent[len(spent) // 2],
        spent[min(last, len(spent) * 99 // 100)],
        peer.outside,
    )


def _ours(city: CityProfile, store: Store, index: NameIndex) -> Iterator[Peer]:
    def look_up(request: NameRequest) -> int:
        forms = registered_forms(request.name, request.feature_type)
        keys = probe_keys(request.name, request.feature_type)
        return len(store.places_like(written=forms, keys=keys, as_of=AS_OF, within=(city.code,)))

    def box(request: NameRequest) -> int:
        found = search(SearchRequest(request.name, AS_OF, request.position), index, store)
        return found.total

    yield Peer(
        message("bench.check"), lambda request: len(check_name(request, city, store).findings)
    )
    yield Peer(message("bench.look_up"), look_up)
    yield Peer(message("bench.search"), box)


def measure(
    size: int, city: CityProfile, *, calls: int, postgres: str | None, told: Told
) -> SizeReport:
    """Write a register of the size, ask it, ask the peers, and delete it all again."""
    with ExitStack() as kept:
        folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
        told("load")
        start = time.perf_counter()
        store = open_store(f"gpkg:{folder}/bench.gpkg", create=True)
        kept.callback(store.close)
        with store.begin() as work:
            work.append(changes(size, city))
        loaded = time.perf_counter() - start
        report = measure_store(size, store, city, calls=calls, told=told)
        file_mb = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
        found, notes = _peers(size, city, requests(calls, size, city), postgres, told)
        timings = (*report.timings, *found)
        return replace(report, load_s=loaded, file_mb=file_mb, timings=timings, notes=notes)


def measure_store(
    size: int, store: Store, city: CityProfile, *, calls: int, told: Told
) -> SizeReport:
    """Ask a register that holds the first so many names; loading and peers are left out."""
    told("index")
    start = time.perf_counter()
    index = NameIndex(store)
    index.segments()
    filled = time.perf_counter() - start
    told("ours")
    asked = requests(calls, size, city)
    timings = tuple(_timed(peer, asked) for peer in _ours(city, store, index))
    return SizeReport(size, 0.0, 0.0, filled, index.nbytes / 2**20, timings, ())


def _peers(
    size: int, city: CityProfile, asked: list[NameRequest], postgres: str | None, told: Told
) -> tuple[tuple[Timing, ...], tuple[Text, ...]]:
    told("sqlite")
    with sqlite_peers(rows_of(places(size, city))) as peers:
        timings = [_timed(peer, asked) for peer in peers]
    if postgres is None:
        return tuple(timings), (message("bench.not_asked"),)
    told("postgres")
    with postgres_peer(rows_of(places(size, city)), postgres) as peer:
        if not isinstance(peer, Peer):
            return tuple(timings), (peer,)
        return (*timings, _timed(peer, asked)), ()


def bench_json(report: BenchReport, lang: Lang) -> Json:
    """The figures as a JSON-ready value, with the machine they were measured on."""
    return {
        "program": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "machine": platform.machine(),
        "rules": report.rules,
        "rules_names_per_s": round(report.rules_names_per_s),
        "sizes": [_size_json(size, lang) for size in report.sizes],
    }


def _size_json(report: SizeReport, lang: Lang) -> Json:
    return {
        "names": report.size,
        "load_s": round(report.load_s, 1),
        "file_mb": round(report.file_mb, 1),
        "index_s": round(report.index_s, 2),
        "index_mb": round(report.index_mb, 1),
        "index_mb_per_million": round(report.index_mb / report.size * 1e6, 1),
        "timings": [
            {
                "what": timing.title.in_(lang),
                "calls": timing.calls,
                "p50_ms": round(timing.p50, 3),
                "p99_ms": round(timing.p99, 3),
                "clock": "wall" if timing.outside else "cpu",
            }
            for timing in report.timings
        ],
        "notes": [note.in_(lang) for note in report.notes],
    }
