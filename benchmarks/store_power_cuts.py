"""Power cuts: `python benchmarks/store_power_cuts.py [gpkg|postgresql] [COMMITS] [BETWEEN]`,
`… restore [BETWEEN]`, `… torn [BETWEEN]`, `… upgrade [BETWEEN] [SCHEMA.gpkg.gz]`.

A run of imports and edits is recorded with strace, then replayed onto a disk that keeps for certain
only what was synced. The store is opened and proved as of each acknowledgement, and so many times
between it and the next with any part of what was not synced, pages torn.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from geo_service.services.benching.durability.power_cuts import Trial, cuts
from geo_service.services.benching.durability.recording import record_file, record_server
from geo_service.services.benching.durability.swaps import record_restore, record_upgrade

SEED, ROWS = 20240601, 20
RECORD = {"gpkg": record_file, "postgresql": record_server}
OLDEST = Path(__file__).parents[1] / "tests" / "data" / "stores" / "schema-1.gpkg.gz"


def record(store: str, scratch: Path, commits: int, packed: Path) -> Trial:
    """The run to be cut, recorded."""
    if store == "upgrade":
        return record_upgrade(scratch, packed)
    if store in ("restore", "torn"):
        return record_restore(scratch, ROWS, torn=store == "torn")
    return RECORD[store](scratch, commits, ROWS)


def main(store: str, commits: int, between: int, packed: Path) -> None:
    counted, faults = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="pg") as name:  # a short path: it may hold a socket
        trial = record(store, Path(name), commits, packed)
        print(f"{len(trial.recorded):,} calls, {len(trial.told)} acknowledgements", flush=True)
        for cut in cuts(trial, Path(name), between, SEED):
            counted[cut.drawn] += 1
            faults[cut.drawn] += bool(cut.faults)
            for fault in cut.faults:
                print(cut.drawn, cut.number, fault, flush=True)
    print(f"{store}, seed {SEED}: {dict(counted)}, stores not as acknowledged: {dict(faults)}")


if __name__ == "__main__":
    which, *words = sys.argv[1:] or ["gpkg"]
    given = [int(word) for word in words if word.isdecimal()]
    files = [Path(word) for word in words if not word.isdecimal()]
    if which not in RECORD:
        given = [0, *(given or [100])]
    commits, between = given + [320, 3][len(given) :]
    main(which, commits, between, *(files or [OLDEST]))
