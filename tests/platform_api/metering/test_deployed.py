"""What the local cloud and the database tell of a service that was deployed through the control plane."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from platform_api.database.roles import url_as
from platform_api.database.transactions import Database
from platform_api.metering.clouds import WorkersClouds
from platform_api.metering.service import Metering
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.hello import Server, hello_server
from tests.platform_api.moving_clock import MovingClock
from tests.platform_api.people import Team
from tests.platform_api.server_key import KEY

pytestmark = [pytest.mark.engine, pytest.mark.slow]


@pytest.fixture
def server(control_plane: ControlPlane, team: Team, tmp_path: Path) -> Iterator[Server]:
    with hello_server(control_plane, team, tmp_path) as made:
        yield made


@pytest.mark.timeout(900)
def test_what_a_deployed_service_uses_is_measured(server: Server, control_plane: ControlPlane) -> None:
    worker = server.start()
    deployment = server.deploy("1")
    server.approved(deployment)
    server.until(deployment, lambda one: one["status"] == "succeeded")
    for _ in range(20):
        assert server.answer() == "1"
    worker.terminate()
    worker.wait(60)
    folder = server.project.settings.data_dir.parents[1]
    later = MovingClock(datetime.now(UTC))

    def look_later() -> None:
        """As a worker does that begins two hours later."""

        async def look() -> None:
            database = Database(url_as(control_plane.owner_url, control_plane.roles.worker, KEY))
            later.move(timedelta(hours=2))
            metering = Metering(database, later, WorkersClouds(folder, server.environ))
            while await metering.make_due():
                pass
            await database.close()

        asyncio.run(look())

    def used() -> dict[str, Decimal]:
        span = {"start": (datetime.now(UTC) - timedelta(hours=2)).isoformat(), "end": later.now().isoformat()}
        answer = server.team.owner.ask(
            "GET", "/v1/organizations/acme/usage", params={**span, "project": "hello", "environment": "local"}
        )
        return {one["meter"]: Decimal(one["quantity"]) for one in answer.json()["totals"]}

    time.sleep(10)  # the load balancer reports each few seconds
    look_later()
    found = used()
    assert found["deployments"] == 1
    assert 0 < found["build_minutes"] < 1
    assert found["requests"] >= 20
    assert Decimal("0.5") < found["vcpu_hours"] / Decimal("0.25") < 5  # hours of its tasks
    # Each event is rounded to nine places.
    assert abs(found["memory_gb_hours"] - found["vcpu_hours"] * 2) < Decimal("1e-7")
    look_later()
    assert used()["requests"] == found["requests"]
    with psycopg.connect(control_plane.owner_url) as owner:
        looks = owner.execute("SELECT look, failures, error FROM metered_places ORDER BY look").fetchall()
    assert looks == [(look, 0, None) for look in ("running", "seats", "storage", "traffic")]
