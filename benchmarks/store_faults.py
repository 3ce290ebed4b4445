"""A thousand flipped bits, each alone: `python benchmarks/store_faults.py [FLIPS] [NAMES]`.

In the file of a store: which check sees each of them. In a backup of it: whether the digest does.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from geo_service import cities
from geo_service.services.benching.register import changes
from geo_service.services.benching.store_faults import MISSED, flipped
from geo_service.store.backups import back_up
from geo_service.store.digests import sha256
from geo_service.store.manifests import STORE
from geo_service.store.opening import open_store
from geo_service.store.protocol import ImportReceipt

CITY, SEED = "990100", 20240601
NOW = datetime(2024, 6, 1, tzinfo=UTC)


def main(flips: int, names: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "s.gpkg"
        store = open_store(f"gpkg:{path}", create=True)
        with store.begin() as work:
            work.append(changes(names, cities.city(CITY)))
            work.keep_receipt(ImportReceipt("a" * 64, names, '{"说明": "示例"}' * 4000, NOW))
        folder, manifest = back_up(store, Path(name) / "kept", NOW)
        store.close()
        print(f"{names:,} names, {path.stat().st_size:,} bytes, {flips:,} flips, seed {SEED}")
        found = list(flipped(path, Path(name), flips, SEED))
        print(dict(Counter(seen for _bit, seen, _said in found).most_common()))
        print("missed:", dict(Counter(said for _bit, seen, said in found if seen == MISSED)))
        data, chance, seen = bytearray((folder / STORE).read_bytes()), random.Random(SEED), 0  # noqa: S311 - faults
        for _time in range(flips):
            bit = chance.randrange(len(data) * 8)
            data[bit // 8] ^= 1 << bit % 8
            seen += sha256(data) != manifest.file_sha256
            data[bit // 8] ^= 1 << bit % 8
        print(f"backup: {seen:,} of {flips:,} seen by the digest")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [1000, 1000][len(given) :]))
