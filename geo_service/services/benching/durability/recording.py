"""Runs of a worker on either store, recorded call by call for `power_cuts`."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo_service.services.benching.durability import deeds
from geo_service.services.benching.durability.disk import Disk
from geo_service.services.benching.durability.power_cuts import Trial
from geo_service.services.benching.durability.proving import Acknowledged, faults_of
from geo_service.services.benching.durability.tracing import Call, Replay, calls, strace
from geo_service.services.benching.private_server import PrivateServer
from geo_service.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_STORE = "new/s.gpkg"
_DATABASE = "trial"
_COMMITTED = b"C\0\0\0\x0bCOMMIT\0"
"""What a server sends when a transaction is on disk."""


def _worker(url: str, rows: int, count: int) -> list[str]:
    return [sys.executable, "-m", deeds.__spec__.name, url, str(rows), str(count)]


def record_file(scratch: Path, count: int, rows: int) -> Trial:
    """A file store made in a folder that is not there yet, and worked on, from its first call."""
    folder, trace = scratch / "disk", scratch / "trace"
    folder.mkdir()
    words = [*strace(trace), *_worker(f"gpkg:{folder / _STORE}", rows, count)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
    recorded = [call for call in calls(trace) if concerns(call, folder) or acknowledged(call)]
    trace.unlink()

    def faults(image: Path, told: Acknowledged | None, under_way: bool) -> Iterator[str]:
        url = f"gpkg:{image / _STORE}"
        if told is None:
            open_store(url, create=True).close()
        yield from faults_of(url, told or Acknowledged(), rows, under_way=under_way)

    disk = Disk()
    told = {at: said for at, call in enumerate(recorded) if (said := acknowledged(call))}
    replay = Replay(disk, folder)
    return Trial(recorded=recorded, told=told, disk=disk, replay=replay, faults=faults)


def concerns(call: Call, folder: Path) -> bool:
    """Whether a call has to do with what lies in a folder."""
    given = (text.decode(errors="replace") for _base, text in call.texts)
    return any(path.startswith(str(folder)) for path in (call.path, *given))


def acknowledged(call: Call) -> Acknowledged | None:
    """What a line of the worker acknowledges; the store itself once it is ready."""
    if call.name != "write" or call.number != 1 or call.begun:
        return None
    line = call.data.decode(errors="replace")
    told = Acknowledged.last_in(line, Acknowledged())
    return told if told.number or line.startswith("ready ") else None


def record_server(scratch: Path, count: int, rows: int) -> Trial:
    """A store on a server, whose own files are recorded; its store is made before.

    What the server sends when a transaction is committed counts as the acknowledgement.
    """
    server = PrivateServer(scratch, durable=True)
    server.make()
    server.start()
    server.sql(f"CREATE DATABASE {_DATABASE}")
    open_store(server.url(_DATABASE), create=True).close()
    server.halt("fast")
    disk, trace = Disk(), scratch / "trace"
    disk.load(server.data)
    with _traced(server, trace):
        done = subprocess.run(  # noqa: S603 - our own words
            _worker(server.url(_DATABASE), rows, count), check=True, capture_output=True, text=True
        )
        server.halt("immediate")
    server.stop()
    lines = [line for line in done.stdout.splitlines(keepends=True) if line.startswith("done ")]
    recorded = [call for call in calls(trace) if call.name != "sendto" or _COMMITTED in call.data]
    trace.unlink()
    sent = [at for at, call in enumerate(recorded) if call.name == "sendto"][-count:]
    told = {
        at: Acknowledged.last_in(line, Acknowledged()) for at, line in zip(sent, lines, strict=True)
    }

    def faults(image: Path, told: Acknowledged | None, under_way: bool) -> Iterator[str]:
        with _restarted(image) as found:
            url = found.url(_DATABASE)
            yield from faults_of(url, told or Acknowledged(), rows, under_way=under_way)
            yield from found.damage(_DATABASE)

    replay = Replay(disk, server.data)
    return Trial(recorded=recorded, told=told, disk=disk, replay=replay, faults=faults)


@contextmanager
def _traced(server: PrivateServer, trace: Path) -> Iterator[None]:
    """The server started under `strace`, until it ends of itself."""
    program = [str(server.program("postgres")), "-D", str(server.data), *server.options()]
    with (server.folder / "log").open("a") as log:
        running = subprocess.Popen(  # noqa: S603 - our own words
            [*server.user, *strace(trace), *program],
            cwd=server.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        server.wait()
        yield
    finally:
        running.wait(timeout=60)


@contextmanager
def _restarted(image: Path) -> Iterator[PrivateServer]:
    """A server that finds its files as a power cut left them."""
    server = PrivateServer(image)
    (image / "postmaster.pid").unlink(missing_ok=True)  # of a machine that has started anew
    files = list(image.iterdir())
    server.data.mkdir()
    for path in files:
        path.rename(server.data / path.name)
    server.adopt()
    server.start()
    try:
        yield server
    finally:
        server.stop()
