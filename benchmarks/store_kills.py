"""Kills amid imports and edits: `python benchmarks/store_kills.py [gpkg|postgresql] [KILLS]`.

A new store after each 25 kills, with imports of 40 rows and of 400 in turn. Of a file the program
is killed; with PostgreSQL the program, the process that serves it, and the whole server, in turn.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.services.benching.durability.killing import Killing, Victim
from geo_service.services.benching.private_server import PrivateServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.services.benching.durability.killing import Kill

SEED, EACH, ROWS = 20240601, 25, (40, 400)


def trials(kills: int) -> Iterator[tuple[int, int, random.Random]]:
    """Kills and rows of each store, and its chance."""
    for number, start in enumerate(range(0, kills, EACH)):
        chance = random.Random(SEED + number)  # noqa: S311 - moments of death, no secrets
        yield min(EACH, kills - start), ROWS[number % len(ROWS)], chance


def on_files(kills: int, folder: Path) -> Iterator[Kill]:
    for number, (count, rows, chance) in enumerate(trials(kills)):
        killing = Killing(f"gpkg:{folder}/{number}.gpkg", rows, chance)
        yield from killing.kills([Victim.CLIENT] * count)


def on_a_server(kills: int, folder: Path) -> Iterator[Kill]:
    server, victims = PrivateServer(folder, durable=True), cycle(Victim)
    server.make()
    server.start()
    try:
        for number, (count, rows, chance) in enumerate(trials(kills)):
            server.sql(f"CREATE DATABASE trial{number}")
            killing = Killing(server.url(f"trial{number}"), rows, chance, server)
            yield from killing.kills(list(islice(victims, count)))
    finally:
        server.stop()


def main(store: str, kills: int) -> None:
    counted, faults = Counter[str](), 0
    with tempfile.TemporaryDirectory(prefix="pg") as name:  # a short path: it holds the socket
        run = on_files if store == "gpkg" else on_a_server
        for kill in run(kills, Path(name)):
            counted[f"killed: {kill.victim}"] += 1
            counted["during an import" if kill.deed == 0 else "during an edit"] += 1
            faults += len(kill.faults)
            for fault in kill.faults:
                print(kill.victim, kill.told.number, fault, flush=True)
    print(f"{store}, seed {SEED}: {dict(counted)}, faults: {faults}")


if __name__ == "__main__":
    main(*(sys.argv[1:2] or ["gpkg"]), int(*(sys.argv[2:3] or [200])))
