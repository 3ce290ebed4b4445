"""Kills: a worker, or the server that it works with, dies in the middle of its work."""

from __future__ import annotations

import multiprocessing
import random
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.services.benching.durability import deeds
from geo_service.services.benching.durability.proving import Acknowledged, faults_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.process import BaseProcess
    from typing import TextIO

    from geo_service.services.benching.private_server import PrivateServer

_PRELOADED = (deeds.__name__, "geo_service.store.geopackage")
_MOST_DEEDS = 5
"""Deeds at most between the start of a worker and the moment in which somebody dies."""
_LOST = "refused server_unreachable"


class Victim(StrEnum):
    """Who is killed: the program, the process of the server that serves it, or all the server."""

    CLIENT = "client"
    SESSION = "session"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill, the kind of deed that was under way, and what was wrong with the store after."""

    victim: Victim
    deed: int
    told: Acknowledged
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Worker:
    """Somebody at work on a store, and what is heard of it."""

    process: BaseProcess
    lines: TextIO


@dataclass
class Killing:
    """Workers on one store, started and killed in turn."""

    url: str
    rows: int
    chance: random.Random
    server: PrivateServer | None = None
    _told: Acknowledged = field(default_factory=Acknowledged)
    _usual_s: dict[int, float] = field(default_factory=dict)

    def kills(self, victims: Sequence[Victim]) -> Iterator[Kill]:
        """Kill each in turn; after each the store is opened and proved."""
        for victim in victims:
            with self._worker() as worker:
                faults = list(self._killed(worker, victim))
            faults += faults_of(self.url, self._told, self.rows)
            yield Kill(victim, (self._told.number + 1) % deeds.ROUND, self._told, tuple(faults))

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        """A process of its own, out of one that has loaded the program: starting costs little."""
        nursery = multiprocessing.get_context("forkserver")
        nursery.set_forkserver_preload(list(_PRELOADED))
        said, telling = nursery.Pipe(duplex=False)
        process = nursery.Process(target=deeds.tell, args=(telling, self.url, self.rows))
        process.start()
        telling.close()
        try:
            with open(said.fileno(), encoding="utf-8", closefd=False) as lines:
                yield Worker(process, lines)
        finally:
            said.close()
            process.kill()
            process.join()

    def _killed(self, worker: Worker, victim: Victim) -> Iterator[str]:
        ready = worker.lines.readline().split()
        if ready[:1] != ["ready"]:
            yield f"not ready {ready}"
            return
        number = int(ready[1])
        if number > self._told.number:  # the deed under way when the last one died was kept
            self._told = Acknowledged(number)
        known = len(self._usual_s) == deeds.ROUND
        for _deed in range(self.chance.randint(0, _MOST_DEEDS) if known else deeds.ROUND + 1):
            begun = time.monotonic()
            self._told = Acknowledged.last_in(worker.lines.readline(), self._told)
            self._usual_s[self._told.number % deeds.ROUND] = time.monotonic() - begun
        usual_s = self._usual_s[(self._told.number + 1) % deeds.ROUND]
        time.sleep(self.chance.uniform(0, 1.2) * usual_s)
        self._kill(worker, victim)
        rest, goes_on = self._heard(worker)
        self._told = Acknowledged.last_in(rest, self._told)
        said = [line for line in rest.splitlines() if not line.startswith("done ")]
        if victim is not Victim.CLIENT and said != [_LOST] and not (goes_on and said == []):
            yield f"worker said {said[-3:]}"
        if self.server is not None:
            self.server.wait()

    def _heard(self, worker: Worker) -> tuple[str, bool]:
        """All that a worker says until it ends, and whether it had to be stopped.

        One that did nothing when its session died finds another and goes on, as it should.
        """
        rest = ""
        for line in worker.lines:
            rest += line
            if rest.count("\n") > _MOST_DEEDS:
                worker.process.kill()
                return rest + worker.lines.read(), True
        return rest, False

    def _kill(self, worker: Worker, victim: Victim) -> None:
        if victim is Victim.CLIENT:
            worker.process.kill()
            return
        assert self.server is not None  # noqa: S101 - victims of a file are clients
        if victim is Victim.SESSION:
            self.server.kill_sessions()
            return
        self.server.kill()
        self.server.start()
