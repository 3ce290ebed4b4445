"""A PostgreSQL of one's own for a while: a folder, a socket in it, a port, and nothing else.

Nothing of a server already running is touched. On the socket everybody is let in, on the loopback
only with a password. For tests and trials, never for a register in use.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PATIENCE_S = 60.0
_ALWAYS = ("listen_addresses=127.0.0.1", "autovacuum=off")
_QUICK = ("fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0")
_OFTEN = ("max_wal_size=2MB", "min_wal_size=2MB")
"""Many checkpoints: with them files are synced, and those of the log used again."""


class PrivateServer:
    """PostgreSQL in a folder; with `durable` its disk is synced as on a server in use."""

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        """Raises ConfigError where the programs of PostgreSQL are missing."""
        self.folder, self._durable = folder, durable
        self._stopper: subprocess.Popen[bytes] | None = None
        # The server refuses to run as root.
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=_release)
        usual = shutil.which("pg_ctl")
        if not found and usual is None:
            raise ConfigError("server_programs_missing")
        self._programs = found[-1].parent if found else Path(str(usual)).parent
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])

    @property
    def data(self) -> Path:
        """Where the server keeps its files."""
        return self.folder / "data"

    def make(self) -> None:
        """Make the files of a server. Raises OSError or CalledProcessError."""
        if self.user:
            shutil.chown(self.folder, "postgres")
        local = ["--encoding=UTF8", "--no-locale", "--auth=trust", "--username=geo"]
        local += ["--data-checksums", "--wal-segsize=1"] if self._durable else ["--no-sync"]
        self._run("initdb", *local, "-D", "data")
        rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self.data / "pg_hba.conf").write_text(rules)

    def adopt(self) -> None:
        """Take over files that another server left."""
        for path in (self.folder, self.data, *self.data.rglob("*")):
            if self.user:
                shutil.chown(path, "postgres")
        self.data.chmod(0o700)

    def damage(self, database: str) -> Iterator[str]:
        """What PostgreSQL's own check says of tables and indexes, nothing where all are whole."""
        words = ["-h", str(self.folder), "-p", str(self.port), "-U", "geo", "-d", database]
        done = subprocess.run(  # noqa: S603 - our own words
            [self.program("pg_amcheck"), *words, "--install-missing", "--heapallindexed"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            yield f"damage {(done.stdout + done.stderr)[-400:]}"

    def start(self) -> None:
        """Start it and wait until it answers. Raises CalledProcessError."""
        self._stopper = self._stopper or self._stopping()
        options = " ".join(self.options())
        words = ["-D", "data", "-w", "-l", "log", "-o", options, "start"]
        self._run("pg_ctl", *words)

    def options(self) -> list[str]:
        """How the server is started, whoever starts it."""
        settings = (*_ALWAYS, *(_OFTEN if self._durable else _QUICK))
        chosen = [word for setting in settings for word in ("-c", setting)]
        return ["-k", str(self.folder), "-p", str(self.port), *chosen]

    def stop(self) -> None:
        """Stop it and throw its files away."""
        if self._stopper is not None:
            self._stopper.communicate()
            self._stopper = None

    def halt(self, mode: str) -> None:
        """Stop it as `pg_ctl` does in a mode; its files stay. Raises CalledProcessError."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", mode, "stop")

    def kill(self) -> None:
        """SIGKILL for the server with all its processes, as when a machine is reset."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        processes = [postmaster, *_children(postmaster)]
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        while any(_alive(process) for process in processes):
            time.sleep(0.01)
        # As long as nobody has fetched the dead, the next server takes them for the living.
        for lock in (self.data / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            lock.unlink(missing_ok=True)

    def kill_sessions(self) -> None:
        """SIGKILL for the processes that serve us; the server then starts all of them anew."""
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'geo-service'"
        for (process,) in self.sql(query + " AND pid <> pg_backend_pid()"):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def wait(self) -> None:
        """Wait until it answers again."""
        import psycopg  # noqa: PLC0415 - an extra

        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self.sql("SELECT 1")
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)
            else:
                return

    def url(self, database: str) -> str:
        """Address of a database."""
        return f"postgresql://geo@/{database}?host={self.folder}&port={self.port}"

    def sql(self, statement: str, database: str = "postgres") -> list[Any]:
        """Run one statement as somebody would who knows PostgreSQL. Raises psycopg.Error."""
        import psycopg  # noqa: PLC0415 - an extra

        address = f"{self.url(database)}&application_name=private"
        with psycopg.connect(address, autocommit=True) as db:
            cursor = db.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def program(self, name: str) -> Path:
        """One of the programs of PostgreSQL."""
        return self._programs / name

    def _stopping(self) -> subprocess.Popen[bytes]:
        """What stops the server once our end of its input is closed, though we be killed."""
        script = 'read _; "$0" -D data -m immediate stop; rm -rf data'
        return subprocess.Popen(  # noqa: S603 - our own words
            [*self.user, "sh", "-c", script, self.program("pg_ctl")],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(  # noqa: S603 - our own words
            [*self.user, self.program(program), *words],
            cwd=self.folder,
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )


def _release(program: Path) -> int:
    return int(program.parts[-3])


def _children(process: int) -> Sequence[int]:
    listed = Path(f"/proc/{process}/task/{process}/children")
    with suppress(OSError):
        return [int(word) for word in listed.read_text().split()]
    return []


def _alive(process: int) -> bool:
    """Whether it runs; one that is dead and not yet fetched by its parent does not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in "ZX"
