"""An environment of `acme` that is measured, on an AWS that a test makes up."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest

from cygni.targets.fargate.clients import Clients
from platform_api.database.transactions import Database
from platform_api.metering.recording import Measured
from platform_api.metering.service import Metering
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.metering.aws import Aws
from tests.platform_api.moving_clock import MovingClock


@dataclass
class Measuring:
    """Workers that look whenever something is due, in an installation whose clock is moved."""

    workshop: Workshop
    clock: MovingClock
    aws: Aws
    organization: uuid.UUID
    runner: asyncio.Runner
    database: Database

    def clients(self, place: Measured, region: str) -> Clients:
        assert region == "us-east-1"
        return cast(Clients, self.aws)

    def environment(self, name: str = "staging", project: str = "shop") -> uuid.UUID:
        """One of `acme` that was deployed now."""
        made = self.workshop.environment(self.organization, name)
        self.workshop.run(
            "UPDATE projects SET slug = %s WHERE id = (SELECT project_id FROM environments WHERE id = %s)",
            *(project, made),
        )
        self.deployed(made)
        return made

    def deployed(self, environment: uuid.UUID) -> None:
        done = self.workshop.deployment(environment, "succeeded")
        self.workshop.run("UPDATE deployments SET finished_at = %s WHERE id = %s", self.clock.now(), done)

    def member(self) -> uuid.UUID:
        """Somebody more in `acme`."""
        user = uuid.uuid4()
        self.workshop.run(
            "INSERT INTO users (id, email, name, password_hash, created_at) VALUES (%s, %s, 'x', 'x', now())",
            *(user, f"{user}@example.com"),
        )
        self.workshop.run(
            "INSERT INTO organization_members VALUES (%s, %s, 'viewer', now())", self.organization, user
        )
        return user

    def look(self) -> None:
        """All that is due, by a worker that has just begun."""
        self.runner.run(self.all_due(self.database))

    async def all_due(self, database: Database) -> None:
        metering = Metering(database, self.clock, self)
        while await metering.make_due():
            pass

    def look_together(self, workers: int) -> None:
        """All that is due, by several workers at once."""

        async def together() -> None:
            await asyncio.gather(*(self.all_due(self.database) for _ in range(workers)))

        self.runner.run(together())

    def go_on(self, *, minutes: float = 0, hours: float = 0, every: float = 15) -> None:
        """Time passes, with looks in it."""
        left = timedelta(minutes=minutes, hours=hours)
        while left > timedelta():
            step = min(left, timedelta(minutes=every))
            self.clock.move(step)
            left -= step
            self.look()

    def used(self, meter: str | None = None) -> Any:
        """Of all environments, by meter, or of one meter."""
        rows = self.workshop.run("SELECT meter, sum(total) AS total FROM usage_hours GROUP BY meter")
        found = {row["meter"]: row["total"] for row in rows}
        return found.get(meter, Decimal(0)) if meter else found

    def events(self, meter: str) -> list[dict[str, Any]]:
        return self.workshop.run("SELECT * FROM usage_events WHERE meter = %s ORDER BY at, id", meter)


@pytest.fixture
def workshop(control_plane: ControlPlane) -> Workshop:
    return Workshop(control_plane)


@pytest.fixture
def measuring(workshop: Workshop, clock: MovingClock) -> Iterator[Measuring]:
    with asyncio.Runner() as runner:
        database = Database(workshop.worker_url)
        yield Measuring(workshop, clock, Aws(clock), workshop.organization("acme"), runner, database)
        runner.run(database.close())
