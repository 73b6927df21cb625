"""Usage told by many senders while the server, and PostgreSQL beneath it, are killed again and again.

`make load` sends 10,000 events ten times over and kills the server 5 times, PostgreSQL 20 times.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from tests.platform_api.server_process import ServerProcess
from tests.postgres_server import LoopbackServer, server_on_loopback

EVENTS, SENDERS, SERVER_KILLS, DATABASE_KILLS = (
    (10_000, 10, 5, 20) if os.environ.get("CYGNI_LOAD") else (1_500, 3, 1, 2)
)
BATCH = 500 if EVENTS > 5_000 else 100
SEED = 7


@dataclass(frozen=True)
class Serving:
    server: ServerProcess
    database: LoopbackServer


@contextmanager
def serving(folder: Path) -> Iterator[Serving]:
    with server_on_loopback("cygni") as database:
        server = ServerProcess(folder, database.url)
        server.start()
        try:
            yield Serving(server, database)
        finally:
            server.kill()


def api_key(server: ServerProcess) -> str:
    """That of a program that tells usage of the organisation `acme`, which is new."""
    wanted = {"name": "load", "scopes": ["usage:write"]}
    path = f"{server.url}/v1/organizations/acme/api-keys"
    return str(httpx2.post(path, json=wanted, headers=server.set_up()).json()["key"])


def events() -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return [
        {
            "specversion": "1.0", "id": str(number), "source": "/load", "type": "build_minutes",
            "time": (now - timedelta(minutes=number % 600)).isoformat(), "data": {"quantity": str(number % 9)},
        }
        for number in range(EVENTS)
    ]  # fmt: skip


def send(server: ServerProcess, key: str, own: list[dict[str, Any]], number: int) -> int:
    """Sends everything in its own order, each batch until it is taken. How many were counted."""
    random.Random(SEED + number).shuffle(own)
    counted = 0
    for start in range(0, len(own), BATCH):
        while True:
            try:
                answer = httpx2.post(
                    f"{server.url}/v1/usage/events",
                    json=own[start : start + BATCH], headers={"Authorization": f"Bearer {key}"}, timeout=30,
                )  # fmt: skip
            except httpx2.HTTPError:
                time.sleep(0.1)
                continue
            if answer.is_success:
                assert answer.json()["refused"] == 0
                counted += answer.json()["counted"]
                break
            assert answer.status_code in (429, 500, 503, 504), answer.text
            time.sleep(float(answer.headers.get("Retry-After", "0.2")))
    return counted


def killing(running: Serving, over: threading.Event) -> int:
    """Kills in turn, at random moments, all that are to be killed; how many there was work for."""
    chosen = random.Random(SEED)
    server, database = running.server, running.database
    kills = [database.kill] * DATABASE_KILLS + [server.kill] * SERVER_KILLS
    chosen.shuffle(kills)
    done = 0
    for kill in kills:
        time.sleep(chosen.uniform(0.05, 0.6))
        if over.is_set():
            break
        kill()
        if kill == server.kill:
            server.start()
        else:
            database.start()
        done += 1
    return done


@pytest.mark.slow
def test_each_event_counts_once_whatever_is_killed(tmp_path: Path) -> None:
    with serving(tmp_path / "server") as running, ThreadPoolExecutor(SENDERS + 1) as threads:
        server = running.server
        key, over = api_key(server), threading.Event()
        kills = threads.submit(killing, running, over)
        sending = [
            threads.submit(send, server, key, events_of, number) for number, events_of in enumerate(copies())
        ]
        for one in sending:
            one.result()
        over.set()
        print(f"seed {SEED}: {EVENTS * SENDERS:,} events sent, {kills.result()} kills")  # noqa: T201  # for make load
        assert kills.result() > 0
        with psycopg.connect(running.database.url) as owner:
            found = owner.execute("SELECT count(*), sum(quantity) FROM usage_events").fetchone()
            tallied = owner.execute("SELECT sum(count), sum(total) FROM usage_hours").fetchone()
    assert found == tallied == (EVENTS, sum(number % 9 for number in range(EVENTS)))


def copies() -> list[list[dict[str, Any]]]:
    """The same events for each sender."""
    all_of_them = events()
    return [list(all_of_them) for _ in range(SENDERS)]
