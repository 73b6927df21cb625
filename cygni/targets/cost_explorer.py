"""Asks Cost Explorer what was billed. Every request costs USD 0.01, so what was asked is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from cygni.actuals.bill import Billed, billed_in, question
from cygni.actuals.grouping import Grouping
from cygni.actuals.period import Period
from cygni.errors import AuthError, CygniError, ResourceFailed, Unreachable
from cygni.targets.fargate.clients import Clients, asking

REGION: Final = "us-east-1"
"""The one region with an endpoint of Cost Explorer, for all of the partition `aws` (AWS General Reference)."""
_ACTIVE: Final = "Active"


_ENABLED: Final = (
    "It takes the permission ce:GetCostAndUsage, and Cost Explorer must be enabled once in the account that pays, in "
    "its Billing console; the first data is there a day later."
)


@contextmanager
def _asking_for_the_bill() -> Iterator[None]:
    """As `asking`, with what Cost Explorer needs where it refuses."""
    try:
        with asking("Cost Explorer does not tell what was billed"):
            yield
    except Unreachable:
        raise
    except AuthError as error:
        raise AuthError(error.message, hint=f"{error.hint} {_ENABLED}", details=error.details) from None
    except ResourceFailed as error:
        raise ResourceFailed(error.message, hint=_ENABLED, details=error.details) from None


@dataclass
class CostExplorer:
    """Cost Explorer for one environment of one project; `requests` counts what it was asked, with every page."""

    clients: Clients
    project: str
    environment: str
    requests: int = 0

    def billed(self, period: Period, grouping: Grouping) -> list[Billed]:
        """What was billed on the days of the period. Raises AuthError, Unreachable and ResourceFailed."""
        found: list[Billed] = []
        page: dict[str, str] = {}
        while True:
            with _asking_for_the_bill():
                self.requests += 1
                answer = self._client.get_cost_and_usage(
                    **question(self.project, self.environment, period, grouping), **page
                )
            found += billed_in(answer, grouping)
            if not answer.get("NextPageToken"):
                return found
            page = {"NextPageToken": answer["NextPageToken"]}

    def inactive_tags(self, grouping: Grouping) -> Sequence[str] | None:
        """The tags that are needed and no cost allocation tags yet; None where nobody says: in an organization only its
        management account may ask (AWS Billing, activating tags)."""
        wanted = grouping.needed_tags
        try:
            with asking("Cost Explorer does not tell which tags are active"):
                self.requests += 1
                answer = self._client.list_cost_allocation_tags(TagKeys=list(wanted), Status=_ACTIVE)
        except CygniError:
            return None
        active = {one.get("TagKey") for one in answer.get("CostAllocationTags", ())}
        return [tag for tag in wanted if tag not in active]

    @property
    def _client(self) -> Any:
        return self.clients("ce", REGION)
