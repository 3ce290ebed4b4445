"""Killed at any moment: what was acknowledged is there, what is there is whole."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time

import pytest

from geo_service.domain.change import RecordKind
from geo_service.store.opening import open_store

PLACES = RecordKind.PLACE_NAMES
SEED = 20240601

WRITER = """
import sys
import shapely
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.store.opening import open_store

store, batch = open_store(sys.argv[1]), int(sys.argv[2])
number = store.count(RecordKind.PLACE_NAMES) // batch
print("ready", flush=True)
while True:
    with store.begin() as work:
        work.append(
            Change(
                operation=Operation.CREATE,
                record=NamedPlace(
                    id=f"P-{number:05d}-{row:04d}",
                    name=f"示例{number}路",
                    feature_type=FeatureType.ROAD,
                    provenance=Provenance("示例"),
                    geometry=shapely.Point(120 + row / 10000, 36),
                ),
                actor="导入",
                reason="试",
            )
            for row in range(batch)
        )
    print("stored", number, flush=True)
    number += 1
"""


@pytest.mark.heavy
@pytest.mark.parametrize(("batch", "kills", "at_least"), [(40, 10, 10), (3000, 6, 1)])
def test_kills_lose_nothing_that_was_acknowledged(tmp_path, batch, kills, at_least):
    """Small transactions, and loads that are written and indexed in bulk.

    Moments are drawn over the time that one batch takes here and now, so that a busy machine is
    killed in the middle of its work as an idle one is.
    """
    url = f"gpkg:{tmp_path}/s.gpkg"
    open_store(url, create=True).close()
    chance = random.Random(SEED)  # noqa: S311 - moments of death, no secrets
    acknowledged, batch_s = -1, None
    for _kill in range(kills + 1):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, url, str(batch)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        if batch_s is None:
            begun = time.monotonic()
            acknowledged = int(writer.stdout.readline().split()[1])
            batch_s = time.monotonic() - begun
        else:
            time.sleep(chance.uniform(0.1, 4.0) * batch_s)
        writer.kill()
        said = writer.stdout.read()
        writer.wait()
        acknowledged = max([acknowledged, *map(int, re.findall(r"stored (\d+)\n", said))])
        store = open_store(url)
        stored = store.count(PLACES)
        assert stored % batch == 0, "a batch is there as a whole or not at all"
        assert stored >= (acknowledged + 1) * batch
        assert store.integrity() == "ok"
        report = store.verify()
        assert (report.sound, report.entries) == (True, stored)
        store.close()
    assert acknowledged >= at_least, "the writer must have been at work when it was killed"
