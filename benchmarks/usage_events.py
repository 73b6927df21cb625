"""How fast usage is counted: over HTTP, against the same statement without anything around it, and beside how much
there is already."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import httpx2
import psycopg
import sqlalchemy as sa

from benchmarks.balancer import processor_seconds
from benchmarks.measuring import CommandFailed, in_turn, ratio
from benchmarks.planes import Plane, control_plane
from benchmarks.results import Row
from platform_api.database.migrate import sqlalchemy_url
from platform_api.database.roles import roles_of, url_as
from platform_api.keys import server_key
from platform_api.settings import ServerSettings
from platform_api.usage.cloud_events import Reported, read_all
from platform_api.usage.event_router import MOST
from platform_api.usage.store import RECORD, columns

STORED = (0, 1_000_000)
MOST_STORED = 100_000_000
SENDERS = 4
BATCHES = 8
"""Of each sender in a round."""
ROUNDS = 5
SPEED_GOAL = 5_000.0
"""Events a second, over HTTP."""
RATIO_GOAL = 1 / 0.4
"""Time an event: at least 0.4 of what the statement alone does."""
_METER = "build_minutes"
_CHUNK = 1_000_000
_SPREAD_MINUTES = 600
_MONTH = timedelta(days=30)
Say = Callable[[str], None]
Batch = list[dict[str, object]]


def measured(folder: Path, stored: Sequence[int], say: Say) -> Iterator[list[Row]]:
    """Rows for each number of events that are stored before, in growing order. The folder is the caller's to remove."""
    folder.mkdir(parents=True, exist_ok=True)
    with control_plane(folder) as plane:
        there = 0
        for size in sorted(stored):
            say(f"usage, with {size:,} events there")
            _store(plane, there, size, say)
            there = size
            yield [*_speeds(plane, size), *_kept(plane, size)]


def _speeds(plane: Plane, size: int) -> list[Row]:
    before = processor_seconds((plane.pid,))
    with ThreadPoolExecutor(SENDERS) as threads, _Statement(plane) as statement:

        def all_of(ready: Callable[[Batch], Callable[[], None]]) -> float:
            """Seconds for an event; what is sent is made before."""
            batches = [ready(_batch()) for _ in range(SENDERS * BATCHES)]
            begun = time.perf_counter()
            for done in [threads.submit(batch) for batch in batches]:
                done.result()
            return (time.perf_counter() - begun) / (len(batches) * MOST)

        with httpx2.Client(base_url=plane.url, timeout=60) as client:
            client.headers["Authorization"] = f"Bearer {plane.key}"
            over_http = partial(_over_http, client)
            all_of(over_http)
            all_of(statement.ready)
            actions = {"ours": partial(all_of, over_http), "statement": partial(all_of, statement.ready)}
            times = in_turn(ROUNDS, actions)
    each = ratio(times["ours"], times["statement"])
    cost = (processor_seconds((plane.pid,)) - before) / ((ROUNDS + 1) * SENDERS * BATCHES * MOST)
    speed = f"{1 / each.a:,.0f} events/s", f"{1 / each.b:,.0f} events/s"
    return [
        Row("usage : the statement alone", size, *speed, each, RATIO_GOAL),
        Row(
            "  time of an event over HTTP",
            size,
            f"{each.a * 1e6:.0f} µs",
            goal=1e6 / SPEED_GOAL,
            value=each.a * 1e6,
        ),
        Row("  processor time of the server, an event", size, f"{cost * 1e6:.0f} µs"),
    ]


def _batch() -> Batch:
    """Events that nobody has sent before."""
    now = datetime.now(UTC)
    return [
        {
            "specversion": "1.0", "id": str(uuid.uuid4()), "source": "/benchmark", "type": _METER,
            "time": (now - timedelta(minutes=number % _SPREAD_MINUTES)).isoformat(), "subject": f"build-{number % 50}",
            "data": {"quantity": f"{number % 7}.5", "project": f"shop-{number % 5}", "environment": "production"},
        }
        for number in range(MOST)
    ]  # fmt: skip


def _over_http(client: httpx2.Client, batch: Batch) -> Callable[[], None]:
    return partial(_send, client, json.dumps(batch))


def _send(client: httpx2.Client, body: str) -> None:
    """Raises CommandFailed unless each event was counted."""
    answer = client.post("/v1/usage/events", content=body)
    if answer.status_code != 200 or not answer.text.startswith(f'{{"counted":{MOST},'):
        raise CommandFailed(f"usage was not counted: {answer.status_code} {answer.text[:300]}")


class _Statement:
    """The store's statement, told the same events, committed each time; as the role that serves requests."""

    def __init__(self, plane: Plane) -> None:
        role = roles_of(plane.database_url).application
        url = url_as(plane.database_url, role, server_key(ServerSettings(plane.folder)))
        self._engine = sa.create_engine(sqlalchemy_url(url), pool_size=SENDERS)
        with psycopg.connect(plane.database_url) as owner:
            row = owner.execute("SELECT id FROM organizations").fetchone()
        assert row is not None
        self._organization = row[0]

    def __enter__(self) -> _Statement:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.dispose()

    def ready(self, batch: Batch) -> Callable[[], None]:
        now = datetime.now(UTC)
        events = [one for one in read_all(batch, {_METER}, now) if isinstance(one, Reported)]
        told = {"organization": self._organization, "now": now, **columns(events)}
        return partial(self._execute, told)

    def _execute(self, told: dict[str, object]) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                sa.text("SELECT set_config('cygni.organization', :value, true)"),
                {"value": str(self._organization)},
            )
            if len(connection.execute(RECORD, told).all()) != MOST:
                raise CommandFailed("the statement did not count what was new")


def _kept(plane: Plane, size: int) -> list[Row]:
    """What is on the disk, and the time that a month's figure takes: from tallies, and from the events."""
    if size == 0:
        return []
    whole = "SELECT pg_total_relation_size('usage_events')::float8, count(*)::float8 FROM usage_events"
    now = datetime.now(UTC)
    span = {"start": now - _MONTH, "end": now}
    of_hours = "SELECT sum(total) FROM usage_hours WHERE hour >= %(start)s AND hour < %(end)s"
    of_events = "SELECT sum(quantity) FROM usage_events WHERE at >= %(start)s AND at < %(end)s"
    with psycopg.connect(plane.database_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE usage_events, usage_hours")
        row = owner.execute(whole).fetchone()
        assert row is not None
        times = []
        for query in (of_hours, of_events):
            begun = time.perf_counter()
            owner.execute(query, span)
            times.append(time.perf_counter() - begun)
    return [
        Row("  on the disk, for a million events", size, f"{row[0] / row[1] * 1e6 / 2**20:,.0f} MiB"),
        Row("  a month's sum from tallies", size, f"{times[0] * 1e3:,.1f} ms"),
        Row("  a month's sum from its events", size, f"{times[1] * 1e3:,.1f} ms"),
    ]


def _store(plane: Plane, there: int, wanted: int, say: Say) -> None:
    """Events of the last 30 days, and their tallies. Their ids are in no order, as those that programs make; indexes
    are made afterwards, since row by row they take an hour."""
    if wanted <= there:
        return
    with psycopg.connect(plane.database_url, autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")  # the organisation is there
        owner.execute("ALTER TABLE usage_events DROP CONSTRAINT usage_events_pkey")
        owner.execute("DROP INDEX usage_events_counted")
        for begin in range(there, wanted, _CHUNK):
            owner.execute(_FILL, {"first": begin + 1, "last": min(begin + _CHUNK, wanted)})
            say(f"  {min(begin + _CHUNK, wanted):,} stored")
        owner.execute("SET maintenance_work_mem = '1GB'")
        owner.execute("ALTER TABLE usage_events ADD PRIMARY KEY (organization_id, source, id)")
        owner.execute("CREATE INDEX usage_events_counted ON usage_events (organization_id, meter, at)")
        owner.execute(_TALLY)
        owner.execute("VACUUM ANALYZE usage_events, usage_hours")


_FILL = """
INSERT INTO usage_events (organization_id, source, id, meter, at, quantity, subject, project, environment, digest,
    received_at)
SELECT organizations.id, '/benchmark', md5(number::text)::uuid::text, 'build_minutes',
    date_trunc('second', now()) - (number %% 2592000) * interval '1 second', number %% 7 + 0.5,
    'build-' || number %% 50, 'shop-' || number %% 5, 'production', sha256(number::text::bytea), now()
FROM organizations, generate_series(%(first)s::bigint, %(last)s) AS number
"""
_TALLY = """
INSERT INTO usage_hours (organization_id, meter, hour, project, environment, count, total, largest, revision)
SELECT organization_id, meter, date_trunc('hour', at, 'UTC'), project, environment, count(*), sum(quantity),
    max(quantity), nextval('usage_revisions')
FROM usage_events GROUP BY 1, 2, 3, 4, 5
ON CONFLICT (organization_id, meter, hour, project, environment) DO UPDATE SET
    count = excluded.count, total = excluded.total, largest = excluded.largest, revision = excluded.revision
"""
