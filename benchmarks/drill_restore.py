"""Backup, loss, restore of a large register: `python benchmarks/drill_restore.py [NAMES]`.

Invented names with log entry, spatial index and name keys each. The store is deleted in between;
the restored file must be that of the backup, byte for byte, and its audit must agree with an
anchor taken before. Takes 4 GB of disk for a million names while it runs. `geo-service store drill`
does the same with a store in use, which it only reads.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service import cities
from geo_service.services.benching.register import changes
from geo_service.store.backups import back_up
from geo_service.store.manifests import file_digest
from geo_service.store.opening import open_store, utc_now
from geo_service.store.restoring import restore

if TYPE_CHECKING:
    from collections.abc import Iterator

CITY = "990100"
TOTALS: list[tuple[float, float]] = []


@contextmanager
def timed(step: str) -> Iterator[None]:
    start, spent = time.perf_counter(), time.process_time()
    yield
    taken, used = time.perf_counter() - start, time.process_time() - spent
    TOTALS.append((taken, used))
    print(f"{step}: {taken:.1f} s ({used:.1f} s of processor time)", flush=True)


def main(size: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        path, kept = Path(name) / "s.gpkg", Path(name) / "kept"
        store = open_store(f"gpkg:{path}", create=True)
        with timed(f"load of {size:,}"), store.begin() as work:
            work.append(changes(size, cities.city(CITY)))
        anchor = store.anchor()
        with timed("backup"):
            _folder, manifest = back_up(store, kept, utc_now())
        store.close()
        path.unlink()
        with timed("restore, with every proof"):
            restore(kept, f"gpkg:{path}", utc_now())
        taken, used = (sum(step[part] for step in TOTALS[1:]) for part in (0, 1))
        print(f"backup and restore: {taken:.1f} s ({used:.1f} s of processor time)", flush=True)
        assert file_digest(path) == manifest.file_sha256, "not the file that was kept"
        print(f"{manifest.file_bytes / 2**20:,.0f} MB, SHA-256 identical")
        again = open_store(f"gpkg:{path}")
        assert again.anchor().head == anchor.head, "not the log that was kept"
        print(f"{manifest.entries:,} log entries, head identical")
        again.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
