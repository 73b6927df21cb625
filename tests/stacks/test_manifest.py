from __future__ import annotations

from typing import Any

import pytest

from cygni.health_check import HealthCheck
from cygni.naming import Part
from stacks.bucket_inputs import BucketInputs
from stacks.inputs import (
    AlarmInputs,
    AutoscaleInputs,
    DataInputs,
    FoundationInputs,
    ScheduleInputs,
    ServicesInputs,
    SpotInputs,
)
from stacks.manifest import empty_inputs, stack_inputs
from stacks.messaging_inputs import SubscriptionInputs, TopicInputs
from stacks.network_inputs import FlowLogInputs, VpcInputs
from tests.factories import create_spec

WEB: dict[str, Any] = {"image": "nginx:1", "port": 80}


def foundation(**sections: Any) -> FoundationInputs:
    found = stack_inputs(create_spec(**sections))[Part.FOUNDATION]
    assert isinstance(found, FoundationInputs)
    return found


def services(**sections: Any) -> ServicesInputs:
    found = stack_inputs(create_spec(**sections))[Part.SERVICES]
    assert isinstance(found, ServicesInputs)
    return found


class TestStackInputs:
    def test_come_in_the_order_they_are_applied(self) -> None:
        assert list(stack_inputs(create_spec())) == list(Part)

    def test_say_what_they_are_of(self) -> None:
        for part, inputs in stack_inputs(create_spec("production")).items():
            assert (inputs.part, inputs.project, inputs.environment) == (part, "shop", "production")

    def test_leave_out_what_would_hold_nothing(self) -> None:
        assert list(stack_inputs(create_spec(buckets=None))) == [Part.FOUNDATION, Part.SERVICES]
        assert list(stack_inputs(create_spec(services=None))) == [Part.FOUNDATION, Part.DATA]
        assert list(stack_inputs(create_spec(services=None, buckets=None))) == [Part.FOUNDATION]

    def test_do_not_depend_on_the_order_in_the_file(self) -> None:
        one = {"web": WEB, "api": {**WEB, "path": "/api", "env": {"A": "1", "B": "2"}}}
        other = {"api": {"path": "/api", "env": {"B": "2", "A": "1"}, **WEB}, "web": WEB}
        buckets = {"a": {}, "b": {"versioning": True}}
        assert stack_inputs(create_spec(services=one, buckets=buckets)) == stack_inputs(
            create_spec(services=other, buckets=dict(reversed(buckets.items())))
        )

    @pytest.mark.parametrize("part", [Part.DATA, Part.SERVICES])
    def test_can_be_of_nothing(self, part: Part) -> None:
        inputs = empty_inputs(part, "shop", "staging")
        assert (inputs.part, inputs.project, inputs.environment) == (part, "shop", "staging")
        assert not getattr(inputs, part.value if part is Part.SERVICES else "buckets")


class TestFoundation:
    def test_has_the_network_as_it_is_written(self) -> None:
        found = foundation(network={"cidr": "10.9.0.0/20", "zones": 3, "nat": "per-zone"})
        assert (found.cidr, found.zones, found.nat) == ("10.9.0.0/20", 3, "per-zone")
        assert (found.endpoints, found.flow_logs, found.acls, found.vpc) == ((), None, False, None)

    def test_has_what_stands_around_the_network(self) -> None:
        found = foundation(
            network={"endpoints": ["sqs", "logs", "sqs"], "flow_logs": "rejected", "acls": True},
            log_retention=5,
        )
        assert found.endpoints == ("logs", "sqs")
        assert found.flow_logs == FlowLogInputs("REJECT", retention=5)
        assert found.acls

    @pytest.mark.parametrize("private", [True, False])
    def test_uses_an_existing_vpc(self, private: bool) -> None:
        vpc: dict[str, Any] = {"tags": {"b": "2", "a": "1"}, "public_subnets": {"tier": "public"}}
        if private:
            vpc["private_subnets"] = {"tier": "private"}
        found = foundation(network={"vpc": vpc})
        assert found.vpc == VpcInputs(
            "",
            tags=(("a", "1"), ("b", "2")),
            public_subnets=(("tier", "public"),),
            private_subnets=(("tier", "private"),) if private else (),
            isolated_subnets=(),
        )
        assert services(network={"vpc": vpc}).private is private

    def test_has_a_load_balancer_for_a_web_service_alone(self) -> None:
        assert foundation().load_balancer
        assert not foundation(services={"mailer": {"kind": "worker", "image": "a:1"}}).load_balancer
        assert not foundation(services=None).load_balancer

    def test_has_a_repository_for_each_service_that_is_built(self) -> None:
        built = {"build": {"context": ".", "tag": "v1"}, "port": 80}
        found = foundation(
            services={"web": built, "api": {**WEB, "path": "/api"}, "b": {**built, "path": "/b"}}
        )
        assert found.repositories == ("b", "web")


class TestData:
    def test_has_the_buckets_by_name(self) -> None:
        inputs = stack_inputs(create_spec(buckets={"b": {"versioning": True}, "a": {}}))[Part.DATA]
        assert isinstance(inputs, DataInputs)
        assert inputs.buckets == (
            BucketInputs("a", versioning=False, abort_uploads_after=7),
            BucketInputs("b", versioning=True, abort_uploads_after=7),
        )

    def test_has_queues_and_topics_by_name(self) -> None:
        spec = create_spec(
            buckets=None,
            queues={"b": {"dead_letter": False}, "a": {"max_receive_count": 3, "fifo": True}},
            topics={"t": {"subscriptions": {"b": {"filter": {"y": ["2"], "x": ["1", "0"]}}}}},
        )
        inputs = stack_inputs(spec)[Part.DATA]
        assert isinstance(inputs, DataInputs)
        assert [(one.name, one.fifo, one.max_receive_count) for one in inputs.queues] == [
            ("a", True, 3),
            ("b", False, None),
        ]
        subscription = SubscriptionInputs("b", raw_delivery=True, filter=(("x", ("1", "0")), ("y", ("2",))))
        assert inputs.topics == (TopicInputs("t", False, False, (subscription,)),)
        given = services(buckets=None, queues={"b": None, "a": None}, topics={"t": None})
        assert (given.queues, given.topics) == (("a", "b"), ("t",))


class TestServices:
    @pytest.mark.parametrize(("nat", "private"), [("none", False), ("single", True), ("per-zone", True)])
    def test_are_private_where_there_is_a_nat_gateway(self, nat: str, private: bool) -> None:
        assert services(network={"nat": nat}).private is private

    def test_know_the_buckets_and_how_long_logs_are_kept(self) -> None:
        found = services(log_retention=7, buckets={"b": {}, "a": {}})
        assert (found.log_retention, found.buckets) == (7, ("a", "b"))

    def test_have_all_that_is_written_of_them(self) -> None:
        [found] = services(
            services={
                "web": {
                    **WEB,
                    "cpu": 512,
                    "memory": 1024,
                    "architecture": "arm64",
                    "ephemeral_storage": 30,
                    "count": 3,
                    "env": {"B": "2", "A": "1"},
                    "command": ["run", "it"],
                    "stop_timeout": 60,
                    "path": "/app",
                    "deregistration_delay": 5,
                    "health_check": {
                        "path": "/health",
                        "interval": 10,
                        "timeout": 3,
                        "healthy_threshold": 3,
                        "unhealthy_threshold": 4,
                        "success_codes": "200",
                        "grace_period": 90,
                    },
                }
            }
        ).services
        assert (found.name, found.kind, found.image, found.port, found.path) == (
            "web",
            "web",
            "nginx:1",
            80,
            "/app",
        )
        assert (found.cpu, found.memory, found.architecture, found.ephemeral_storage) == (
            512,
            1024,
            "arm64",
            30,
        )
        assert (found.count, found.stop_timeout, found.deregistration_delay) == (3, 60, 5)
        assert (found.environment, found.command) == ((("A", "1"), ("B", "2")), ("run", "it"))
        assert found.health == HealthCheck("/health", 10, 3, 3, 4, "200", 90)

    def test_that_are_workers_take_no_traffic(self) -> None:
        [found] = services(services={"mailer": {"kind": "worker", "image": "a:1"}}).services
        assert (found.kind, found.port, found.path, found.health, found.deregistration_delay) == (
            "worker",
            0,
            "",
            None,
            0,
        )

    def test_may_follow_the_load_on_spare_capacity_and_be_watched(self) -> None:
        written = {
            "autoscale": {"min": 2, "max": 5, "cpu": 60, "in_cooldown": 10, "out_cooldown": 20},
            "spot": {"percent": 70, "base": 1},
            "alarms": True,
            "thresholds": {"errors": 1, "minutes": 2},
        }
        [found] = services(services={"web": {**WEB, **written}}).services
        assert found.autoscale == AutoscaleInputs(2, 5, 60, None, 10, 20)
        assert found.spot == SpotInputs(70, 1)
        assert found.alarms == AlarmInputs(errors=1, latency=1, cpu=90, memory=90, minutes=2)

    def test_do_none_of_that_unless_it_is_written(self) -> None:
        [found] = services(services={"web": WEB}).services
        assert (found.autoscale, found.spot, found.alarms) == (None, None, None)

    @pytest.mark.parametrize(
        ("kinds", "written", "expected"),
        [
            (["web"], None, False),
            (["web"], True, True),
            (["web", "worker"], None, True),
            (["web", "worker"], False, False),
            (["web", "job"], None, True),
            (["worker", "job"], None, False),
            (["worker"], True, False),
        ],
    )
    def test_find_each_other_where_there_is_one_to_find_and_one_to_look(
        self, kinds: list[str], written: bool | None, expected: bool
    ) -> None:
        made = {kind: {"kind": kind, "image": "a:1"} for kind in kinds}
        if "web" in made:
            made["web"] |= {**WEB}
        assert services(services=made, discovery=written).discovery is expected

    def test_that_are_crons_have_a_schedule_and_no_count(self) -> None:
        written = {
            "schedule": "0 3 * * *",
            "timezone": "Europe/Berlin",
            "flexible_window": 10,
            "retries": 1,
            "retry_for": 60,
            "dead_letter": True,
            "enabled": False,
        }
        [found] = services(services={"report": {"kind": "cron", "image": "a:1", **written}}).services
        expression = "cron(0 3 * * ? *)"
        assert found.schedule == ScheduleInputs(expression, "Europe/Berlin", 10, 1, 60, True, False)
        assert (found.kind, found.count, found.path) == ("cron", 0, "")

    def test_that_are_jobs_have_nothing_but_a_task(self) -> None:
        [found] = services(services={"migrate": {"kind": "job", "image": "a:1", "command": ["up"]}}).services
        assert (found.kind, found.count, found.schedule, found.command) == ("job", 0, None, ("up",))

    def test_that_are_built_come_from_their_repository(self) -> None:
        [found] = services(services={"web": {"build": {"tag": "v7"}, "port": 80}}).services
        assert (found.image, found.repository, found.image_tag) == ("", "web", "v7")

    def test_with_an_image_have_no_repository(self) -> None:
        [found] = services(services={"web": WEB}).services
        assert (found.image, found.repository, found.image_tag) == ("nginx:1", "", "")

    def test_see_the_overrides_of_their_environment(self) -> None:
        spec = create_spec("production", environments={"production": {"services": {"web": {"count": 9}}}})
        inputs = stack_inputs(spec)[Part.SERVICES]
        assert isinstance(inputs, ServicesInputs)
        assert {one.name: one.count for one in inputs.services} == {"web": 9, "mailer": 2}
