"""A control plane with one of everything, for requests that nobody would make."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx2
from fastapi.testclient import TestClient

from tests.platform_api.deployments.workshop import archive
from tests.platform_api.moving_clock import MovingClock
from tests.platform_api.people import Person, Team
from tests.platform_api.plans.plan_files import team_plan

PROJECT = "/v1/organizations/acme/projects/shop"


@dataclass
class FuzzedPlane:
    """`there` are values of path parameters that lead to something; `asked` counts requests."""

    client: TestClient
    clock: MovingClock
    owner: Person
    there: dict[str, str]
    asked: int = 0

    def ask(self, method: str, path: str, *, known: bool, **options: Any) -> httpx2.Response:
        """As the owner where `known`, who makes no more requests than they may and is never signed out for long."""
        self.asked += 1
        self.clock.move(timedelta(seconds=0.2 if known else 3))
        headers = dict(options.pop("headers", {}))
        if known:
            headers = {key: value for key, value in headers.items() if key.lower() != "authorization"}
            headers["Authorization"] = f"Bearer {self.owner.access_token}"
        answer = self.client.request(method, path, headers=headers, **options)
        if known and answer.status_code == 401:  # it is over, or what was tried has ended it
            self.clock.move(timedelta(minutes=1))
            self.owner.sign_in()
            headers["Authorization"] = f"Bearer {self.owner.access_token}"
            answer = self.client.request(method, path, headers=headers, **options)
        return answer


def fuzzed_plane(team: Team, clock: MovingClock) -> FuzzedPlane:
    owner = team.owner
    made = [
        owner.post("/v1/organizations/acme/projects", slug="shop"),
        owner.post(f"{PROJECT}/environments", name="production"),
        owner.ask("POST", f"{PROJECT}/sources", content=archive()),
        owner.ask("PUT", f"{PROJECT}/environments/production/secrets/TOKEN", json={"value": "x"}),
        owner.post("/v1/organizations/acme/webhooks", url="https://hooks.example.com/x"),
        owner.post("/v1/organizations/acme/notifications", kind="email", addresses=["ada@example.com"]),
        owner.post(f"{PROJECT}/domains", name="shop.example.com", environment="production"),
    ]
    assert [one.status_code for one in made] == [201, 201, 201, 200, 201, 201, 201], [
        one.text for one in made
    ]
    source, webhook, notification, domain = (made[place].json()["id"] for place in (2, 4, 5, 6))
    path = f"{PROJECT}/environments/production/deployments"
    deployment = owner.post(path, source=source).json()["id"]
    assert owner.post(f"{path}/{deployment}/cancel").status_code == 202  # its stream has an end
    delivery = owner.post(f"/v1/organizations/acme/webhooks/{webhook}/ping").json()["id"]
    _, key = team.key(scopes=["project:read"])
    made = [
        owner.post("/v1/organizations/acme/roles", name="own", permissions=["project:read"]),
        owner.post("/v1/plans", **team_plan()),
        owner.post("/v1/organizations/acme/credits", amount="5", currency="EUR", reason="Welcome"),
        owner.post(
            "/v1/organizations/acme/budgets", name="usual", kind="units", meter="requests", amount="9"
        ),
    ]
    assert [one.status_code for one in made] == [201, 201, 201, 201], [one.text for one in made]
    there = {
        "role": "own",
        "plan": "team",
        "credit": made[2].json()["id"],
        "budget": made[3].json()["name"],
        "inquiry": str(uuid.uuid4()),  # one that is there is answered when a worker has done so
        "organization": "acme",
        "project": "shop",
        "environment": "production",
        "name": "TOKEN",
        "user": team.invite("vera", "viewer").id,
        "key": key,
        "webhook": webhook,
        "delivery_id": delivery,
        "notification": notification,
        "domain": domain,
        "deployment": deployment,
        "source": str(uuid.UUID(source)),
    }
    return FuzzedPlane(team.client, clock, owner, there)
