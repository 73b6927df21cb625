"""A control plane whose worker has a stand-in for Stripe; what was asked of that is held to Stripe's own document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import psycopg
import pytest

from platform_api.database.roles import url_as
from platform_api.database.transactions import Database
from platform_api.stripe.sdk_gateway import SdkGateway
from platform_api.stripe.work import StripeWork
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team
from tests.platform_api.server_key import KEY
from tests.platform_api.usage.conftest import Metering
from tests.stripe_mock import NoStripeMock, StripeMock, stripe_mock
from tests.stripe_stand_in.served import StripeStandIn, stripe_stand_in

T = TypeVar("T")


@dataclass
class Collecting:
    """`metering` tells usage of `acme`; a worker, begun anew each time, does what is due."""

    control_plane: ControlPlane
    metering: Metering
    team: Team
    stripe: StripeStandIn
    seconds: float = 10.0

    def work(self, what: Callable[[StripeWork], Awaitable[T]]) -> T:
        async def begun() -> T:
            async with self.worker() as work:
                return await what(work)

        return asyncio.run(begun())

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[StripeWork]:
        clock = self.control_plane.clock
        database = Database(url_as(self.control_plane.owner_url, self.control_plane.roles.worker, KEY))
        gateway = SdkGateway(self.stripe.settings, self.seconds)
        try:
            yield StripeWork(database, clock, self.stripe.settings, gateway)
        finally:
            await gateway.close()
            await database.close()

    def program_of(self, organization: str) -> Person:
        """One that may tell its usage."""
        return self.team.key(organization, scopes=["usage:write"])[0]

    def export(self) -> int:
        """How many rows went into the outbox."""
        return self.work(lambda work: work.exporter.export())

    def send(self) -> int:
        """How many rows of the outbox were looked at, until none is due."""
        return self.work(sent_all)

    def pass_by(self, **by: float) -> None:
        self.control_plane.clock.move(timedelta(**by))

    def rows(self, columns: str = "meter, value, state") -> list[tuple[Any, ...]]:
        """Of the outbox, the oldest hour first."""
        with psycopg.connect(self.control_plane.owner_url) as owner:
            query = f"SELECT {columns} FROM stripe_usage ORDER BY hour, meter, seq"
            return owner.execute(query.encode()).fetchall()

    def counted(self, meter: str = "build_minutes") -> int:
        """What Stripe has, in units, of all its customers."""
        events = self.stripe.account.meter_events
        return sum(int(one["payload"]["value"]) for one in events if one["event_name"] == f"cygni_{meter}")

    @property
    def now(self) -> datetime:
        return self.control_plane.clock.now()


async def sent_all(work: StripeWork) -> int:
    total = 0
    while made := await work.sender.make_due():
        total += made
    return total


@pytest.fixture(scope="session")
def mock() -> Iterator[StripeMock | NoStripeMock]:
    try:
        with stripe_mock() as running:
            yield running
    except NoStripeMock as error:
        yield error


@pytest.fixture
def stripe(control_plane: ControlPlane, mock: StripeMock | NoStripeMock) -> Iterator[StripeStandIn]:
    """Whatever a test has Cygni ask of it must be what stripe-mock understands too, where there is one."""
    with stripe_stand_in(control_plane.clock) as running:
        yield running
    if isinstance(mock, StripeMock):
        assert mock.complaints(running.account.received) == []


@pytest.fixture
def collecting(control_plane: ControlPlane, team: Team, stripe: StripeStandIn) -> Collecting:
    metering = Metering(control_plane, team.owner, team.key(scopes=["usage:write"])[0])
    return Collecting(control_plane, metering, team, stripe)
