"""Power cuts: `python benchmarks/store_power_cuts.py [gpkg|postgresql] [COMMITS] [BETWEEN]`.

A run of imports and edits is recorded with strace, then replayed onto a disk that keeps for certain
only what was synced. The store is opened and proved as of each acknowledgement, and so many times
between it and the next with any part of what was not synced, pages torn.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from geo_service.services.benching.durability.power_cuts import cuts
from geo_service.services.benching.durability.recording import record_file, record_server

SEED, ROWS = 20240601, 20
RECORD = {"gpkg": record_file, "postgresql": record_server}


def main(store: str, commits: int, between: int) -> None:
    counted, faults = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="pg") as name:  # a short path: it may hold a socket
        trial = RECORD[store](Path(name), commits, ROWS)
        print(f"{len(trial.recorded):,} calls, {len(trial.told)} acknowledgements", flush=True)
        for cut in cuts(trial, Path(name), between, SEED):
            counted[cut.drawn] += 1
            faults[cut.drawn] += bool(cut.faults)
            for fault in cut.faults:
                print(cut.drawn, cut.number, fault, flush=True)
    print(f"{store}, seed {SEED}: {dict(counted)}, stores not as acknowledged: {dict(faults)}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[2:]]
    main(*(sys.argv[1:2] or ["gpkg"]), *(given + [320, 3][len(given) :]))
