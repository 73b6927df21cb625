from __future__ import annotations

from platform_api.database.transactions import Database
from platform_api.deployments.queue import Queue
from platform_api.stripe.forgetting import forget_old_events
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop


def test_what_stripe_told_is_kept_for_60_days_and_until_it_was_acted_on(control_plane: ControlPlane) -> None:
    workshop = Workshop(control_plane)
    for id, days, due in (("new", 59, None), ("old", 61, None), ("old but due", 61, "tomorrow")):
        workshop.run(
            "INSERT INTO stripe_events (id, type, object, received_at, due_at, attempts) "
            "VALUES (%s, 'invoice.paid', 'in_1', now() - make_interval(days => %s), %s::timestamptz, 1)",
            *(id, days, due),
        )

    async def forget(_: Queue, database: Database) -> None:
        await forget_old_events(database)

    workshop.with_queue(forget)
    assert {row["id"] for row in workshop.run("SELECT id FROM stripe_events")} == {"new", "old but due"}
