"""Services of every kind, how they are built and how their health is checked."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.aws_limits import FARGATE_MEMORY, sizes_in_words
from cygni.spec import (
    Build,
    CronService,
    HealthCheck,
    JobService,
    ProjectSpec,
    WebService,
    WorkerService,
)
from tests.cygni.spec.findings import found, only, project


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


class TestBuild:
    def test_builds_the_working_folder_by_default(self) -> None:
        assert Build(tag="v1") == Build(context=".", dockerfile="Dockerfile", tag="v1")

    def test_needs_nothing_since_the_rest_is_detected(self) -> None:
        assert Build.model_validate({}).tag is None
        assert Build.model_validate({"steps": ["make"]}).start is None

    @pytest.mark.parametrize(
        ("written", "made"),
        [
            ({}, True),
            ({"tag": "v1"}, False),
            ({"start": "make run"}, True),
            ({"tag": "v1", "start": "a"}, True),
        ],
    )
    def test_is_made_by_the_local_cloud_unless_a_tag_says_that_it_is_there(
        self, written: dict[str, str], made: bool
    ) -> None:
        assert Build.model_validate(written).made_locally is made

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


class TestSecrets:
    SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/stripe-AbCdEf"

    @pytest.mark.parametrize(
        "reference",
        [
            SECRET,
            f"{SECRET}:key::",
            f"{SECRET}:key:AWSPREVIOUS:",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/token",
        ],
    )
    def test_are_references_by_variable(self, reference: str) -> None:
        assert WorkerService(image="x", secrets={"TOKEN": reference}).secrets == {"TOKEN": reference}

    @pytest.mark.parametrize(
        "written",
        [
            "sk_live_hunter2",
            "env:TOKEN",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/stripe",
            f"{SECRET}:key",
            "arn:aws:s3:::bucket",
        ],
    )
    def test_that_are_no_references_are_refused_and_not_repeated(self, written: str) -> None:
        finding = only(found(WorkerService, {"image": "x", "secrets": {"TOKEN": written}}))
        assert finding.path == ("secrets", "TOKEN")
        assert "never write one" in str(finding.hint)
        assert written not in f"{finding.message} {finding.hint}"
