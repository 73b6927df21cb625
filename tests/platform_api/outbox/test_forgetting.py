from __future__ import annotations

from platform_api.database.transactions import Database
from platform_api.deployments.queue import Queue
from platform_api.outbox.forgetting import forget_old_deliveries
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop


def test_deliveries_that_are_over_are_kept_for_90_days(control_plane: ControlPlane) -> None:
    workshop = Workshop(control_plane)
    acme = workshop.organization("acme")
    [webhook] = workshop.run(
        "INSERT INTO webhooks VALUES (%s, gen_random_uuid(), 'https://example.com', '', '{*}', 1, NULL, NULL, NULL, 1, "
        "now()) RETURNING id",
        acme,
    )
    for name, days, due in (("new", 89, None), ("old", 91, None), ("old but due", 91, "tomorrow")):
        workshop.run(
            "INSERT INTO webhook_deliveries (organization_id, id, webhook_id, type, payload, created_at, attempts, due_at) "
            "VALUES (%s, gen_random_uuid(), %s, %s, '{}', now() - make_interval(days => %s), 1, %s::timestamptz)",
            *(acme, webhook["id"], name, days, due),
        )

    async def forget(_: Queue, database: Database) -> None:
        await forget_old_deliveries(database)

    workshop.with_queue(forget)
    assert {row["type"] for row in workshop.run("SELECT type FROM webhook_deliveries")} == {
        "new",
        "old but due",
    }
