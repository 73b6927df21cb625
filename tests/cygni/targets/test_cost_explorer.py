"""What Cost Explorer is asked; its answers are those of its API reference, given by botocore's stub."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from botocore.stub import Stubber

from cygni.actuals.bill import question
from cygni.actuals.grouping import Grouping
from cygni.actuals.period import Period
from cygni.errors import AuthError, ResourceFailed, Unreachable
from cygni.targets.cost_explorer import REGION, CostExplorer
from cygni.targets.fargate.clients import Clients

DAYS = Period(date(2026, 11, 17), date(2026, 11, 19))
ASKED = question("shop", "staging", DAYS, Grouping.STACK)
ACTIVE = {"TagKeys": ["cygni:project", "cygni:environment", "cygni:stack"], "Status": "Active"}


@pytest.fixture
def clients() -> Clients:
    return Clients({"AWS_ACCESS_KEY_ID": "t", "AWS_SECRET_ACCESS_KEY": "t", "AWS_REGION": "eu-west-1"})


@pytest.fixture
def explorer(clients: Clients) -> CostExplorer:
    return CostExplorer(clients, "shop", "staging")


@pytest.fixture
def stub(clients: Clients) -> Iterator[Stubber]:
    with Stubber(clients("ce", REGION)) as stubbed:
        yield stubbed


def page(day: str, usd: str, following: str = "") -> dict[str, Any]:
    group = {"Keys": ["cygni:stack$", "A"], "Metrics": {"UnblendedCost": {"Amount": usd, "Unit": "USD"}}}
    result = {"TimePeriod": {"Start": day, "End": "2026-11-30"}, "Groups": [group], "Estimated": True}
    return {"ResultsByTime": [result], **({"NextPageToken": following} if following else {})}


class TestBilled:
    def test_is_read_to_the_last_page_and_every_page_is_counted(
        self, explorer: CostExplorer, stub: Stubber
    ) -> None:
        stub.add_response("get_cost_and_usage", page("2026-11-17", "1.5", "more"), ASKED)
        stub.add_response("get_cost_and_usage", page("2026-11-18", "2"), {**ASKED, "NextPageToken": "more"})
        assert [one.usd for one in explorer.billed(DAYS, Grouping.STACK)] == [Decimal("1.5"), Decimal(2)]
        assert explorer.requests == 2
        stub.assert_no_pending_responses()

    @pytest.mark.parametrize(
        ("code", "error"),
        [("AccessDeniedException", AuthError), ("DataUnavailableException", ResourceFailed)],
    )
    def test_that_is_refused_says_so(
        self, explorer: CostExplorer, stub: Stubber, code: str, error: type[Exception]
    ) -> None:
        stub.add_client_error("get_cost_and_usage", code, "not for you", 400)
        with pytest.raises(error, match="Cost Explorer does not tell what was billed: not for you") as caught:
            explorer.billed(DAYS, Grouping.STACK)
        assert "ce:GetCostAndUsage" in str(getattr(caught.value, "hint", ""))

    def test_that_does_not_answer_says_nothing_of_permissions(
        self, explorer: CostExplorer, stub: Stubber
    ) -> None:
        stub.add_client_error("get_cost_and_usage", "LimitExceededException", "slowly", 503)
        with pytest.raises(Unreachable) as caught:
            explorer.billed(DAYS, Grouping.STACK)
        assert "ce:" not in (caught.value.hint or "")

    def test_is_asked_of_the_one_region_that_knows(self, clients: Clients) -> None:
        assert clients("ce", REGION).meta.endpoint_url == "https://ce.us-east-1.amazonaws.com"


class TestInactiveTags:
    def test_are_the_needed_ones_that_are_not_active(self, explorer: CostExplorer, stub: Stubber) -> None:
        tags = [{"TagKey": "cygni:project", "Type": "UserDefined", "Status": "Active"}]
        stub.add_response("list_cost_allocation_tags", {"CostAllocationTags": tags}, ACTIVE)
        assert explorer.inactive_tags(Grouping.STACK) == ["cygni:environment", "cygni:stack"]
        assert explorer.requests == 1

    def test_are_not_known_where_only_another_account_may_ask(
        self, explorer: CostExplorer, stub: Stubber
    ) -> None:
        stub.add_client_error("list_cost_allocation_tags", "AccessDeniedException", "linked account", 400)
        assert explorer.inactive_tags(Grouping.STACK) is None
