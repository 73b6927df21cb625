from __future__ import annotations

from platform_api.database.transactions import Database
from platform_api.deployments.queue import Queue
from platform_api.idempotency.forgetting import forget_old_answers
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop


def test_answers_are_kept_for_a_day(control_plane: ControlPlane) -> None:
    workshop = Workshop(control_plane)
    acme = workshop.organization("acme")
    for hours in (1, 23, 25, 100):
        workshop.run(
            "INSERT INTO idempotency_keys VALUES (%s, %s, %s, '', 202, '{}', now() - make_interval(hours => %s))",
            *(acme, acme, str(hours), hours),
        )

    async def forget(_: Queue, database: Database) -> None:
        await forget_old_answers(database)

    workshop.with_queue(forget)
    assert {row["key"] for row in workshop.run("SELECT key FROM idempotency_keys")} == {"1", "23"}
