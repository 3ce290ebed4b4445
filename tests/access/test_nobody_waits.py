"""The file of accounts is looked into at every request; while it is busy nobody else waits."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import httpx
import pytest

from geo_service.domain.access import Right
from geo_service.services.access.book import NotAtOnce

PATIENCE_S = 2.0


@pytest.fixture
def token(services):
    office = services.office
    return office.tokens.make(
        office.accounts.get("viewer-1"), "甲", [Right.RULES_READ], 3, actor="test"
    )


@contextmanager
def held(settings, *, exclusive: bool = True) -> Iterator[None]:
    """Another process writes into the file."""
    db = sqlite3.connect(settings.accounts, isolation_level=None)
    db.execute("BEGIN EXCLUSIVE" if exclusive else "BEGIN IMMEDIATE")
    try:
        yield
    finally:
        db.execute("ROLLBACK")
        db.close()


def test_in_a_hurry_the_book_is_read_but_never_written(services, token, clock):
    book, office = services.office.book, services.office
    office.tokens.find(token)  # notes that it is in use today
    with book.at_once():
        assert office.tokens.find(token).name == "viewer-1"
        assert office.tokens.find("gst_unknown") is None
        with pytest.raises(NotAtOnce), book.writing():
            pass
    clock.move(days=1)
    with pytest.raises(NotAtOnce), book.at_once():
        office.tokens.find(token)
    assert office.tokens.find(token).name == "viewer-1"
    with book.at_once():
        assert office.tokens.find(token).name == "viewer-1"


def test_in_a_hurry_nobody_waits_for_a_busy_file(services, settings, token):
    office = services.office
    office.tokens.find(token)
    with held(settings):
        began = perf_counter()
        with pytest.raises(NotAtOnce), office.book.at_once():
            office.tokens.find(token)
        assert perf_counter() - began < PATIENCE_S
    with held(settings, exclusive=False), office.book.at_once():
        assert office.tokens.find(token) is not None  # who writes does not yet keep others out
    with office.book.writing():  # what waits at other times does so again
        pass


def test_a_token_that_is_revoked_elsewhere_is_refused_by_the_next_request(
    services, settings, browser, token
):
    headers = {"authorization": f"Bearer {token}"}
    asked = browser()
    assert [asked.get("/api/v1/rules", headers=headers).status_code for _ in range(3)] == [200] * 3
    db = sqlite3.connect(settings.accounts)
    db.execute("UPDATE token SET revoked_at = '2026-11-23T06:00:00Z'")
    db.commit()
    db.close()
    assert asked.get("/api/v1/rules", headers=headers).status_code == 401


def test_while_the_file_is_busy_others_are_answered(services, settings, browser, token):
    services.office.tokens.find(token)
    app = browser().app
    headers = {"authorization": f"Bearer {token}"}

    async def ask() -> tuple[int, int, float]:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            with held(settings):
                known = asyncio.create_task(client.get("/api/v1/rules", headers=headers))
                await asyncio.sleep(0.1)
                began = perf_counter()
                other = await client.get("/healthz")
                waited = perf_counter() - began
                assert not known.done()
            return other.status_code, (await known).status_code, waited

    other, known, waited = asyncio.run(ask())
    assert (other, known) == (200, 200)
    assert waited < PATIENCE_S
