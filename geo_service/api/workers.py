"""Several worker processes behind one listening socket, and the process that keeps them.

Workers are spawned, not forked: each opens a store connection of its own and shares nothing with
the others but the socket and the folder of the figures (`metrics`). A worker that dies is replaced;
one whose keeper is gone ends by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import wait
from tempfile import TemporaryDirectory
from time import monotonic
from typing import TYPE_CHECKING

from geo_service.api.logs import ServerLog, standard_error
from geo_service.errors import Busy

if TYPE_CHECKING:
    import socket
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

    from geo_service.settings import Settings

_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_TICK_S = 0.2
_FAILED_STARTS = 3
"""So many workers in a row that never came to serve: the next would not either."""
_TO_DIE_S = 30
"""What a worker gets beyond the time for its requests: jobs that write are waited for."""


def _work(settings: Settings, listener: socket.socket, keeper: Connection, folder: str) -> None:
    """What a worker does. The figures look for their folder when they are imported: so late."""
    os.environ[_METRICS] = folder
    from geo_service import compose  # noqa: PLC0415
    from geo_service.api.serving import serve_here  # noqa: PLC0415

    def outlive_nobody() -> None:
        try:
            keeper.recv()
        except (EOFError, OSError):
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=outlive_nobody, daemon=True).start()
    serve_here(compose.build(settings), settings, listener, lambda: keeper.send("started"))


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    line: Connection
    serves: bool = False


class Workers:
    """Keeps as many workers as the settings say until it is told to stop."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self._settings = settings
        self._listener = listener
        self._log = ServerLog(standard_error, settings.log_form)
        self._context = multiprocessing.get_context("spawn")
        self._workers: list[_Worker] = []
        self._failed = 0
        self._stop = False

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises Busy `workers_failing` if none comes to serve."""
        stops = (signal.SIGTERM, signal.SIGINT)
        before = [signal.signal(number, self._told_to_stop) for number in stops]
        with TemporaryDirectory(prefix="geo-service-metrics-") as folder:
            try:
                while not self._stop and self._failed < _FAILED_STARTS:
                    while len(self._workers) < self._settings.workers:
                        self._start(folder)
                    self._look(folder)
            finally:
                self._end()
                for number, handler in zip(stops, before, strict=True):
                    signal.signal(number, handler)
        if self._failed >= _FAILED_STARTS:
            raise Busy("workers_failing")

    def _told_to_stop(self, _number: int, _frame: object) -> None:
        self._stop = True

    def _start(self, folder: str) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=_work, args=(self._settings, self._listener, theirs, folder)
        )
        process.start()
        theirs.close()
        self._workers.append(_Worker(process, ours))

    def _look(self, folder: str) -> None:
        """Wait a moment; note who serves and who is gone."""
        wait([worker.process.sentinel for worker in self._workers], timeout=_TICK_S)
        for worker in list(self._workers):
            if not worker.serves and worker.line.poll():
                worker.serves = self._hears(worker.line)
            if worker.process.exitcode is not None and not self._stop:
                self._lost(worker, folder)

    def _hears(self, line: Connection) -> bool:
        try:
            line.recv()
        except (EOFError, OSError):
            return False
        self._failed = 0
        return True

    def _lost(self, worker: _Worker, folder: str) -> None:
        from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - rare

        pid, code = worker.process.pid, worker.process.exitcode
        self._log.event("error", "worker_lost", pid=pid, exit_code=code, served=worker.serves)
        mark_process_dead(pid, folder)  # type: ignore[no-untyped-call]
        self._failed += 0 if worker.serves else 1
        worker.line.close()
        self._workers.remove(worker)

    def _end(self) -> None:
        """Take nothing more; let workers finish within their time, and no longer."""
        self._listener.close()
        for worker in self._workers:
            worker.process.terminate()
        until = monotonic() + self._settings.graceful_s + _TO_DIE_S
        for worker in self._workers:
            worker.process.join(max(0.0, until - monotonic()))
            if worker.process.exitcode is None:
                self._log.event("warning", "worker_killed", pid=worker.process.pid)
                worker.process.kill()
                worker.process.join()
            worker.line.close()
