"""A server whose disk is full: told as that, readable meanwhile, at work again with room."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from geo_service.errors import StoreError
from geo_service.services.benching.durability import deeds
from geo_service.services.benching.durability.proving import Acknowledged, faults_of
from geo_service.services.benching.private_server import PrivateServer
from geo_service.store.opening import open_store

ROWS = 40


@pytest.fixture
def server() -> Iterator[PrivateServer]:
    """A server on a disk of 90 MB, most of which it does not need at once."""
    with tempfile.TemporaryDirectory(prefix="pg") as name:  # a short path: it holds the socket
        mount = ["mount", "-t", "tmpfs", "-o", "size=90m", "tmpfs", name]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("a small disk can be mounted by root only")
        made = PrivateServer(Path(name), durable=True)
        try:
            made.make()
            made.start()
            made.sql("CREATE DATABASE trial")
            yield made
        finally:
            made.stop()
            subprocess.run(["umount", "--lazy", name], check=True)


@pytest.mark.heavy
def test_a_server_with_a_full_disk_refuses_reads_on_and_recovers(server, tmp_path):
    store, filling = open_store(server.url("trial"), create=True), server.folder / "filling"
    with filling.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    number = 0
    with pytest.raises(StoreError) as caught:
        for number in range(60):  # what its files have to spare is used up first
            deeds.perform(store, number + 1, ROWS, tmp_path)
    assert caught.value.code == "store_full"
    assert store.log_mark().sequence == deeds.entries_of(number, ROWS)
    filling.unlink()
    deeds.perform(store, number + 1, ROWS, tmp_path)
    store.close()
    told = Acknowledged(number + 1)
    assert list(faults_of(server.url("trial"), told, ROWS, under_way=False)) == []
