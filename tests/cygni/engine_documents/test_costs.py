"""What documents of the engine cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cygni.engine_documents.costs import priced_comparison, priced_document
from cygni.errors import DocumentError
from cygni.pricing import Bound, PriceBook, Status
from cygni.pricing.report import CostReport, ReportKind
from tests.cygni.engine_documents.conftest import export_of, preview_of, read, recorded, state_of


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook.load()


MARS = "in mars-north-1 2 cost lines have no price, so the totals lack them; mars-north-1 is no region of AWS"


def report_of(content: Any, book: PriceBook, **more: str) -> CostReport:
    return priced_document(read(content, **more), book)


class TestPricedDocument:
    """AWS's list prices of us-east-1: a NAT gateway 0.045 and an address 0.005 an hour; Fargate 0.04048 a vCPU-hour and
    0.004445 a GB-hour, of which the service has 2 × (0.25, 0.5), then 2 × (1, 2)."""

    FIRST = Decimal(730) * (
        Decimal("0.045") + Decimal("0.005") + Decimal("0.5") * Decimal("0.04048") + Decimal("0.004445")
    )
    SECOND = Decimal(730) * (2 * Decimal("0.04048") + 4 * Decimal("0.004445"))

    def test_of_a_first_preview_is_all_to_be_added(self, book: PriceBook) -> None:
        diff = report_of(recorded("node-create"), book).diff
        assert (diff.before.monthly, diff.after.monthly) == (Decimal(0), self.FIRST)

    @pytest.mark.parametrize("name", ["node-state", "node-checkpoint"])
    def test_of_a_state_is_no_difference(self, book: PriceBook, name: str) -> None:
        report = report_of(recorded(name), book)
        assert (report.kind, report.subject) == (ReportKind.STATE, ("shop", "dev"))
        assert report.diff.after.monthly == self.FIRST
        assert (report.diff.delta_monthly, report.diff.bound) == (Decimal(0), Bound.EXACT)

    def test_of_a_change_is_old_and_new(self, book: PriceBook) -> None:
        diff = report_of(recorded("node-change-with-sames"), book).diff
        assert (diff.before.monthly, diff.after.monthly) == (self.FIRST, self.SECOND)
        assert diff.bound is Bound.EXACT

    def test_is_the_same_difference_where_what_stays_is_not_listed(self, book: PriceBook) -> None:
        report = report_of(recorded("node-change"), book)
        nat_and_address = Decimal(730) * Decimal("0.050")
        assert report.diff.delta_monthly == self.SECOND - self.FIRST + nat_and_address
        assert report.hidden == 10
        assert any("10 resources" in text and "--show-sames" in text for text in report.warnings)

    def test_does_not_know_what_a_preview_of_own_services_will_run(self, book: PriceBook) -> None:
        report = report_of(recorded("python-services-create"), book)
        services = [one for one in report.diff.resources if one.type == "aws:ecs/service:Service"]
        assert [one.after.status for one in services if one.after] == [Status.NO_PRICE] * 2
        assert report.diff.bound is Bound.AT_LEAST

    def test_counts_what_releases_run_where_a_state_says_it(self, book: PriceBook) -> None:
        token = "cygni:compute:Service$aws:ecs/service:Service"
        definition = state_of(
            "aws:ecs/taskDefinition:TaskDefinition", {"family": "web", "cpu": "256", "memory": "512"}
        )
        service = state_of(
            "aws:ecs/service:Service", {"desiredCount": 0, "launchType": "FARGATE", "taskDefinition": "web"}
        )
        service["urn"] = f"urn:pulumi:dev::shop::{token}::web-blue"
        running = {"web": {"services": {"blue": "web-blue"}, "count": 3}}
        stack = state_of("pulumi:pulumi:Stack", outputs={"running": running}) | {"custom": False}
        found = report_of(export_of(stack, definition, service), book, region="us-east-1")
        assert found.diff.after.monthly == 3 * Decimal(730) * (Decimal("0.01012") + Decimal("0.0022225"))

    def test_has_no_price_where_nothing_tells_the_region(self, book: PriceBook, nat: dict[str, Any]) -> None:
        report = report_of(export_of(nat), book)
        assert report.diff.after.unknown == 1
        assert report.warnings == ("1 resource: nothing says in which region; name it with --region",)
        assert report_of(export_of(nat), book, region="us-east-1").diff.after.monthly == Decimal("32.85")

    def test_has_no_price_in_a_region_that_is_not_known(self, book: PriceBook, nat: dict[str, Any]) -> None:
        report = report_of(export_of(nat | {"inputs": {"region": "mars-north-1"}}), book)
        assert report.diff.after.unknown == 1
        assert report.warnings == (MARS,)

    def test_says_how_to_read_the_prices_of_a_region(self, book: PriceBook, nat: dict[str, Any]) -> None:
        [warning] = report_of(export_of(nat | {"inputs": {"region": "eu-west-3"}}), book).warnings
        assert warning.endswith("; cx prices sync --region eu-west-3 reads what AWS lists")

    def test_has_no_price_where_its_provider_names_a_region_that_is_not_known(
        self, book: PriceBook, nat: dict[str, Any]
    ) -> None:
        provider = state_of("pulumi:providers:aws", {"region": "mars-north-1"}, name="far")
        there = nat | {"provider": f"{provider['urn']}::id"}
        report = report_of(export_of(provider, there), book, region="us-east-1")
        assert report.diff.after.unknown == 1
        assert report.warnings == (MARS,)

    def test_prices_nothing_of_other_clouds(self, book: PriceBook) -> None:
        others = [
            "azure-native:compute:VirtualMachine",
            "gcp:compute/instance:Instance",
            "digitalocean:index/droplet:Droplet",
        ]
        steps = [{"op": "create", "urn": "x", "newState": state_of(token)} for token in others]
        report = report_of(preview_of(*steps), book)
        assert {one.status for one in report.unpriced} == {Status.NOT_PRICED}
        assert len(report.unpriced) == report.diff.after.unknown == 3

    @pytest.mark.parametrize("count", [-1, 10**9, 1.5, "many", None, [], {}, True, float(10**30)])
    def test_never_counts_with_what_is_no_count(self, book: PriceBook, count: Any) -> None:
        inputs = {
            "allocatedStorage": count,
            "instanceClass": "db.t4g.micro",
            "engine": "postgres",
            "storageType": "gp3",
        }
        database = state_of("aws:rds/instance:Instance", inputs)
        report = report_of(export_of(database), book, region="us-east-1")
        [resource] = report.diff.resources
        assert resource.after is not None
        assert resource.after.status is Status.NO_PRICE
        assert all(line.monthly is None or line.monthly >= 0 for line in resource.after.lines)


class TestWhatIsNotListed:
    """An update of a launch template, in a preview that leaves out the group which has its instances."""

    TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"

    def of(self, book: PriceBook, unchanged: int, **new: Any) -> CostReport:
        old, now = (state_of(self.TEMPLATE, {"instanceType": "m5.large", **more}) for more in ({}, new))
        step = {"op": "update", "urn": old["urn"], "oldState": old, "newState": now}
        return report_of(preview_of(step, changeSummary={"update": 1, "same": unchanged}), book)

    def test_may_be_priced_by_what_changes(self, book: PriceBook) -> None:
        report = self.of(book, 3, instanceType="m5.24xlarge")
        assert report.repricing == ("ec2.LaunchTemplate it",)
        assert any(
            "ec2.LaunchTemplate it changes what others are priced by" in one for one in report.warnings
        )

    def test_is_not_priced_by_other_changes(self, book: PriceBook) -> None:
        assert self.of(book, 3, tags={"a": "b"}).repricing == ()

    def test_is_nothing_where_everything_is_listed(self, book: PriceBook) -> None:
        assert self.of(book, 0, instanceType="m5.24xlarge").repricing == ()


class TestPricedComparison:
    def test_is_what_the_second_has_less_what_the_first_has(self, book: PriceBook) -> None:
        one, other = read(recorded("node-state")), read(recorded("node-change-with-sames"))
        there = priced_comparison(("a", one), ("b", other), book)
        back = priced_comparison(("b", other), ("a", one), book)
        assert there.diff.delta_monthly == TestPricedDocument.SECOND - TestPricedDocument.FIRST
        assert there.diff.delta_monthly == -back.diff.delta_monthly
        assert (there.kind, there.subject) == (ReportKind.COMPARISON, ("a", "b"))

    def test_matches_what_is_the_same_of_two_stacks(self, book: PriceBook) -> None:
        content = recorded("node-state")
        other = content.replace(b"urn:pulumi:dev::shop::", b"urn:pulumi:live::store::")
        report = priced_comparison(("a", read(content)), ("b", read(other)), book)
        assert report.diff.changed == ()
        assert len(report.diff.resources) == 12
        assert all(one.urn.startswith("urn:pulumi:live::store::") for one in report.diff.resources)

    def test_refuses_a_preview_that_leaves_something_out(self, book: PriceBook) -> None:
        whole, part = read(recorded("node-state")), read(recorded("node-change"))
        for pair in ((("a", whole), ("b", part)), (("b", part), ("a", whole))):
            with pytest.raises(DocumentError, match="b does not list 10 resources") as caught:
                priced_comparison(*pair, book)
            assert "--show-sames" in str(caught.value.hint)

    def test_of_a_document_with_itself_is_nothing(self, book: PriceBook) -> None:
        found = read(recorded("node-state"))
        assert priced_comparison(("a", found), ("a", found), book).diff.changed == ()
