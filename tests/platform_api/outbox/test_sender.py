"""Deliveries as a worker makes them, to recipients that are slow or that nobody can tell anything."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest

from platform_api.clock import SystemClock
from platform_api.database.transactions import Database
from platform_api.outbox.sender import PER_ORGANIZATION, PER_RECIPIENT, Attempt, OutboxSender
from platform_api.webhooks.models import Webhook, WebhookDelivery
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop

TAKEN = Attempt(204, taken=True)
PASSWORD = "hunter2"


class Telling(OutboxSender[WebhookDelivery, Webhook]):
    """Recipients named `slow` say nothing until `answered` is set; the others take what they get."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, SystemClock(), WebhookDelivery, Webhook, "webhook_id")
        self.answered = threading.Event()
        self.begun: list[str] = []

    async def attempt(self, delivery: WebhookDelivery, recipient: Webhook) -> Attempt:
        self.begun.append(recipient.description)
        if recipient.description == "broken":
            raise UnicodeEncodeError("ascii", PASSWORD, 0, 1, PASSWORD)
        if recipient.description == "slow":
            await self.in_thread(self.answered.wait, 60)
        return TAKEN


class Outbox:
    def __init__(self, plane: ControlPlane) -> None:
        self.workshop = Workshop(plane)

    def holds(self, organization: str, what: str, deliveries: int, recipients: int = 1) -> None:
        """So many deliveries for each of that many recipients of a new organization."""
        id = self.workshop.organization(organization)
        for _ in range(recipients):
            [made] = self.workshop.run(
                "INSERT INTO webhooks VALUES (%s, gen_random_uuid(), 'https://example.com', %s, '{*}', 1, NULL, NULL, "
                "NULL, 1, now()) RETURNING id",
                *(id, what),
            )
            self.workshop.run(
                "INSERT INTO webhook_deliveries (organization_id, id, webhook_id, type, payload, created_at, attempts, "
                "due_at) SELECT %s, gen_random_uuid(), %s, 'x', '{}', now(), 0, now() FROM generate_series(1, %s)",
                *(id, made["id"], deliveries),
            )

    def runs(self, until: Callable[[Telling], Awaitable[None]]) -> Telling:
        async def working() -> Telling:
            database, stop = Database(self.workshop.worker_url), asyncio.Event()
            made = Telling(database)
            running = asyncio.create_task(made.run(stop))
            try:
                await asyncio.wait_for(until(made), 90)
            finally:
                made.answered.set()
                stop.set()
                await running
                await database.close()
            return made

        return asyncio.run(working())

    def is_all_told(self) -> bool:
        return not self.workshop.run("SELECT id FROM webhook_deliveries WHERE delivered_at IS NULL")


@pytest.fixture
def outbox(control_plane: ControlPlane) -> Outbox:
    return Outbox(control_plane)


def _told(made: Telling, what: str, times: int) -> Callable[[], bool]:
    return lambda: made.begun.count(what) >= times


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110  # it is other threads' and other processes' doing
        await asyncio.sleep(0.05)


class TestSlowRecipients:
    def test_keep_nobody_else_waiting(self, outbox: Outbox) -> None:
        outbox.holds("acme", "slow", deliveries=10, recipients=5)
        outbox.holds("globex", "quick", deliveries=40)

        async def others_are_told(made: Telling) -> None:
            await _until(_told(made, "quick", 40))
            await asyncio.wait_for(asyncio.to_thread(int), 60)  # nor whoever needs one of the loop's threads
            assert made.begun.count("slow") == PER_ORGANIZATION
            made.answered.set()
            await _until(_told(made, "slow", 50))

        outbox.runs(others_are_told)
        assert outbox.is_all_told()

    def test_have_few_under_way_each(self, outbox: Outbox) -> None:
        outbox.holds("acme", "slow", deliveries=10)

        async def some_are_begun(made: Telling) -> None:
            await _until(_told(made, "slow", PER_RECIPIENT))
            await asyncio.sleep(0.3)
            assert len(made.begun) == PER_RECIPIENT

        outbox.runs(some_are_begun)


class TestUnexpectedErrors:
    def test_count_as_attempts_and_are_told_without_their_text(
        self, outbox: Outbox, capsys: pytest.CaptureFixture[str]
    ) -> None:
        outbox.holds("acme", "broken", deliveries=1)

        async def it_is_noted(made: Telling) -> None:
            await _until(
                lambda: bool(outbox.workshop.run("SELECT 1 FROM webhook_deliveries WHERE attempts = 1"))
            )

        outbox.runs(it_is_noted)
        [row] = outbox.workshop.run("SELECT * FROM webhook_deliveries")
        assert (row["attempts"], row["due_at"] > row["created_at"]) == (1, True)
        assert "UnicodeEncodeError" in row["last_error"]
        said = "".join(capsys.readouterr())
        assert ("UnicodeEncodeError" in said, PASSWORD in said) == (True, False)
