"""What runs in environments ends as usage, once, whatever happens to those who look."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from structlog.testing import capture_logs

from tests.platform_api.metering.conftest import Measuring


class TestTasks:
    def test_are_told_of_when_their_hour_is_over(self, measuring: Measuring) -> None:
        measuring.environment()
        measuring.aws.start("a")
        measuring.go_on(hours=1)
        assert measuring.used("vcpu_hours") == 0
        measuring.go_on(minutes=15)
        assert measuring.used("vcpu_hours") == Decimal("0.25")
        assert measuring.used("memory_gb_hours") == Decimal("0.5")
        [event] = measuring.events("vcpu_hours")
        assert (event["project"], event["environment"], event["subject"]) == ("shop", "staging", "web")

    def test_count_by_the_second(self, measuring: Measuring) -> None:
        measuring.environment()
        measuring.aws.start("a")
        measuring.go_on(minutes=20.5)
        measuring.aws.stop("a")
        measuring.go_on(hours=1)
        assert measuring.used("vcpu_hours") == Decimal("0.085416667")  # 20.5 / 60 / 4

    def test_count_for_each_service_by_what_they_have(self, measuring: Measuring) -> None:
        measuring.environment()
        measuring.aws.start("a", "web")
        measuring.aws.start("b", "web")
        measuring.aws.start("c", "worker", cpu="1024", memory="2048")
        measuring.go_on(hours=1, minutes=15)
        found = {event["subject"]: event["quantity"] for event in measuring.events("memory_gb_hours")}
        assert found == {"web": 1, "worker": 2}

    def test_that_ran_on_count_while_no_worker_was_there(self, measuring: Measuring) -> None:
        measuring.environment()
        measuring.aws.start("a")
        measuring.go_on(minutes=10)
        measuring.go_on(hours=30, every=60 * 30)
        assert (measuring.used("vcpu_hours"), len(measuring.events("vcpu_hours"))) == (Decimal("7.5"), 30)

    def test_that_went_while_no_worker_was_there_count_until_another_took_their_place(
        self, measuring: Measuring
    ) -> None:
        measuring.environment()
        measuring.aws.start("a")
        measuring.go_on(minutes=10)
        measuring.clock.move(timedelta(hours=1, minutes=50))
        measuring.aws.forget("a")
        measuring.aws.start("b")
        measuring.go_on(hours=10, every=60 * 10)
        assert measuring.used("vcpu_hours") == Decimal("2.75")  # 11 hours without a gap

    def test_count_once_however_many_workers_look_and_begin_anew(self, measuring: Measuring) -> None:
        measuring.environment()
        measuring.aws.start("a")
        for _ in range(8):
            measuring.clock.move(timedelta(minutes=10))
            measuring.look_together(3)
        measuring.workshop.run(
            "UPDATE metered_places SET measured_until = measured_until - interval '2 hours'"
        )
        measuring.go_on(hours=1)
        assert (measuring.used("vcpu_hours"), len(measuring.events("vcpu_hours"))) == (Decimal("0.5"), 2)

    def test_that_were_taken_back_by_a_person_are_not_told_again(self, measuring: Measuring) -> None:
        measuring.environment()
        measuring.aws.start("a")
        measuring.go_on(hours=1, minutes=15)
        measuring.workshop.run("UPDATE usage_events SET void_at = now()")
        measuring.workshop.run(
            "UPDATE metered_places SET measured_until = measured_until - interval '2 hours'"
        )
        measuring.go_on(minutes=10)
        assert len(measuring.events("vcpu_hours")) == 1

    def test_of_an_environment_that_is_gone_count_in_its_last_hour(self, measuring: Measuring) -> None:
        environment = measuring.environment()
        measuring.aws.start("a")
        measuring.go_on(minutes=30)
        measuring.workshop.run("DELETE FROM deployments")
        measuring.workshop.run("DELETE FROM environments WHERE id = %s", environment)
        measuring.go_on(hours=8)
        assert measuring.used("vcpu_hours") == Decimal("0.125")
        assert measuring.workshop.run("SELECT * FROM metered_places WHERE project <> ''") == []


class TestPreviewEnvironments:
    def preview(self, measuring: Measuring) -> None:
        measuring.environment("preview-login")
        measuring.aws.family = "shop_preview-login"

    def test_count_for_as_long_as_they_stand(self, measuring: Measuring) -> None:
        self.preview(measuring)
        measuring.go_on(hours=1, minutes=30)
        measuring.aws.stands = False
        measuring.go_on(hours=2)
        assert measuring.used("preview_hours") == Decimal("1.5")

    def test_count_anew_when_they_are_deployed_anew(self, measuring: Measuring) -> None:
        self.preview(measuring)
        measuring.go_on(minutes=30)
        measuring.aws.stands = False
        measuring.go_on(hours=3)
        [environment] = measuring.workshop.run("SELECT id FROM environments")
        measuring.deployed(environment["id"])
        measuring.aws.stands = True
        measuring.go_on(hours=3)
        measuring.go_on(minutes=45)
        assert measuring.used("preview_hours") == Decimal(4)

    def test_are_no_others(self, measuring: Measuring) -> None:
        measuring.environment("staging")
        measuring.go_on(hours=2)
        assert measuring.used("preview_hours") == 0


class TestTraffic:
    def test_counts_by_the_hour_when_it_is_over_and_cloudwatch_had_time(self, measuring: Measuring) -> None:
        measuring.environment()
        hour = measuring.clock.now()
        measuring.aws.counts = {
            ("RequestCount", hour): 1200.0,
            ("ProcessedBytes", hour): 3.0 * 2**30,
            ("BytesOutToDestination", hour): 0.5 * 2**30,
        }
        measuring.go_on(hours=1)
        assert measuring.used("requests") == 0
        measuring.go_on(hours=1)
        assert (measuring.used("requests"), measuring.used("egress_gb")) == (1200, Decimal("3.5"))
        assert {event["subject"] for event in measuring.events("egress_gb")} == {
            "load-balancer",
            "nat-gateway",
        }

    def test_that_cloudwatch_tells_late_is_told_as_the_difference(self, measuring: Measuring) -> None:
        measuring.environment()
        hour = measuring.clock.now()
        measuring.aws.counts = {("RequestCount", hour): 1000.0}
        measuring.go_on(hours=2)
        measuring.aws.counts = {("RequestCount", hour): 1010.0}
        measuring.go_on(hours=2)
        assert [event["quantity"] for event in measuring.events("requests")] == [1000, 10]
        assert len({event["id"] for event in measuring.events("requests")}) == 2

    def test_of_what_is_gone_counts_still(self, measuring: Measuring) -> None:
        measuring.environment()
        hour = measuring.clock.now()
        measuring.go_on(minutes=30)
        measuring.aws.stands = False
        measuring.aws.counts = {("RequestCount", hour): 7.0}
        measuring.go_on(hours=2)
        assert measuring.used("requests") == 7


class TestStorage:
    def test_is_told_as_a_level_when_it_changes(self, measuring: Measuring) -> None:
        measuring.environment()
        measuring.aws.databases = {"main": 20}
        measuring.go_on(hours=3)
        measuring.aws.databases = {"main": 50}
        measuring.go_on(hours=3)
        measuring.aws.databases = {}
        measuring.go_on(hours=3)
        assert [event["quantity"] for event in measuring.events("storage_gb_months")] == [20, 50, 0]
        assert {event["subject"] for event in measuring.events("storage_gb_months")} == {"database/main"}


class TestSeats:
    def test_are_the_members_that_there_were_at_most_in_an_hour(self, measuring: Measuring) -> None:
        for _ in range(3):
            member = measuring.member()
            measuring.go_on(minutes=10)
        measuring.workshop.run("DELETE FROM organization_members WHERE user_id = %s", member)
        measuring.go_on(minutes=20)
        assert sorted(event["quantity"] for event in measuring.events("seats")) == [1, 2, 3]
        [hour] = measuring.workshop.run("SELECT largest FROM usage_hours WHERE meter = 'seats'")
        assert hour["largest"] == 3


class TestALookThatFails:
    def test_says_so_and_loses_nothing(self, measuring: Measuring) -> None:
        measuring.environment()
        measuring.aws.start("a")
        measuring.go_on(minutes=30)
        measuring.aws.away = True
        with capture_logs() as logs:
            measuring.go_on(hours=3)
        failed = [one for one in logs if one["event"] == "not measured" and one["look"] == "running"]
        assert 3 <= len(failed) < 12, "it waits ever longer"
        assert "are not known" in failed[-1]["error"]
        [place] = measuring.workshop.run("SELECT failures, error FROM metered_places WHERE look = 'running'")
        assert (place["failures"], place["error"]) == (len(failed), failed[-1]["error"])
        measuring.aws.away = False
        measuring.go_on(hours=2)
        assert measuring.used("vcpu_hours") == Decimal("1.25")
        [place] = measuring.workshop.run("SELECT failures, error FROM metered_places WHERE look = 'running'")
        assert (place["failures"], place["error"]) == (0, None)
