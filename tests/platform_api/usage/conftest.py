"""A program that tells what was used in `acme`, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team

USAGE = "/v1/organizations/acme/usage"


@dataclass
class Metering:
    """`program` has an API key; `owner` reads. Times are hours before now."""

    control_plane: ControlPlane
    owner: Person
    program: Person

    def event(
        self,
        id: str,
        quantity: str = "1",
        *,
        ago: float = 1.0,
        type: str = "build_minutes",
        subject: str = "-",
        **data: str,
    ) -> dict[str, Any]:
        at = self.now - timedelta(hours=ago)
        return {
            "specversion": "1.0", "id": id, "source": "/test", "type": type, "time": at.isoformat(), "subject": subject,
            "data": {"quantity": quantity, **data},
        }  # fmt: skip

    @property
    def now(self) -> datetime:
        return self.control_plane.clock.now()

    def tell(self, *events: Any, by: Person | None = None) -> dict[str, Any]:
        answer = (by or self.program).ask("POST", "/v1/usage/events", json=list(events))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def statuses(self, *events: Any, by: Person | None = None) -> list[str]:
        return [one["code"] or one["status"] for one in self.tell(*events, by=by)["results"]]

    def used(
        self, meter: str = "build_minutes", *, hours: float = 24.0, until: float = 0.0, **where: str
    ) -> Decimal:
        """The quantity from `hours` ago until `until` hours ago."""
        span = {
            "start": (self.now - timedelta(hours=hours)).isoformat(),
            "end": (self.now - timedelta(hours=until)).isoformat(),
        }
        answer = self.owner.ask("GET", USAGE, params={**span, **where})
        assert answer.status_code == 200, answer.text
        [found] = [one for one in answer.json()["totals"] if one["meter"] == meter]
        return Decimal(found["quantity"])

    def tallies(self) -> Sequence[tuple[Any, ...]]:
        """Rows of hours that are not what their events sum up to."""
        with psycopg.connect(self.control_plane.owner_url) as owner:
            return owner.execute(
                """
                SELECT * FROM usage_hours hours FULL JOIN (
                    SELECT organization_id, meter, date_trunc('hour', at, 'UTC') AS hour, project, environment,
                        count(*), sum(quantity) AS total, max(quantity) AS largest
                    FROM usage_events WHERE void_at IS NULL GROUP BY 1, 2, 3, 4, 5
                ) events USING (organization_id, meter, hour, project, environment)
                WHERE (hours.count, hours.total) IS DISTINCT FROM (coalesce(events.count, 0), coalesce(events.total, 0))
                    OR hours.largest IS DISTINCT FROM events.largest
                """
            ).fetchall()


@pytest.fixture
def metering(control_plane: ControlPlane, team: Team) -> Metering:
    return Metering(control_plane, team.owner, team.key(scopes=["usage:write"])[0])
