"""How services want to be released: what may be written, and what the release engine is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cygni.releases.settings import (
    CanaryStep,
    GateSettings,
    HealthTiming,
    HttpCheck,
    Limits,
    ReleaseSettings,
    Strategy,
    TooFew,
)
from cygni.spec import ProjectSpec, WebService, WorkerService, parse_spec
from cygni.spec.release_settings import release_settings
from cygni.spec.releasing import Gates, Releasing
from tests.cygni.spec.findings import found, only, project
from tests.factories import create_spec

JOB = {"kind": "job", "image": "x"}


def web(path: str, **release: Any) -> dict[str, Any]:
    return {"image": "x", "port": 80, "path": path, "release": release}


def worker(**release: Any) -> dict[str, Any]:
    return {"kind": "worker", "image": "x", "release": release}


def right(**services: Mapping[str, Any]) -> None:
    ProjectSpec.model_validate(project(services=services))


def told(**services: Mapping[str, Any]) -> list[tuple[tuple[str | int, ...], str]]:
    return [(one.path[1:], one.message) for one in found(ProjectSpec, project(services=services))]


class TestReleasing:
    @pytest.mark.parametrize(
        ("key", "low", "high"),
        [
            ("pause", 0, 86400),
            ("bake", 0, 86400),
            ("warm", 0, 604800),
            ("start_timeout", 10, 7200),
            ("crash_limit", 1, 100),
            ("before_timeout", 1, 86400),
        ],
    )
    def test_keeps_times_and_counts_within_limits(self, key: str, low: int, high: int) -> None:
        assert only(found(Releasing, {key: low - 1})).path == (key,)
        assert only(found(Releasing, {key: high + 1})).path == (key,)
        for value in (low, high):
            assert getattr(Releasing.model_validate({key: value}), key) == value

    @pytest.mark.parametrize("steps", [[5, 5], [50, 5], [1, 2, 2]])
    def test_wants_each_step_of_a_canary_to_move_more(self, steps: list[int]) -> None:
        finding = only(found(Releasing, {"canary": steps}))
        assert (finding.path, finding.message) == (("canary",), "is not ascending")

    @pytest.mark.parametrize("steps", [[], [0], [100], [1.5]])
    def test_wants_steps_of_a_canary_between_one_and_ninety_nine(self, steps: list[Any]) -> None:
        assert only(found(Releasing, {"canary": steps})).path[0] == "canary"

    @pytest.mark.parametrize("key", ["canary", "pause", "warm"])
    def test_of_a_worker_has_nothing_about_requests(self, key: str) -> None:
        finding = only(found(WorkerService, {"image": "x", "release": {key: 5}}))
        assert finding.path == ("release", key)
        assert finding.message == "is about requests, and a worker answers none"

    def test_of_a_worker_is_judged_by_nothing_about_requests(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "release": {"gates": {"max_errors": 1}}}))
        assert finding.path == ("release", "gates", "max_errors")
        assert "a worker answers none" in finding.message

    def test_of_a_worker_still_meets_an_unknown_key(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "release": {"bakes": 5}}))
        assert finding.message == 'unknown key; did you mean "bake"?'

    def test_has_longer_times_where_more_is_at_stake(self) -> None:
        times = {}
        for environment in ("local", "staging", "production"):
            service = create_spec(environment).services["web"]
            assert isinstance(service, WebService)
            release = service.release
            times[environment] = (release.pause, release.bake, release.warm, release.gates.patience)
        assert times == {
            "local": (30, 3, 600, 60),
            "staging": (60, 60, 1800, 120),
            "production": (300, 300, 3600, 900),
        }

    def test_may_be_left_empty(self) -> None:
        text = "project: a1\nregion: us-east-1\nservices:\n  web:\n    image: x\n    port: 80\n    release:\n      gates:\n"
        service = parse_spec(text, "cygni.yaml", "local").services["web"]
        assert isinstance(service, WebService)
        assert service.release == Releasing()


class TestGates:
    @pytest.mark.parametrize(
        ("key", "low", "high"),
        [
            ("error_tolerance", 0, 100),
            ("latency_factor", 1, 100),
            ("max_errors", 0, 100),
            ("max_latency", 0, 3600),
        ],
    )
    def test_keep_measures_within_limits(self, key: str, low: float, high: float) -> None:
        assert only(found(Gates, {key: low - 0.5})).path == (key,)
        assert only(found(Gates, {key: high + 0.5})).path == (key,)

    @pytest.mark.parametrize("value", [float("nan"), float("inf")])
    def test_take_no_number_that_is_none(self, value: float) -> None:
        assert only(found(Gates, {"max_errors": value})).path == ("max_errors",)

    def test_ask_for_a_path_of_every_check(self) -> None:
        assert only(found(Gates, {"http": {"ready": {}}})).path == ("http", "ready", "path")


class TestJobsBefore:
    def test_are_services_of_that_kind(self) -> None:
        right(web=web("/", before="migrate"), migrate=JOB)
        assert told(web=web("/", before="mail"), mail=worker(), migrate=JOB) == [
            (("web", "release", "before"), '"mail" is a worker, and no job')
        ]
        assert told(web=web("/", before="migrat"), migrate=JOB) == [
            (("web", "release", "before"), '"migrat" is no service; did you mean "migrate"?')
        ]


class TestDependencies:
    def test_are_on_services_that_keep_running(self) -> None:
        right(web=web("/", depends_on=["api"]), api=web("/api"))
        assert told(web=web("/", depends_on=["migrate", "web"]), migrate=JOB) == [
            (("web", "release", "depends_on", 0), '"migrate" is no service that keeps running'),
            (("web", "release", "depends_on", 1), '"web" depends on itself'),
        ]

    def test_form_no_circle(self) -> None:
        [(path, message)] = told(
            a=web("/a", depends_on=["b"]), b=web("/b", depends_on=["c"]), c=worker(depends_on=["a"])
        )
        assert path == ("a", "release", "depends_on")
        assert message == "a → b → c → a is a circle: none of them can be first"

    def test_form_no_circle_of_groups_either(self) -> None:
        [(_, message)] = told(
            a=web("/a", group="g"), b=web("/b", group="g", depends_on=["c"]), c=worker(depends_on=["a"])
        )
        assert "c → g → c" in message

    def test_are_refused_where_nothing_keeps_running(self) -> None:
        job = {"kind": "job", "image": "mailer:1", "release": {"depends_on": ["web"]}}
        assert '"web" is no service that keeps running' in [message for _, message in told(migrate=job)]


class TestGroups:
    def test_are_released_in_one_manner(self) -> None:
        right(web=web("/", group="front"), mail=worker(group="front"))
        canary = {**web("/", group="front"), "strategy": "canary"}
        [(path, message)] = told(web=canary, mail=worker(group="front"))
        assert path == ("mail", "release", "group")
        assert message == '"mail" is not released as "web", which is in the same group'
        other = {**web("/b", group="front", canary=[1]), "strategy": "canary"}
        assert len(told(web=canary, other=other)) == 1

    def test_are_named_like_no_service(self) -> None:
        assert told(web=web("/", group="mail"), mail=worker()) == [
            (("web", "release", "group"), '"mail" is the name of a service')
        ]


class TestReleaseSettings:
    def test_tell_the_engine_everything_that_is_written(self) -> None:
        release = {
            "canary": [1, 50],
            "pause": 7,
            "bake": 8,
            "warm": 9,
            "start_timeout": 11,
            "crash_limit": 12,
            "approve": True,
            "before": "migrate",
            "before_timeout": 13,
            "depends_on": ["mailer"],
            "group": "front",
            "gates": {
                "error_tolerance": 2.5,
                "latency_factor": 4,
                "max_errors": 5,
                "max_latency": 0.5,
                "min_requests": 14,
                "patience": 15,
                "too_few": "fail",
                "http": {"ready": {"path": "/r", "success_codes": "200", "contains": "ok", "timeout": 3}},
                "smoke": ["./smoke"],
                "smoke_timeout": 16,
                "alarms": ["one"],
            },
        }
        services = {
            "web": {
                "image": "x",
                "port": 80,
                "strategy": "canary",
                "count": 3,
                "autoscale": {"min": 2, "max": 5, "cpu": 50},
                "release": release,
                "health_check": {"interval": 10, "healthy_threshold": 3},
                "deregistration_delay": 20,
                "stop_timeout": 21,
            },
            "mailer": {"kind": "worker", "image": "x", "strategy": "recreate"},
            "migrate": JOB,
        }
        settings = release_settings(create_spec("local", services=services))
        assert set(settings) == {"web", "mailer"}
        assert settings["web"] == ReleaseSettings(
            strategy=Strategy.CANARY,
            takes_traffic=True,
            count=3,
            limits=Limits(2, 5),
            canary=(CanaryStep(1, 7.0), CanaryStep(50, 7.0)),
            bake=8.0,
            warm=9.0,
            start_timeout=11.0,
            crash_limit=12,
            approve=True,
            before="migrate",
            before_timeout=13.0,
            depends_on=("mailer",),
            group="front",
            gates=GateSettings(
                max_error_percent=5,
                error_tolerance=2.5,
                max_latency=0.5,
                latency_factor=4,
                min_requests=14,
                patience=15.0,
                too_few=TooFew.FAIL,
                http=(HttpCheck("/r", "200", "ok", 3.0),),
                smoke=("./smoke",),
                smoke_timeout=16.0,
                alarms=("one",),
            ),
            timing=HealthTiming(10.0, 3, 20.0, 21.0),
        )

    def test_of_a_worker_look_at_no_requests(self) -> None:
        mailer = release_settings(create_spec("production"))["mailer"]
        assert (mailer.takes_traffic, mailer.warm, mailer.canary) == (False, 0.0, ())
        assert (mailer.gates.error_tolerance, mailer.gates.latency_factor) == (None, None)
        assert mailer.bake == 300.0

    def test_compare_with_nothing_where_that_is_off(self) -> None:
        services = {"web": web("/", gates={"compare": False})}
        gates = release_settings(create_spec("local", services=services))["web"].gates
        assert (gates.error_tolerance, gates.latency_factor) == (None, None)
