from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from cygni.aws_limits import FARGATE_MEMORY, LOG_RETENTION_DAYS, REGIONS, sizes_in_words
from cygni.pricing import Usage
from cygni.spec import (
    Bucket,
    Build,
    CronService,
    HealthCheck,
    JobService,
    Nat,
    Network,
    ProjectSpec,
    Strategy,
    WebService,
    WorkerService,
)
from cygni.spec.section import Finding, findings_of
from cygni.spec.usage import UsageAssumptions


def project(**over: Any) -> dict[str, Any]:
    return {"project": "hello", "region": "us-east-1", "environment": "local"} | over


def found(model: Any, data: Any) -> list[Finding]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    return findings_of(caught.value)


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


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


class TestService:
    @pytest.mark.parametrize(("cpu", "sizes"), FARGATE_MEMORY.items())
    def test_accepts_every_size_of_fargate(self, cpu: int, sizes: tuple[int, ...]) -> None:
        assert [WorkerService(image="x", cpu=cpu, memory=memory).memory for memory in sizes] == [*sizes]

    @pytest.mark.parametrize(("cpu", "sizes"), FARGATE_MEMORY.items())
    def test_names_the_memory_a_cpu_allows(self, cpu: int, sizes: tuple[int, ...]) -> None:
        finding = only(found(WorkerService, {"image": "x", "cpu": cpu, "memory": sizes[-1] - 1}))
        assert finding.path == ("memory",)
        assert finding.hint == f"with cpu {cpu}, Fargate offers {sizes_in_words(sizes)} MiB"

    def test_says_when_the_memory_is_the_default(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "cpu": 512}))
        assert finding.message == "512 MiB (the default) does not go with 512 CPU units"

    @pytest.mark.parametrize("cpu", [0, 128, 300, 1000, 32768])
    def test_refuses_a_cpu_that_fargate_has_not(self, cpu: int) -> None:
        finding = only(found(WorkerService, {"image": "x", "cpu": cpu}))
        assert finding.hint == "Fargate offers 256, 512, 1024, 2048, 4096, 8192 or 16384"

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("memory", 511),
            ("memory", 122881),
            ("ephemeral_storage", 19),
            ("ephemeral_storage", 201),
            ("count", -1),
            ("count", 5001),
            ("stop_timeout", 0),
            ("stop_timeout", 121),
            ("port", 0),
            ("port", 65536),
            ("deregistration_delay", -1),
            ("deregistration_delay", 3601),
        ],
    )
    def test_refuses_a_number_out_of_range(self, key: str, value: int, web: dict[str, Any]) -> None:
        finding = only(found(WebService, web | {key: value}))
        assert finding.path == (key,)
        assert (finding.hint or "").startswith("the ")

    @pytest.mark.parametrize(
        ("key", "values"),
        [
            ("ephemeral_storage", (20, 21, 200)),
            ("count", (0, 5000)),
            ("stop_timeout", (1, 120)),
            ("port", (1, 65535)),
            ("deregistration_delay", (0, 3600)),
        ],
    )
    def test_accepts_the_ends_of_a_range(
        self, key: str, values: tuple[int, ...], web: dict[str, Any]
    ) -> None:
        for value in values:
            assert getattr(WebService.model_validate(web | {key: value}), key) == value

    @pytest.mark.parametrize("value", ["80", 80.0, True, None, [80], {}])
    def test_wants_a_number_to_be_one(self, value: Any, web: dict[str, Any]) -> None:
        finding = only(found(WebService, web | {"port": value}))
        assert finding.message.startswith("should be a whole number, not")

    def test_needs_a_port_when_it_is_web(self) -> None:
        finding = only(found(WebService, {"image": "x"}))
        assert (finding.path, finding.message, finding.hint) == (("port",), "is missing", "add `port: 8080`")

    @pytest.mark.parametrize("key", ["port", "path", "health_check", "deregistration_delay"])
    def test_refuses_what_only_web_has_for_a_worker(self, key: str) -> None:
        finding = only(found(WorkerService, {"image": "x", key: {}}))
        assert finding.path == (key,)
        assert "only for a web service" in finding.message

    @pytest.mark.parametrize(
        "written", [{"cpu": 60}, {"requests": 100}, {"min": 2, "cpu": 50, "requests": 1}]
    )
    def test_may_follow_the_load(self, written: dict[str, int], web: dict[str, Any]) -> None:
        service = WebService.model_validate(web | {"autoscale": {"max": 4, **written}})
        assert service.autoscale is not None
        given = {"min": 1, "cpu": None, "requests": None} | written
        assert {key: getattr(service.autoscale, key) for key in given} == given

    @pytest.mark.parametrize(
        ("written", "path", "words"),
        [
            ({"max": 4}, ("autoscale",), "nothing to go by"),
            ({"cpu": 60}, ("autoscale", "max"), "is missing"),
            ({"max": 2, "min": 3, "cpu": 60}, ("autoscale", "max"), "2 is less than the min of 3"),
        ],
    )
    def test_refuses_to_follow_the_load_nowhere(
        self, written: dict[str, int], path: tuple[str, ...], words: str, web: dict[str, Any]
    ) -> None:
        finding = only(found(WebService, web | {"autoscale": written}))
        assert finding.path == path
        assert words in finding.message

    def test_refuses_to_scale_a_worker_by_requests(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "autoscale": {"max": 2, "requests": 5}}))
        assert (finding.path, finding.hint) == (("autoscale", "requests"), "a worker is scaled by `cpu`")

    def test_refuses_canary_for_a_worker(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "strategy": "canary"}))
        assert finding.hint == "use blue-green, rolling or recreate"

    @pytest.mark.parametrize("strategy", ["blue-green", "canary", "rolling", "recreate"])
    def test_accepts_every_strategy(self, strategy: str, web: dict[str, Any]) -> None:
        assert WebService.model_validate(web | {"strategy": strategy}).strategy == strategy

    def test_suggests_the_nearest_strategy(self, web: dict[str, Any]) -> None:
        finding = only(found(WebService, web | {"strategy": "bluegreen"}))
        assert finding.message.endswith('did you mean "blue-green"?')

    @pytest.mark.parametrize("key", ["port", "count", "strategy", "retries", "schedule"])
    def test_refuses_what_others_have_for_a_job(self, key: str) -> None:
        finding = only(found(JobService, {"image": "x", key: 1}))
        assert (finding.path, finding.at_key) == ((key,), True)
        assert finding.message.endswith("; this is a job")

    def test_says_every_kind_that_has_a_key(self) -> None:
        finding = only(found(CronService, {"image": "x", "schedule": "0 3 * * *", "count": 1}))
        assert finding.message == "is only for a web or worker service; this is a cron"

    def test_takes_a_schedule_in_the_words_of_crontab(self) -> None:
        cron = CronService(image="x", schedule="0 3 * * 1", timezone="Europe/Berlin")
        assert (cron.schedule, cron.timezone) == ("cron(0 3 ? * MON *)", "Europe/Berlin")

    @pytest.mark.parametrize(
        ("schedule", "message"),
        [
            ("0 25 * * *", '"25" is no hour'),
            ("0 3 1 * 1", "days of the month and of the week"),
            ("at(2027-01-01T00:00:00)", "neither cron(...) nor rate(...)"),
            (5, "should be text"),
            ("1-58 1-22 1-30 * *", "characters in EventBridge's words"),
        ],
    )
    def test_refuses_a_schedule_that_is_none(self, schedule: Any, message: str) -> None:
        finding = only(found(CronService, {"image": "x", "schedule": schedule}))
        assert finding.path == ("schedule",)
        assert message in finding.message
        assert finding.hint or schedule == 5

    @pytest.mark.parametrize(
        ("zone", "words"), [("Europe/Berln", 'did you mean "Europe/Berlin"?'), ("a b", "not allowed")]
    )
    def test_refuses_a_time_zone_that_is_none(self, zone: str, words: str) -> None:
        finding = only(found(CronService, {"image": "x", "schedule": "rate(1 day)", "timezone": zone}))
        assert words in finding.message

    def test_needs_a_schedule_when_it_is_a_cron(self) -> None:
        finding = only(found(CronService, {"image": "x"}))
        assert (finding.path, finding.hint) == (("schedule",), "add `schedule: 0 3 * * *`")

    @pytest.mark.parametrize("kind", ["webb", 1, None, [], {}])
    def test_refuses_an_unknown_kind(self, kind: Any) -> None:
        finding = only(found(ProjectSpec, project(services={"a": {"kind": kind}})))
        assert "is not a kind of service" in finding.message

    @pytest.mark.parametrize("service", [None, "nginx", 1, []])
    def test_refuses_a_service_that_is_no_mapping(self, service: Any) -> None:
        finding = only(found(ProjectSpec, project(services={"a": service})))
        assert finding.message.startswith("should be a mapping")

    def test_tells_how_long_an_image_may_be(self) -> None:
        finding = only(found(WorkerService, {"image": "x" * 328}))
        assert finding.message.endswith("has 328 characters, and 327 are allowed")

    def test_needs_an_image_or_a_build(self) -> None:
        assert only(found(WorkerService, {})).message == "has neither image nor build"

    def test_refuses_both_an_image_and_a_build(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "build": {"tag": "v1"}}))
        assert finding.message == "a service has either image or build, not both"

    @pytest.mark.parametrize(
        "image",
        [
            "nginx",
            "nginx:1.29-alpine",
            "public.ecr.aws/nginx/nginx:1.29",
            "localhost:5000/a/b_c:v1",
            "a@sha256:" + "0" * 64,
            "123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b:latest@sha256:" + "f" * 64,
        ],
    )
    def test_accepts_an_image(self, image: str) -> None:
        assert WorkerService(image=image).image == image

    @pytest.mark.parametrize(
        "image", ["", "https://x/y", "a b", "Nginx/Nginx", "nginx:", "a@sha256:12", "-a", "a\n", "a" * 400]
    )
    def test_refuses_an_image(self, image: str) -> None:
        assert only(found(WorkerService, {"image": image})).path == ("image",)

    @pytest.mark.parametrize("name", ["A", "_a", "PATH_2", "lower"])
    def test_accepts_a_posix_variable(self, name: str) -> None:
        assert WorkerService(image="x", env={name: ""}).env == {name: ""}

    @pytest.mark.parametrize("name", ["", "2A", "A-B", "A B", "A.B", "É", "A=B"])
    def test_refuses_a_variable_that_is_not_posix(self, name: str) -> None:
        finding = only(found(WorkerService, {"image": "x", "env": {name: ""}}))
        assert (finding.path, finding.at_key) == (("env", name), True)

    def test_refuses_an_environment_larger_than_a_task_definition(self) -> None:
        env = {f"A{number}": "é" * 1000 for number in range(40)}
        finding = only(found(WorkerService, {"image": "x", "env": env}))
        assert finding.path == ("env",)
        assert "64 KiB" in (finding.hint or "")

    def test_refuses_a_command_that_is_not_a_list(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "command": "npm start"}))
        assert finding.message == 'should be a list, not "npm start"'

    def test_refuses_an_empty_command(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "command": []}))
        assert (finding.path, finding.message) == (("command",), "is empty")

    def test_wants_every_word_of_a_command_to_be_text(self) -> None:
        finding = only(found(WorkerService, {"image": "x", "command": ["sleep", 60]}))
        assert (finding.path, finding.hint) == (("command", 1), 'put it in quotes: "60"')
        assert only(found(WorkerService, {"image": "x", "command": [60]})).path == ("command", 0)

    @pytest.mark.parametrize("path", ["/", "/api", "/a/b-c", "/.well-known", "/" + "a" * 125])
    def test_accepts_a_path(self, path: str, web: dict[str, Any]) -> None:
        assert WebService.model_validate(web | {"path": path}).path == path

    @pytest.mark.parametrize("path", ["", "api", "/api/", "/a*", "/a?b", "//", "/a b", "/" + "a" * 126])
    def test_refuses_a_path(self, path: str, web: dict[str, Any]) -> None:
        assert only(found(WebService, web | {"path": path})).path == ("path",)

    def test_suggests_the_nearest_key_and_does_not_miss_it_as_well(self) -> None:
        finding = only(found(WebService, {"image": "x", "prot": 80}))
        assert (finding.path, finding.message) == (("prot",), 'unknown key; did you mean "port"?')
        assert "health_check" in (finding.hint or "")

    def test_suggests_nothing_when_no_key_is_near(self, web: dict[str, Any]) -> None:
        assert only(found(WebService, web | {"zzz": 1})).message == "unknown key"


class TestUsage:
    def test_has_the_assumptions_of_the_estimates_with_their_defaults(self) -> None:
        assert list(UsageAssumptions.model_fields) == [each.name for each in dataclasses.fields(Usage)]
        assert Usage.of(UsageAssumptions().model_dump()) == Usage()

    @pytest.mark.parametrize(("amount", "exact"), [(0, "0"), (0.1, "0.1"), (250, "250"), (10**12, "1e12")])
    def test_keeps_an_amount_as_it_is_written(self, amount: float, exact: str) -> None:
        given = UsageAssumptions.model_validate({"nat_data_gb": amount})
        assert Usage.of(given.model_dump()).nat_data_gb == Decimal(exact)

    @pytest.mark.parametrize(
        ("amount", "message", "hint"),
        [
            (-1, "-1 is too small", "the least is 0"),
            (10**12 + 1, "1000000000001 is too large", "the most is 1000000000000"),
            ("5", 'should be a number, not "5"', "remove the quotes"),
            (True, "should be a number, not true", None),
            (float("nan"), None, None),
            ([], None, None),
        ],
    )
    def test_refuses_what_is_no_amount(self, amount: Any, message: str | None, hint: str | None) -> None:
        finding = only(found(UsageAssumptions, {"alb_lcus": amount}))
        assert finding.path == ("alb_lcus",)
        assert message is None or (finding.message, finding.hint) == (message, hint)


class TestBuild:
    def test_builds_the_working_folder_by_default(self) -> None:
        assert Build(tag="v1") == Build(context=".", dockerfile="Dockerfile", tag="v1")

    def test_needs_a_tag_since_each_can_be_pushed_once(self) -> None:
        finding = only(found(Build, {}))
        assert (finding.path, finding.message, finding.hint) == (("tag",), "is missing", "add `tag: v1`")

    @pytest.mark.parametrize("path", ["", "/etc", "~/app", "a\\b", " a"])
    @pytest.mark.parametrize("key", ["context", "dockerfile"])
    def test_refuses_a_path_that_is_not_relative(self, key: str, path: str) -> None:
        assert only(found(Build, {"tag": "v1", key: path})).path == (key,)

    @pytest.mark.parametrize("tag", ["", ".a", "-a", "a b", "a/b", "a" * 129])
    def test_refuses_a_tag(self, tag: str) -> None:
        assert only(found(Build, {"tag": tag})).path == ("tag",)


class TestHealthCheck:
    @pytest.mark.parametrize(
        ("key", "low", "high"),
        [
            ("interval", 5, 300),
            ("timeout", 2, 120),
            ("healthy_threshold", 2, 10),
            ("unhealthy_threshold", 2, 10),
            ("grace_period", 0, 7200),
        ],
    )
    def test_keeps_to_the_limits_of_a_target_group(self, key: str, low: int, high: int) -> None:
        assert only(found(HealthCheck, {"interval": 300, key: low - 1})).path == (key,)
        assert only(found(HealthCheck, {"interval": 300, key: high + 1})).path == (key,)
        for value in (low, high):
            assert getattr(HealthCheck.model_validate({"interval": 300, key: value}), key) == value

    @pytest.mark.parametrize(("interval", "timeout"), [(5, 5), (5, 6), (30, 120)])
    def test_wants_the_timeout_below_the_interval(self, interval: int, timeout: int) -> None:
        finding = only(found(HealthCheck, {"interval": interval, "timeout": timeout}))
        assert finding.path == ("timeout",)
        assert finding.message == f"{timeout} s is not less than the interval of {interval} s"

    @pytest.mark.parametrize("codes", ["200", "200,204", "200-299", "200-299,301,404-499"])
    def test_accepts_codes(self, codes: str) -> None:
        assert HealthCheck(success_codes=codes).success_codes == codes

    @pytest.mark.parametrize("codes", ["", "199", "500", "200-", "200, 204", "2xx", "299-200"])
    def test_refuses_codes(self, codes: str) -> None:
        assert only(found(HealthCheck, {"success_codes": codes})).path == ("success_codes",)

    def test_says_which_range_runs_backwards(self) -> None:
        finding = only(found(HealthCheck, {"success_codes": "200,399-300"}))
        assert (finding.message, finding.hint) == (
            '"399-300" is a range that runs backwards',
            "write 300-399",
        )


class TestNetwork:
    @pytest.mark.parametrize("nat", ["none", "single", "per-zone"])
    def test_accepts_each_nat(self, nat: str) -> None:
        assert Network.model_validate({"nat": nat}).nat == nat

    @pytest.mark.parametrize("nat", ["None", "multi", True, None, 1])
    def test_refuses_any_other_nat(self, nat: Any) -> None:
        assert only(found(Network, {"nat": nat})).hint == "use none, single or per-zone"

    @pytest.mark.parametrize("zones", [1, 4])
    def test_spreads_over_two_or_three_zones(self, zones: int) -> None:
        assert only(found(Network, {"zones": zones})).path == ("zones",)

    @pytest.mark.parametrize(
        "cidr", ["10.0.0.0/16", "10.255.240.0/20", "172.16.0.0/16", "172.31.128.0/17", "192.168.0.0/18"]
    )
    def test_accepts_a_private_range(self, cidr: str) -> None:
        assert Network(cidr=cidr).cidr == cidr

    @pytest.mark.parametrize(
        ("cidr", "mistake"),
        [
            ("10.20.1.0/16", 'did you mean "10.20.0.0/16"?'),
            ("10.0.0.0/8", "prefix of /8"),
            ("10.0.0.0/24", "prefix of /24"),
            ("8.8.0.0/16", "is not private"),
            ("8.8.8.0/16", "is not private"),
            ("172.32.1.0/16", "is not private"),
            ("172.32.0.0/16", "is not private"),
            ("169.254.0.0/16", "is not private"),
            ("fd00::/16", "is not an IPv4 range"),
            ("10.0.0.0", "prefix of /32"),
            ("10.300.0.0/16", "is not an IPv4 range"),
            ("010.0.0.0/16", "is not an IPv4 range"),
            ("10.20.0.0/255.255.0.0", 'did you mean "10.20.0.0/16"?'),
            ("", "is not an IPv4 range"),
        ],
    )
    def test_says_what_is_wrong_with_a_range(self, cidr: str, mistake: str) -> None:
        finding = only(found(Network, {"cidr": cidr}))
        assert mistake in finding.message
        assert "/16 to /20" in (finding.hint or "")
