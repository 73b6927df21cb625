"""Deployments of a control plane: how fast many listeners are told of one, how soon a worker begins one, and the memory
that this takes."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import statistics
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import psutil
import psycopg

from benchmarks.balancer import processor_seconds
from benchmarks.listening import free_port, started, wait_for
from benchmarks.measuring import CommandFailed, in_turn, ratio
from benchmarks.planes import ACME, Plane, control_plane
from benchmarks.results import Row

CLIENTS = 50
EVENTS = 1_000
ROUNDS = 3
STARTS = 20
START_GOAL = 2.0
"""Seconds, of the 95th percentile."""
_OVER = b"event: over\n"
_PROJECT = f"{ACME}/projects/stream"
_DEPLOYMENTS = f"{_PROJECT}/environments/staging/deployments"
_SPEC = "project: stream\nregion: us-east-1\n"
Say = Callable[[str], None]


def measured(folder: Path, say: Say) -> Iterator[list[Row]]:
    """Rows by what they are about. The folder is the caller's to remove."""
    folder.mkdir(parents=True, exist_ok=True)
    with control_plane(folder) as plane, httpx2.Client(base_url=plane.url, timeout=60) as client:
        client.headers["Authorization"] = f"Bearer {plane.key}"
        source = _project(client)
        say(f"events of a deployment, {EVENTS:,} to {CLIENTS} clients each")
        yield _streams(plane, folder, _begun(client, source))
        idle = _proportional(plane.pid)
        say(f"beginning of {STARTS} deployments")
        yield [*_starts(plane, client, source), Row("memory of the server, idle", None, f"{idle:.0f} MiB")]


def _project(client: httpx2.Client) -> str:
    """The id of the source of a project with an environment."""
    client.post(f"{ACME}/projects", json={"slug": "stream"}).raise_for_status()
    client.post(f"{_PROJECT}/environments", json={"name": "staging"}).raise_for_status()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        member = tarfile.TarInfo("cygni.yaml")
        member.size = len(_SPEC)
        tar.addfile(member, io.BytesIO(_SPEC.encode()))
    sent = client.post(
        f"{_PROJECT}/sources", content=packed.getvalue(), headers={"Content-Type": "application/gzip"}
    )
    return str(sent.raise_for_status().json()["id"])


def _begun(client: httpx2.Client, source: str) -> str:
    made = client.post(_DEPLOYMENTS, json={"source": source, "plan_only": True})
    return str(made.raise_for_status().json()["id"])


def _streams(plane: Plane, folder: Path, deployment: str) -> list[Row]:
    """Lines a second of all clients together, against the same bytes from a bare route."""
    with psycopg.connect(plane.database_url) as owner:
        owner.execute(_LINES, {"deployment": deployment, "count": EVENTS})
        owner.execute(
            "UPDATE deployments SET status = 'failed', last_event = %s WHERE id = %s", (EVENTS, deployment)
        )
    path = f"{_DEPLOYMENTS}/{deployment}/events/stream"
    head = {"Authorization": f"Bearer {plane.key}"}
    said = folder / "said"
    said.write_text(
        httpx2.get(f"{plane.url}{path}", headers=head, timeout=60).raise_for_status().text, "utf-8"
    )
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare_stream", str(port), str(said)]
    with started(command, port, os.environ) as bare:
        costs: dict[int, list[float]] = {plane.pid: [], bare.pid: []}

        def all_of(pid: int, port: int, path: str) -> float:
            before, begun = processor_seconds((pid,)), time.perf_counter()
            asyncio.run(_listen(port, path, head["Authorization"]))
            costs[pid].append(processor_seconds((pid,)) - before)
            return time.perf_counter() - begun

        ours = int(plane.url.rpartition(":")[2])
        actions = {
            "ours": partial(all_of, plane.pid, ours, path),
            "bare": partial(all_of, bare.pid, port, "/stream"),
        }
        times = in_turn(ROUNDS, actions)
        cost = ratio(costs[plane.pid], costs[bare.pid])
    each, lines = ratio(times["ours"], times["bare"]), CLIENTS * EVENTS
    return [
        Row(
            f"events to {CLIENTS} clients : a bare stream",
            None,
            f"{lines / each.a:,.0f} events/s",
            f"{lines / each.b:,.0f} events/s",
            each,
        ),
        Row(
            "  processor time of the server",
            None,
            f"{cost.a / lines * 1e6:.0f} µs",
            f"{cost.b / lines * 1e6:.0f} µs",
            cost,
        ),
    ]


async def _listen(port: int, path: str, authorization: str) -> None:
    """Until each client has heard that it is over. Raises CommandFailed for one that has not heard all."""

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        asked = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {authorization}\r\n\r\n"
        writer.write(asked.encode())
        heard, last = 0, b""
        while _OVER not in last and (piece := await reader.read(65536)):
            found = last + piece
            heard += found.count(b"data: ") - last.count(b"data: ")
            last = found[-len(_OVER) :]
        writer.close()
        if heard < EVENTS:
            raise CommandFailed(f"a client heard {heard} events of {EVENTS}")

    await asyncio.gather(*(one() for _ in range(CLIENTS)))


def _starts(plane: Plane, client: httpx2.Client, source: str) -> list[Row]:
    """From the request until a worker has it. Without credentials of AWS each fails a moment later, before there is an
    engine; what that takes is among the figures of `deploy`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"CYGNI_DATA_DIR": str(plane.folder / "data"), "AWS_EC2_METADATA_DISABLED": "true"}
    command = [sys.executable, "-m", "platform_api.worker", "--folder", str(plane.folder)]
    seconds: list[float] = []
    memory: list[float] = []
    with (
        psutil.Popen(command, env=environment, stderr=subprocess.DEVNULL) as worker,
        psycopg.connect(plane.database_url, autocommit=True) as owner,
    ):

        def measured_until_over(deployment: str) -> bool:
            memory.append(_tree(worker.pid))
            return _is_over(owner, deployment)

        try:
            wait_for(partial(_is_over, owner, _begun(client, source)), "a worker")
            idle = _proportional(worker.pid)
            for _ in range(STARTS):
                begun = datetime.now(UTC)
                deployment = _begun(client, source)
                wait_for(partial(_claimed, owner, deployment), "a claim")
                seconds.append((_claimed(owner, deployment) - begun).total_seconds())
                wait_for(partial(measured_until_over, deployment), "the end of a deployment", 120)
        finally:
            worker.terminate()
            worker.wait(60)
    p95 = statistics.quantiles(seconds, n=20)[18]
    told = statistics.quantiles(_notified(plane), n=20)[18]
    return [
        Row(
            "a deployment, until a worker has it: p95 : being notified",
            None,
            f"{p95 * 1e3:,.0f} ms",
            f"{told * 1e3:,.1f} ms",
            goal=START_GOAL,
            value=p95,
        ),
        Row("  the median", None, f"{statistics.median(seconds) * 1e3:,.0f} ms"),
        Row("memory of a worker, idle", None, f"{idle:.0f} MiB"),
        Row("  more while cx begins a deployment", None, f"{max(memory) - idle:.0f} MiB"),
    ]


def _claimed(owner: psycopg.Connection[Any], deployment: str) -> Any:
    row = owner.execute("SELECT claimed_at FROM deployments WHERE id = %s", (deployment,)).fetchone()
    return row and row[0]


def _is_over(owner: psycopg.Connection[Any], deployment: str) -> bool:
    query = "SELECT finished_at IS NOT NULL FROM deployments WHERE id = %s"
    row = owner.execute(query, (deployment,)).fetchone()
    return bool(row and row[0])


def _notified(plane: Plane) -> list[float]:
    """Seconds from a transaction that notifies until a listener has heard, which is the least that any queue waits."""
    seconds = []
    with (
        psycopg.connect(plane.database_url, autocommit=True) as listener,
        psycopg.connect(plane.database_url, autocommit=True) as teller,
    ):
        listener.execute("LISTEN benchmark")
        for _ in range(STARTS):
            begun = time.perf_counter()
            teller.execute("NOTIFY benchmark")
            next(listener.notifies(timeout=10))
            seconds.append(time.perf_counter() - begun)
    return seconds


def _tree(pid: int) -> float:
    """Of a process and those it has started."""
    found = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return sum(_proportional(one) for one in found)


def _proportional(pid: int) -> float:
    """MiB that a process takes alone, and its part of what it shares (PSS); where the kernel does not say, all that is
    resident. 0 for one that has ended."""
    try:
        return float(getattr(psutil.Process(pid).memory_full_info(), "pss", 0)) / 2**20 or _resident(pid)
    except psutil.NoSuchProcess:
        return 0.0


def _resident(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / 2**20


_LINES = """
INSERT INTO deployment_events (organization_id, deployment_id, number, at, kind, data)
SELECT deployments.organization_id, deployments.id, number, now(), 'log',
    jsonb_build_object('text', 'step ' || number || ': a line of a log that is as long as many others are')
FROM deployments, generate_series(1, %(count)s) AS number WHERE deployments.id = %(deployment)s
ON CONFLICT DO NOTHING
"""
