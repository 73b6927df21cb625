"""`cx cost actual` from the outside; Cost Explorer is moto's, with the answers that it was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from moto import mock_aws
from moto.ce.models import ce_backends

from cygni.actuals.document import ACTUAL_SCHEMA
from cygni.releases.estimate import EstimateRecord, KeptEstimate
from cygni.settings import Settings
from stacks.release_store import release_store
from tests.cli.conftest import Cx

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FOUNDATION = "cygni:stack$shop.staging.foundation"


class Bills:
    """What Cost Explorer will answer to the requests to come, and how many there were."""

    def __init__(self) -> None:
        self._backend = ce_backends["123456789012"]["aws"]

    def will_say(self, days: range, *groups: tuple[str, str, str]) -> None:
        """For each day of November the tag with its value, the service and USD of each group."""
        results = [
            {
                "TimePeriod": {"Start": f"2026-11-{day:02}", "End": str(date(2026, 11, day) + DAY)},
                "Groups": [
                    {
                        "Keys": [tagged, service],
                        "Metrics": {"UnblendedCost": {"Amount": usd, "Unit": "USD"}},
                    }
                    for tagged, service, usd in groups
                ],
                "Estimated": True,
            }
            for day in days
        ]
        self._backend.cost_usage_results_queue.append({"ResultsByTime": results})

    @property
    def asked(self) -> list[str]:
        """The bodies of the requests that were answered."""
        return [str(body) for body in self._backend.cost_usage_results]


@pytest.fixture
def bills(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bills]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.setattr("stacks.releasing.SystemClock.now", lambda self: NOW)
    with mock_aws():
        yield Bills()


def estimated(monthly: str, at: datetime) -> None:
    """A deploy to staging that kept an estimate."""
    store = release_store(Settings.from_environment(), "shop", "staging", {})
    store.add_estimate(EstimateRecord(at, KeptEstimate.of_total(Decimal(monthly))))


def valid(answer: Any) -> Any:
    Draft202012Validator(ACTUAL_SCHEMA).validate(answer)
    return answer


class TestActual:
    def test_compares_the_bill_with_the_estimates_that_were_in_force(self, cx: Cx, bills: Bills) -> None:
        """73 USD a month are 2.40 USD a day, for three days; then twice as much for two. The last two are not settled."""
        estimated("73", NOW - 30 * DAY)
        estimated("146", datetime(2026, 11, 18, tzinfo=UTC))
        bills.will_say(range(15, 22), (FOUNDATION, "EC2 - Other", "3"))
        answer = valid(cx("cost", "actual", "-e", "staging", "--days", "7", "--json").answer)
        assert answer["compared"] == {"start": "2026-11-15", "end": "2026-11-20"}
        assert answer["total"] == {
            "billed": "15",
            "estimated": "16.8",
            "difference": "1.8",
            "error_percent": "12",
        }
        assert (answer["unsettled"], answer["estimates"]) == ("6", 2)
        assert (answer["requests"], answer["requests_usd"]) == (1, "0.01")

    def test_tells_it_in_another_currency_too(self, cx: Cx, bills: Bills) -> None:
        (cx.folder / "rates.yaml").write_text(
            "version: 1\nrates: {EUR: {per_usd: '0.5', date: 2026-11-20}}\n"
        )
        cx.monkeypatch.setenv("CYGNI_EXCHANGE_RATES", "rates.yaml")
        estimated("73", NOW - 30 * DAY)
        cx.write(cost={"currency": "EUR", "budget": 50})
        bills.will_say(range(1, 22), (FOUNDATION, "EC2 - Other", "3"), (FOUNDATION, "Tax", "0.333333"))
        dollars = valid(cx("cost", "actual", "-e", "staging", "--currency", "USD", "--json").answer)
        bills.will_say(range(19, 22), (FOUNDATION, "EC2 - Other", "3"), (FOUNDATION, "Tax", "0.333333"))
        euros = valid(cx("cost", "actual", "-e", "staging", "--json").answer)
        assert (euros["currency"], euros["exchange"]["date"]) == ("EUR", "2026-11-20")
        assert [Decimal(one["billed"]) * 2 for one in euros["lines"]] == [
            Decimal(one["billed"]) for one in dollars["lines"]
        ]
        assert sum(Decimal(one["billed"]) for one in euros["lines"]) == Decimal(euros["total"]["billed"])
        assert euros["total"]["error_percent"] == dollars["total"]["error_percent"]
        assert (euros["forecast"]["budget"], dollars["forecast"]["budget"]) == ("50", "100")
        bills.will_say(range(19, 22), (FOUNDATION, "EC2 - Other", "3"))
        told = cx("cost", "actual", "-e", "staging").err
        assert "Amounts are EUR at 1 USD = 0.5 EUR on 2026-11-20, whatever the rate was" in told
        assert "$" not in told

    def test_asks_again_only_for_days_that_may_have_changed(self, cx: Cx, bills: Bills) -> None:
        estimated("73", NOW - 30 * DAY)
        bills.will_say(range(1, 22), (FOUNDATION, "EC2 - Other", "2.40"))
        first = cx("cost", "actual", "-e", "staging", "--json").answer
        bills.will_say(range(19, 22), (FOUNDATION, "EC2 - Other", "2.40"))
        second = cx("cost", "actual", "-e", "staging", "--json").answer
        assert '"Start": "2026-11-19", "End": "2026-11-22"' in bills.asked[1]
        assert (first["kept_days"], second["kept_days"]) == (0, 18)
        assert first["total"] == second["total"]

    def test_asks_nothing_of_a_month_that_is_kept(self, cx: Cx, bills: Bills) -> None:
        estimated("73", NOW - 30 * DAY)
        bills.will_say(range(1, 11), (FOUNDATION, "EC2 - Other", "2.40"))
        cx("cost", "actual", "-e", "staging", "--json")
        asked = len(bills.asked)
        cx.monkeypatch.setattr("stacks.releasing.SystemClock.now", lambda self: NOW - 11 * DAY)
        answer = cx("cost", "actual", "-e", "staging", "--month", "2026-11", "--json").answer
        assert (answer["requests"], answer["requests_usd"], len(bills.asked)) == (0, "0", asked)

    def test_tells_people_in_a_table_and_what_it_cost(self, cx: Cx, bills: Bills) -> None:
        estimated("73", NOW - 30 * DAY)
        bills.will_say(
            range(1, 22), (FOUNDATION, "EC2 - Other", "3"), ("cygni:stack$", "AmazonCloudWatch", "0.5")
        )
        ended = cx("cost", "actual", "-e", "staging", "--by", "stack")
        assert (ended.code, ended.out) == (0, "")
        assert "shop · staging · 2026-11-01 to 2026-11-21" in ended.err
        for text in ("shop.staging.foundation", "(nothing tells)", "$57.00", "$9.50", "$45.60", "-31.4 %"):
            assert text in ended.err
        assert "Not settled yet, so not compared: $7.00 so far" in ended.err
        assert "Cost Explorer: 1 request, $0.01; 0 days were known from before." in ended.err

    def test_forecasts_the_running_month_beside_its_budget(self, cx: Cx, bills: Bills) -> None:
        """19 settled days at 3 USD, and 11 left at as much, since the estimate is the same."""
        cx.write(cost={"budget": 100})
        estimated("73", NOW - 30 * DAY)
        bills.will_say(range(1, 22), (FOUNDATION, "EC2 - Other", "3"))
        answer = valid(cx("cost", "actual", "-e", "staging", "--json").answer)
        assert answer["forecast"] == {
            "total": "90",
            "billed": "57",
            "rest": "33",
            "days_left": 11,
            "recent_days": 7,
            "budget": "100",
            "budget_percent": "90",
        }
        bills.will_say(range(19, 22), (FOUNDATION, "EC2 - Other", "3"))
        told = cx("cost", "actual", "-e", "staging").err
        assert (
            "Forecast to the end of the month: $90.00. $57.00 are billed; the 11 days left make $33.00"
            in told
        )
        assert "warning: the budget is $100.00 a month, and the forecast $90.00, 90 % of it" in told

    def test_forecasts_no_other_month(self, cx: Cx, bills: Bills) -> None:
        estimated("73", NOW - 60 * DAY)
        for _ in range(2):
            bills.will_say(range(15, 16), (FOUNDATION, "EC2 - Other", "3"))
        asked = ("cost", "actual", "-e", "staging", "--json")
        assert valid(cx(*asked, "--month", "2026-10").answer)["forecast"] is None
        assert valid(cx(*asked, "--days", "7").answer)["forecast"] is None

    def test_says_which_tags_to_activate_where_nothing_is_billed(self, cx: Cx, bills: Bills) -> None:
        """moto cannot tell which tags are active; a member account of an organization is not told either."""
        cx.monkeypatch.setattr("cygni.targets.cost_explorer.CostExplorer.inactive_tags", lambda *_: None)
        estimated("73", NOW - 30 * DAY)
        ended = cx("cost", "actual", "-e", "staging")
        assert ended.code == 0
        assert "perhaps the tags are no cost allocation tags yet" in ended.err
        assert "TagKey=cygni:project,Status=Active TagKey=cygni:environment,Status=Active" in ended.err

    def test_says_which_tag_no_cost_has(self, cx: Cx, bills: Bills) -> None:
        estimated("73", NOW - 30 * DAY)
        bills.will_say(range(1, 22), ("cygni:urn$", "EC2 - Other", "3"))
        assert (
            "no cost has the tag cygni:urn" in cx("cost", "actual", "-e", "staging", "--by", "resource").err
        )

    def test_compares_with_what_is_deployed_where_no_estimate_was_kept(self, cx: Cx, bills: Bills) -> None:
        assert cx("deploy", "-y", "-e", "staging").code == 0
        monthly = Decimal(cx("status", "-e", "staging", "--json").answer["monthly"])
        bills.will_say(range(15, 22), (FOUNDATION, "EC2 - Other", "3"))
        answer = valid(cx("cost", "actual", "-e", "staging", "--days", "7", "--json").answer)
        assert "no estimate was kept with a deploy" in answer["warnings"][0]
        assert Decimal(answer["total"]["estimated"]) >= monthly * 5 * 24 / 730

    def test_shows_the_bill_of_what_was_never_deployed_from_here(self, cx: Cx, bills: Bills) -> None:
        bills.will_say(range(15, 22), (FOUNDATION, "EC2 - Other", "3"))
        answer = valid(cx("cost", "actual", "-e", "staging", "--days", "7", "--json").answer)
        assert (answer["unestimated"], answer["lines"]) == ("15", [])
        assert "nothing to compare with" in answer["warnings"][0]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ((), "the local cloud bills nobody"),
            (("-e", "staging", "--month", "2026-11", "--days", "3"), "exclude each other"),
            (("-e", "staging", "--month", "november"), "is no month"),
            (("-e", "staging", "--by", "colour"), "colour"),
        ],
    )
    def test_refuses_what_cannot_be_answered(
        self, cx: Cx, bills: Bills, arguments: tuple[str, ...], said: str
    ) -> None:
        ended = cx("cost", "actual", *arguments)
        assert (ended.code, said in ended.err, bills.asked) == (2, True, [])


class TestDeploy:
    def test_keeps_its_estimate_where_it_releases_nothing(
        self, cx: Cx, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CYGNI_RELEASES", "on")
        cx.write(services=None)
        assert cx("deploy", "-y", "-e", "staging").code == 0
        store = release_store(Settings.from_environment(), "shop", "staging", {})
        [kept] = store.estimates()
        status = cx("status", "-e", "staging", "--json").answer
        assert kept.estimate.monthly == Decimal(status["monthly"])
        assert cx("deploy", "-y", "-e", "staging").code == 0
        assert len(store.estimates()) == 1
