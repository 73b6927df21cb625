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
from typing import Any

import httpx2
import psutil
import psycopg

from benchmarks.balancer import Load, parse
from benchmarks.listening import free_port, started, wait_for
from benchmarks.measuring import Commands, in_turn, ratio
from benchmarks.results import Row
from cygni.control_plane.files import SETUP_TOKEN
from platform_api.database import embedded

SIZES = (10, 100, 1_000)
AUDIT_ROWS = 1_000_000
ROUNDS = 5
SECONDS = 6
CONNECTIONS = 16
CALLERS = 150
"""Each may 600 requests a minute."""
PACED = 10
"""Connections that each ask ten times a second."""
READ_GOAL = 1 / 0.6
"""Time a request: at least 0.6 of the requests that the bare route answers."""
_SCRIPT = Path(__file__).with_name("callers.lua")
_ACME = "/v1/organizations/acme"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Plane:
    """A control plane that serves at `url`, in the process `pid`; `keys` is a file with an API key a line."""

    url: str
    pid: int
    database_url: str
    keys: Path


def measured(folder: Path, commands: Commands, say: Say) -> Iterator[list[Row]]:
    """Rows by what they are about, as they are known."""
    folder.mkdir(parents=True, exist_ok=True)
    with _plane(folder) as plane, _bare(plane) as bare:
        _projects(plane, SIZES[0])
        idle = psutil.Process(plane.pid).memory_info().rss / 2**20
        say(f"reads of one project, {CALLERS} callers in turn")
        yield [*_reads(plane, bare, commands), Row("  memory of the server, idle", None, f"{idle:.0f} MiB")]
        say(f"lists, with {AUDIT_ROWS:,} entries of the audit log")
        _audit(plane, AUDIT_ROWS)
        yield _lists(plane, commands, say)


def _reads(plane: Plane, bare: str, commands: Commands) -> list[Row]:
    loads: dict[str, list[Load]] = {"ours": [], "bare": []}

    def run(who: str, url: str) -> float:
        load = _load(commands, url, plane.keys, CONNECTIONS)
        loads[who].append(load)
        return load.seconds / load.requests

    ours = f"{plane.url}{_ACME}/projects/project-00001"
    times = in_turn(
        ROUNDS,
        {"ours": lambda: run("ours", ours), "bare": lambda: run("bare", f"{bare}/projects/project-00001")},
    )
    each = ratio(times["ours"], times["bare"])
    failed = sum(load.failed for found in loads.values() for load in found)
    paced = _load(commands, ours, plane.keys, PACED, pause=1000 // PACED)
    speed = f"{1 / each.a:,.0f} requests/s", f"{1 / each.b:,.0f} requests/s"
    return [
        Row("a project with an API key : one select", None, *speed, each, READ_GOAL),
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
            name: partial(_seconds, commands, f"{plane.url}{_ACME}/{name}?limit=10", plane.keys)
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
def _plane(folder: Path) -> Iterator[Plane]:
    port = free_port()
    server = folder / "server"
    environment = {**os.environ, "CYGNI_SERVER_PORT": str(port), "CYGNI_SERVER_WORKER": "off"}
    with started(
        [sys.executable, "-m", "platform_api", "--folder", str(server)], port, environment
    ) as process:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: _serves(url), "the control plane")  # it listens before its tables are there
        keys = folder / "keys"
        keys.write_text("\n".join(_set_up(url, server)) + "\n", encoding="utf-8")
        yield Plane(url, process.pid, embedded.start(server), keys)


def _serves(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/ready", timeout=60).is_success
    except httpx2.HTTPError:
        return False


def _set_up(url: str, server: Path) -> list[str]:
    """The first account, and API keys of its organisation."""
    with httpx2.Client(base_url=url) as client:
        account: dict[str, Any] = {
            "token": (server / SETUP_TOKEN).read_text("utf-8").strip(),
            "email": "ada@example.com", "name": "Ada", "password": "a benchmark of mine 7",
            "organization": {"slug": "acme", "name": "Acme"},
        }  # fmt: skip
        made = client.post("/v1/setup", json=account).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {made['access_token']}"
        wanted = {"name": "benchmark", "scopes": ["project:read", "audit:read"]}
        keys = f"{_ACME}/api-keys"
        return [client.post(keys, json=wanted).raise_for_status().json()["key"] for _ in range(CALLERS)]


@contextmanager
def _bare(plane: Plane) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare_api", str(port), plane.database_url]
    with started(command, port, os.environ):
        yield f"http://127.0.0.1:{port}"


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
