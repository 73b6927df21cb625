"""The specification as a whole."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cygni.aws_limits import LOG_RETENTION_DAYS, REGIONS
from cygni.spec import (
    Bucket,
    HealthCheck,
    Nat,
    Network,
    ProjectSpec,
    Strategy,
    WebService,
    WorkerService,
)
from tests.cygni.spec.findings import found, only, project


class TestProjectSpec:
    def test_fills_every_default(self, web: dict[str, Any]) -> None:
        spec = ProjectSpec.model_validate(project(services={"web": web}))
        assert spec.network == Network(nat=Nat.NONE, zones=2, cidr="10.20.0.0/16")
        assert (spec.buckets, spec.log_retention) == ({}, 7)
        assert spec.services["web"] == WebService(
            image="nginx",
            port=80,
            cpu=256,
            memory=512,
            ephemeral_storage=20,
            count=1,
            strategy=Strategy.BLUE_GREEN,
            stop_timeout=30,
            path="/",
            health_check=HealthCheck(
                path="/",
                interval=5,
                timeout=2,
                healthy_threshold=2,
                unhealthy_threshold=2,
                success_codes="200-399",
                grace_period=60,
            ),
            deregistration_delay=15,
        )

    def test_survives_a_round_trip_through_json(self, web: dict[str, Any]) -> None:
        worker = {"kind": "worker", "build": {"tag": "v1"}, "command": ["run"], "strategy": "rolling"}
        data = project(services={"web": web, "mail": worker}, buckets={"uploads": {"versioning": True}})
        spec = ProjectSpec.model_validate(data)
        assert ProjectSpec.model_validate_json(spec.model_dump_json()) == spec
        assert ProjectSpec.model_validate(spec.model_dump()) == spec
        assert isinstance(spec.services["mail"], WorkerService)

    def test_takes_models_for_its_parts(self) -> None:
        worker = WorkerService(image="mailer")
        spec = ProjectSpec(
            project="hello",
            region="us-east-1",
            environment="local",
            services={"mail": worker},
            buckets={"a": Bucket()},
        )
        assert spec.services["mail"] is worker

    def test_is_frozen(self) -> None:
        spec = ProjectSpec.model_validate(project())
        with pytest.raises(ValidationError, match="frozen"):
            spec.project = "other"

    @pytest.mark.parametrize("name", ["ab", "hello", "a-b-c", "a1", "a" * 24])
    def test_accepts_a_project_name(self, name: str) -> None:
        assert ProjectSpec.model_validate(project(project=name)).project == name

    @pytest.mark.parametrize(
        "name", ["", "a", "Hello", "1a", "a_b", "a%b", "a--b", "-a", "a-", "a b", "a" * 25, "é1", "ab\n"]
    )
    def test_refuses_a_project_name(self, name: str) -> None:
        finding = only(found(ProjectSpec, project(project=name)))
        assert finding.path == ("project",)
        assert "2 to 24" in (finding.hint or "")

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("sthree-x", "bucket"),
            ("amzn-s3-demo", "bucket"),
            ("sg", "security group"),
            ("internal", "load balancer"),
        ],
    )
    def test_refuses_a_project_name_that_aws_keeps_for_itself(self, name: str, kind: str) -> None:
        finding = only(found(ProjectSpec, project(project=name)))
        assert finding.path == ("project",)
        assert f"AWS refuses {kind} names beginning with" in finding.message
        assert finding.hint == "begin the project's name with another word"

    @pytest.mark.parametrize("name", ["A", "a_b", "a--b", "a" * 21, "", "9"])
    @pytest.mark.parametrize("kind", ["services", "buckets"])
    def test_refuses_a_service_or_bucket_name(self, kind: str, name: str, web: dict[str, Any]) -> None:
        part = web if kind == "services" else {}
        finding = only(found(ProjectSpec, project(**{kind: {name: part}})))
        assert (finding.path, finding.at_key) == ((kind, name), True)
        assert "1 to 20" in (finding.hint or "")

    @pytest.mark.parametrize("region", REGIONS)
    def test_accepts_every_region(self, region: str) -> None:
        assert ProjectSpec.model_validate(project(region=region)).region == region

    def test_suggests_the_nearest_region(self) -> None:
        finding = only(found(ProjectSpec, project(region="us-eats-1")))
        assert finding.message == '"us-eats-1" is not one of the choices; did you mean "us-east-1"?'

    def test_lists_the_regions_when_none_is_near(self) -> None:
        assert "eu-west-1" in (only(found(ProjectSpec, project(region="moon"))).hint or "")

    @pytest.mark.parametrize("days", LOG_RETENTION_DAYS)
    def test_accepts_every_log_retention_of_cloudwatch(self, days: int) -> None:
        assert ProjectSpec.model_validate(project(log_retention=days)).log_retention == days

    @pytest.mark.parametrize("days", [0, 2, 29, 31, 4000])
    def test_refuses_other_days_of_log_retention(self, days: int) -> None:
        assert "1, 3, 5, 7" in (only(found(ProjectSpec, project(log_retention=days))).hint or "")

    @pytest.mark.parametrize("name", ["local", "staging", "production", "preview-7", "preview-fix-login"])
    def test_accepts_an_environment(self, name: str) -> None:
        assert ProjectSpec.model_validate(project(environment=name)).environment == name

    @pytest.mark.parametrize(
        "name", ["prod", "preview", "preview-", "preview-A", "preview-a--b", "preview-" + "a" * 25, "locals"]
    )
    def test_refuses_an_environment(self, name: str) -> None:
        assert only(found(ProjectSpec, project(environment=name))).path == ("environment",)

    def test_gives_two_web_services_different_paths(self, web: dict[str, Any]) -> None:
        services = {"web": web, "api": web, "mail": {"kind": "worker", "image": "x"}}
        finding = only(found(ProjectSpec, project(services=services)))
        assert finding.path == ("services", "api", "path")
        assert finding.message == '"/" is already the path of "web"'

    def test_accepts_web_services_with_different_paths(self, web: dict[str, Any]) -> None:
        spec = ProjectSpec.model_validate(project(services={"web": web, "api": web | {"path": "/api"}}))
        assert [service.kind for service in spec.services.values()] == ["web", "web"]

    def test_holds_at_most_50_services(self) -> None:
        services = {f"w{number}": {"kind": "worker", "image": "x"} for number in range(51)}
        finding = only(found(ProjectSpec, project(services=services)))
        assert (finding.path, finding.message) == (("services",), "has more than 50 entries")

    def test_tells_every_problem_at_once(self, web: dict[str, Any]) -> None:
        services = {"web": web | {"prot": 1, "cpu": 1024, "count": -1}, "x": {"kind": "crn"}}
        findings = found(ProjectSpec, project(project="_", services=services, network={"zones": 9}))
        assert {finding.path for finding in findings} == {
            ("project",),
            ("network", "zones"),
            ("services", "web", "prot"),
            ("services", "web", "memory"),
            ("services", "web", "count"),
            ("services", "x", "kind"),
        }
