"""What the control plane costs: a read against a bare route that does one `select`, and how lists grow with what there
is, beside a million entries of the audit log."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil
import psycopg

from benchmarks.balancer import Load, parse, processor_seconds
from benchmarks.listening import free_port, started
from benchmarks.measuring import Commands, in_turn, ratio
from benchmarks.planes import ACME, CALLERS, Plane, control_plane
from benchmarks.results import Row

SIZES = (10, 100, 1_000)
AUDIT_ROWS = 1_000_000
ROUNDS = 5
SECONDS = 6
CONNECTIONS = 16
PACED = 10
"""Connections that each ask ten times a second."""
READ_GOAL = 1 / 0.6
"""Time a request: at least 0.6 of the requests that the bare route answers."""
_SCRIPT = Path(__file__).with_name("callers.lua")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Bare:
    url: str
    pid: int


def measured(folder: Path, commands: Commands, say: Say) -> Iterator[list[Row]]:
    """Rows by what they are about, as they are known."""
    folder.mkdir(parents=True, exist_ok=True)
    with control_plane(folder) as plane, _bare(plane) as bare:
        _projects(plane, SIZES[0])
        idle = psutil.Process(plane.pid).memory_info().rss / 2**20
        say(f"reads of one project, {CALLERS} callers in turn")
        yield [*_reads(plane, bare, commands), Row("  memory of the server, idle", None, f"{idle:.0f} MiB")]
        say(f"lists, with {AUDIT_ROWS:,} entries of the audit log")
        _audit(plane, AUDIT_ROWS)
        yield _lists(plane, commands, say)


def _reads(plane: Plane, bare: Bare, commands: Commands) -> list[Row]:
    ours = f"{plane.url}{ACME}/projects/project-00001"
    asked = {
        "ours": ours,
        "bare": f"{bare.url}/projects/project-00001",
        "secured": f"{bare.url}/secured/project-00001",
    }
    loads: dict[str, list[Load]] = {who: [] for who in asked}
    costs: dict[str, list[float]] = {who: [] for who in asked}

    def run(who: str) -> float:
        pid = plane.pid if who == "ours" else bare.pid
        before = processor_seconds((pid,))
        load = _load(commands, asked[who], plane.keys, CONNECTIONS)
        loads[who].append(load)
        costs[who].append((processor_seconds((pid,)) - before) / load.requests)
        return load.seconds / load.requests

    times = in_turn(ROUNDS, {who: partial(run, who) for who in asked})
    each, secured = ratio(times["ours"], times["bare"]), ratio(times["ours"], times["secured"])
    cost = ratio(costs["ours"], costs["bare"])
    failed = sum(load.failed for found in loads.values() for load in found)
    paced = _load(commands, ours, plane.keys, PACED, pause=1000 // PACED)
    speed = f"{1 / each.a:,.0f} requests/s", f"{1 / each.b:,.0f} requests/s"
    return [
        Row("a project with an API key : one select", None, *speed, each, READ_GOAL),
        Row("  processor time of the server", None, f"{cost.a * 1e6:.0f} µs", f"{cost.b * 1e6:.0f} µs", cost),
        Row(
            "a project with an API key : the same duty by hand",
            None,
            f"{1 / secured.a:,.0f} requests/s",
            f"{1 / secured.b:,.0f} requests/s",
            secured,
        ),
        Row(
            "  failed requests", None, f"{failed + paced.failed}", goal=0, value=float(failed + paced.failed)
        ),
        Row(f"  p99 at {paced.requests / paced.seconds:.0f} requests/s", None, f"{paced.p99 * 1e3:.1f} ms"),
    ]


def _lists(plane: Plane, commands: Commands, say: Say) -> list[Row]:
    """Time a page of each list with as many projects as there are, against that with the fewest."""
    rows = []
    first: dict[str, list[float]] = {}
    for size in SIZES:
        say(f"{size:,} projects")
        _projects(plane, size)
        actions = {
            name: partial(_seconds, commands, f"{plane.url}{ACME}/{name}?limit=10", plane.keys)
            for name in ("projects", "audit")
        }
        for name, times in in_turn(ROUNDS, actions).items():
            found = ratio(times, first.setdefault(name, times))
            page = f"{found.a * 1e3:.2f} ms", f"{found.b * 1e3:.2f} ms"
            rows.append(Row(f"a page of {name} : with {SIZES[0]} projects", size, *page, found))
    return rows


def _seconds(commands: Commands, url: str, keys: Path) -> float:
    """A request, one after the other."""
    load = _load(commands, url, keys, 1)
    return load.seconds / load.requests


def _load(commands: Commands, url: str, keys: Path, connections: int, pause: int = 0) -> Load:
    how = ("-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "-s", str(_SCRIPT))
    return parse(commands.output("wrk", *how, url, "--", str(keys), str(pause)))


@contextmanager
def _bare(plane: Plane) -> Iterator[Bare]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare_api", str(port), plane.database_url, str(plane.folder)]
    with started(command, port, os.environ) as process:
        yield Bare(f"http://127.0.0.1:{port}", process.pid)


def _projects(plane: Plane, count: int) -> None:
    """As many as that in all, in `acme`."""
    with psycopg.connect(plane.database_url) as owner:
        owner.execute(
            """
            INSERT INTO projects (organization_id, id, slug, name, version, created_at)
            SELECT organizations.id, gen_random_uuid(), 'project-' || lpad(number::text, 5, '0'), 'Project', 1, now()
            FROM organizations, generate_series(1, %s) AS number ON CONFLICT DO NOTHING
            """,
            (count,),
        )


def _audit(plane: Plane, count: int) -> None:
    """Entries as long as others; nobody verifies their chain here."""
    with psycopg.connect(plane.database_url) as owner:
        owner.execute(
            """
            INSERT INTO audit_entries (organization_id, number, at, actor, action, subject, outcome, request_id, after,
                previous_hash, hash)
            SELECT organizations.id, 1000000 + number, now(), '{"kind": "user"}', 'project.update', 'project-00001',
                'done', gen_random_uuid()::text, '{"name": "Project"}', sha256('a'), sha256('b')
            FROM organizations, generate_series(1, %s) AS number
            """,
            (count,),
        )
    with psycopg.connect(plane.database_url, autocommit=True) as owner:
        owner.execute("ANALYZE")
