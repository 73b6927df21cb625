"""The organisation `acme` with its project `shop`, what it uses, and a worker that looks at its budgets."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from platform_api.budgets.sweep import BudgetSweep
from platform_api.database.transactions import Database
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.test_router import Desk
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.people import Person, Team

BUDGETS = "/v1/organizations/acme/budgets"


@dataclass
class Treasury:
    plane: ControlPlane
    desk: Desk
    _told: int = field(default=0)

    @property
    def owner(self) -> Person:
        return self.desk.team.owner

    @property
    def workshop(self) -> Workshop:
        return self.desk.workshop

    def set(self, name: str = "monthly", **wanted: Any) -> dict[str, Any]:
        """A budget of ten deployments with a hard limit, if nothing else is said."""
        usual = {"kind": "units", "amount": "10", "hard_limit": True}
        if wanted.get("kind", "units") == "units":
            usual["meter"] = "deployments"
        made = self.owner.post(BUDGETS, name=name, **{**usual, **wanted})
        assert made.status_code == 201, made.text
        return dict(made.json())

    def change(self, name: str = "monthly", **wanted: Any) -> httpx2.Response:
        return self.owner.ask("PATCH", f"{BUDGETS}/{name}", json=wanted)

    def read(self, name: str = "monthly") -> dict[str, Any]:
        found = self.owner.get(f"{BUDGETS}/{name}")
        assert found.status_code == 200, found.text
        return dict(found.json())

    def use(self, quantity: int, meter: str = "build_minutes", **where: str) -> None:
        """A program tells so much more."""
        program, _ = self.desk.team.key(scopes=["usage:write"])
        self._told += 1
        event = {
            "specversion": "1.0", "id": str(self._told), "source": "/test", "type": meter,
            "time": self.plane.clock.now().isoformat(), "data": {"quantity": str(quantity), **where},
        }  # fmt: skip
        answer = program.ask("POST", "/v1/usage/events", json=[event])
        assert answer.json()["counted"] == 1, answer.text

    def look(self, workers: int = 1) -> int:
        """Workers look at all budgets whose turn it is, at once; how many looks that took."""

        async def look() -> int:
            database = Database(self.workshop.worker_url)
            sweeps = [BudgetSweep(database, self.plane.clock) for _ in range(workers)]
            try:
                return sum(await asyncio.gather(*(_until_done(one) for one in sweeps)))
            finally:
                await database.close()

        return asyncio.run(look())

    def look_later(self, after: timedelta = timedelta(minutes=1)) -> None:
        """When as much time is over, in which tokens have ended."""
        self.plane.clock.move(after)
        self.owner.sign_in()
        self.look()

    def events(self) -> Sequence[tuple[str, str | None]]:
        """Types and thresholds of what webhooks are told, in their order."""
        rows = self.workshop.run("SELECT type, payload FROM webhook_deliveries ORDER BY id")
        return [(row["type"], row["payload"]["data"].get("threshold")) for row in rows]

    def listen(self) -> None:
        made = self.owner.post(
            "/v1/organizations/acme/webhooks", url="https://example.com/hook", events=["budget.*"]
        )
        assert made.status_code == 201, made.text


async def _until_done(sweep: BudgetSweep) -> int:
    looks = 0
    while await sweep.look():
        looks += 1
    return looks


@pytest.fixture
def treasury(control_plane: ControlPlane, team: Team) -> Treasury:
    return Treasury(control_plane, Desk(team, Workshop(control_plane)))
