"""Killed at any moment: what was acknowledged is there, what is there is whole."""

from __future__ import annotations

import random
import tempfile
from itertools import cycle, islice
from pathlib import Path

import pytest

from geo_service.services.benching.durability.killing import Killing, Victim
from geo_service.services.benching.private_server import PrivateServer

SEED = 20240601


def killed(killing: Killing, victims: list[Victim]) -> int:
    """Kill them all; how many deeds the store holds in the end."""
    found = list(killing.kills(victims))
    assert [kill.faults for kill in found] == [()] * len(victims)
    return found[-1].told.number


@pytest.mark.heavy
@pytest.mark.parametrize(("rows", "kills"), [(40, 10), (3000, 4)])
def test_a_killed_program_loses_nothing_that_was_acknowledged(tmp_path, rows, kills):
    """Amid edits and small imports, and amid loads that are written and indexed in bulk.

    Moments are drawn over the time that a deed takes here and now, so that a busy machine is killed
    in the middle of its work as an idle one is. `benchmarks/store_kills.py` does it 200 times.
    """
    killing = Killing(f"gpkg:{tmp_path}/s.gpkg", rows, random.Random(SEED))  # noqa: S311
    assert killed(killing, [Victim.CLIENT] * kills) >= 7


@pytest.mark.heavy
def test_whoever_is_killed_a_server_loses_nothing_that_was_acknowledged():
    with tempfile.TemporaryDirectory(prefix="pg") as folder:  # a short path: it holds the socket
        server = PrivateServer(Path(folder), durable=True)
        server.make()
        server.start()
        try:
            server.sql("CREATE DATABASE trial")
            chance = random.Random(SEED)  # noqa: S311 - moments of death, no secrets
            killing = Killing(server.url("trial"), 40, chance, server)
            assert killed(killing, list(islice(cycle(Victim), 6))) >= 7
        finally:
            server.stop()
