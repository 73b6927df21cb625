"""The schema and the models must say the same, wherever a schema can say it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from cygni.aws_limits import FARGATE_MEMORY, LOG_RETENTION_DAYS, REGIONS
from cygni.errors import SpecError
from cygni.spec import parse_spec
from cygni.spec.schema import json_schema
from cygni.spec.services import KINDS

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
EXAMPLE = Path(__file__).parents[3] / "examples" / "hello" / "cygni.yaml"

FOREIGN = {
    kind: {key for model in KINDS.values() for key in model.model_fields} - KINDS[kind].model_fields.keys()
    for kind in KINDS
}

# What a schema cannot say; every other refusal must be the schema's too.
BEYOND_A_SCHEMA = (
    "is already the path of",
    "is not less than the interval",
    "is less than the min of",
    "runs backwards",
    "of the task definition",
    "holds the character",
    "is not a time zone",
    "is not ascending",
    "is no service",
    ", and no job",
    "depends on itself",
    "is the name of a service",
    "which is in the same group",
    "is a circle",
)


def model_says(data: Any) -> list[str]:
    """What the models find wrong with `data`, written as YAML."""
    text = yaml.safe_dump(data, sort_keys=False, default_style='"') if isinstance(data, str) else dumped(data)
    try:
        parse_spec(text, "cygni.yaml", "local")
    except SpecError as error:
        return [f"{problem['path']}: {problem['message']}" for problem in error.details["problems"]]
    return []


def dumped(data: Any) -> str:
    return json.dumps(data)  # JSON is YAML, and leaves no doubt about types


def schema_says(data: Any) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(data)]


def agree(data: Any) -> None:
    wrong = model_says(data)
    refused = schema_says(data)
    if wrong and all(any(words in each for words in BEYOND_A_SCHEMA) for each in wrong):
        return
    assert bool(wrong) == bool(refused), (wrong, refused)


def mostly(right: st.SearchStrategy[Any], *wrong: Any) -> st.SearchStrategy[Any]:
    """Right values mostly, and now and then one of the wrong."""
    return st.integers(0, 9).flatmap(lambda dice: st.sampled_from(wrong) if dice == 0 else right)


def number(low: int, high: int) -> st.SearchStrategy[Any]:
    return mostly(st.integers(low, high), low - 1, high + 1, str(low), True, None, [low], low + 0.5)


names = mostly(st.sampled_from(["web", "api", "mail-2", "a"]), "Web", "a_b", "a--b", "", "x" * 21, "9a")
health_checks = mostly(
    st.fixed_dictionaries(
        {},
        optional={
            "path": mostly(st.sampled_from(["/", "/health?x=1"]), "health", "", 1, "/a b", "/" * 1025),
            "interval": number(5, 300),
            "timeout": number(2, 120),
            "healthy_threshold": number(2, 10),
            "unhealthy_threshold": number(2, 10),
            "grace_period": number(0, 7200),
            "success_codes": mostly(st.sampled_from(["200", "200-399,404"]), 200, "500", "399-200", ""),
        },
    ),
    [],
    {"pth": "/"},
)
builds = mostly(
    st.fixed_dictionaries(
        {"tag": mostly(st.sampled_from(["v1", "_a"]), "-a", "a b", 1.1)},
        optional={
            "start": mostly(st.sampled_from(["python3 app.py", "x"]), "", " ", "a\nb", 1),
            "steps": mostly(st.lists(st.sampled_from(["make", "go build ."]), max_size=2), "make", [""], [1]),
            "context": mostly(st.sampled_from([".", "../a b"]), "/", "~", "", None, 1),
            "dockerfile": mostly(st.just("Dockerfile"), "/D", "a\\b"),
        },
    ),
    ".",
    {"tags": []},
)
gates = st.fixed_dictionaries(
    {},
    optional={
        "compare": mostly(st.booleans(), "no"),
        "error_tolerance": mostly(st.floats(0, 100), -1, 101, "1", True, None),
        "latency_factor": mostly(st.floats(1, 100), 0.5, "1"),
        "max_errors": mostly(st.floats(0, 100), 101, None),
        "max_latency": mostly(st.floats(0, 3600), -1),
        "min_requests": number(1, 10**6),
        "patience": number(0, 86400),
        "too_few": mostly(st.sampled_from(["continue", "fail"]), "stop", 1),
        "http": mostly(
            st.dictionaries(
                names, st.fixed_dictionaries({"path": st.just("/a")}, optional={"timeout": number(1, 120)})
            ),
            {"ready": {}},
            [],
            None,
        ),
        "smoke": mostly(st.lists(st.text(max_size=5), min_size=1, max_size=3), [], "a"),
        "smoke_timeout": number(1, 3600),
        "alarms": mostly(st.lists(st.text(max_size=5), min_size=1, max_size=3), [], "a"),
    },
)
releases = st.fixed_dictionaries(
    {},
    optional={
        "canary": mostly(
            st.sampled_from([[5, 25], [1], [50, 99]]), [], [0], [100], [5, 5], "5", [1.5], ["5"]
        ),
        "pause": number(0, 86400),
        "bake": number(0, 86400),
        "warm": number(0, 604800),
        "start_timeout": number(10, 7200),
        "crash_limit": number(1, 100),
        "approve": mostly(st.booleans(), "yes"),
        "before": mostly(st.sampled_from(["web", "api"]), "Web", 1),
        "before_timeout": number(1, 86400),
        "depends_on": mostly(st.lists(st.sampled_from(["web", "api"]), max_size=2), "web", ["Web"], [1]),
        "group": mostly(st.sampled_from(["web", "front"]), "Front", 1),
        "gates": gates | st.none(),
    },
)
service_keys: dict[str, st.SearchStrategy[Any]] = {
    "kind": mostly(st.sampled_from(["web", "worker", "cron", "job"]), "crn", "Web", 1),
    "image": mostly(st.sampled_from(["nginx", "a.b/c:1@sha256:" + "a" * 64]), "https://a", "", 1, "A B"),
    "build": builds,
    "port": number(1, 65535),
    "cpu": mostly(st.sampled_from([*FARGATE_MEMORY]), 100, "256", True),
    "memory": mostly(
        st.sampled_from(sorted({size for sizes in FARGATE_MEMORY.values() for size in sizes})), 1, 600
    ),
    "architecture": mostly(st.sampled_from(["x86_64", "arm64"]), "X86_64", 64),
    "ephemeral_storage": number(20, 200),
    "count": number(0, 5000),
    "env": mostly(
        st.dictionaries(st.sampled_from(["A", "b_2"]), st.text(max_size=5) | st.integers()),
        {"a-b": "x"},
        {"A": True},
        [],
    ),
    "command": mostly(st.lists(st.text(max_size=5), min_size=1, max_size=3), [], "a", [1], ["a"] * 101),
    "path": mostly(st.sampled_from(["/", "/api", "/b"]), "api", "/a/", "/*", "", 1),
    "health_check": health_checks,
    "strategy": mostly(st.sampled_from(["blue-green", "canary", "rolling", "recreate"]), "blue", 1),
    "release": mostly(releases, [], {"bakes": 1}, {"gates": []}),
    "stop_timeout": number(1, 120),
    "deregistration_delay": number(0, 3600),
    "autoscale": mostly(
        st.fixed_dictionaries(
            {"max": number(1, 5000)},
            optional={
                "min": number(1, 5000),
                "cpu": number(1, 100),
                "requests": number(1, 10**7),
                "in_cooldown": number(0, 86400),
                "out_cooldown": number(0, 86400),
            },
        ),
        [],
        {"cpu": 50},
        {"max": 2, "cpus": 50, "cpu": 50},
    ),
    "spot": mostly(
        st.fixed_dictionaries({"percent": number(1, 100)}, optional={"base": number(0, 5000)}), {}, 70
    ),
    "alarms": mostly(st.booleans(), "yes", 1),
    "thresholds": mostly(
        st.dictionaries(
            st.sampled_from(["errors", "cpu", "memory"]), mostly(st.floats(0, 100), -1, 101, "5", True, None)
        )
        | st.fixed_dictionaries({}, optional={"latency": st.floats(0, 3600), "minutes": number(1, 60)}),
        [],
        {"error": 1},
    ),
    "schedule": mostly(
        st.sampled_from(["0 3 * * *", " rate(5 minutes)", "cron(0 3 L * ? *)"]),
        "0 3 * *",
        "rate",
        "",
        5,
        "a" * 257,
    ),
    "timezone": mostly(st.sampled_from(["UTC", "Europe/Berlin", "Etc/GMT+1"]), "a b", "", 1, "a" * 51),
    "flexible_window": number(0, 1440),
    "retries": number(0, 185),
    "retry_for": number(60, 86400),
    "dead_letter": mostly(st.booleans(), "yes", 1),
    "enabled": mostly(st.booleans(), "no", None),
    "prot": st.just(1),
}
likely = {"kind": st.just("web"), "image": st.just("nginx"), "port": st.just(80)}


def having(given_keys: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """A service with these keys and perhaps others that do not contradict them."""
    others = service_keys.keys() - given_keys.keys() - {"image", "build", "prot"}
    return st.fixed_dictionaries(given_keys, optional={key: service_keys[key] for key in sorted(others)})


services = st.one_of(
    having(likely),
    having({"image": st.just("nginx"), "port": st.just(80), "memory": service_keys["memory"]}),
    having({"kind": st.just("worker"), "build": builds}),
    *(
        having({"kind": st.just(kind), "build": builds, "schedule": service_keys["schedule"]}).map(
            lambda made: {key: value for key, value in made.items() if key not in FOREIGN[made["kind"]]}
        )
        for kind in KINDS
    ),
    st.fixed_dictionaries({}, optional=service_keys),
    st.none() | st.just([]) | st.just("nginx"),
)
queues = (
    st.fixed_dictionaries(
        {},
        optional={
            "fifo": st.booleans(),
            "visibility_timeout": number(0, 43_200),
            "retention": number(1, 14),
            "delay": number(0, 900),
            "receive_wait": number(0, 20),
            "max_message_size": number(1, 1024),
            "max_receive_count": number(1, 1000),
        },
    )
    | st.none()
)
sections: dict[str, st.SearchStrategy[Any]] = {
    "network": mostly(
        st.fixed_dictionaries(
            {},
            optional={
                "nat": mostly(st.sampled_from(["none", "single", "per-zone"]), "all", False),
                "zones": number(2, 3),
                "cidr": mostly(
                    st.sampled_from(["10.20.0.0/16", "192.168.240.0/20"]), "10.0.0.0/8", "10.0.1.0/16", 10
                ),
            },
        ),
        [],
        {"natt": "none"},
    ),
    "services": mostly(st.dictionaries(names, services, max_size=3), [], "web", None),
    "buckets": mostly(
        st.dictionaries(
            names,
            st.fixed_dictionaries({}, optional={"versioning": st.booleans() | st.just("yes")}) | st.none(),
            max_size=2,
        ),
        [],
        {"a": {"version": 1}},
    ),
    "queues": mostly(st.dictionaries(names, queues, max_size=2), [], {"a": {"fifo": "yes"}}),
    "topics": mostly(
        st.dictionaries(
            names,
            st.fixed_dictionaries(
                {}, optional={"fifo": st.booleans(), "subscriptions": st.just({}) | st.none()}
            )
            | st.none(),
            max_size=2,
        ),
        [],
        {"a": {"subscribers": {}}},
    ),
    "usage": mostly(
        st.dictionaries(
            st.sampled_from(["nat_data_gb", "alb_lcus", "kms_requests"]),
            mostly(st.integers(0, 10**12) | st.floats(0, 10**12), -1, 10**12 + 1, "1", True, None, -0.5),
        )
        | st.none(),
        [],
        {"nat_gb": 1},
    ),
    "log_retention": mostly(st.sampled_from(LOG_RETENTION_DAYS), 2, "30", 30.5),
}
regions = mostly(st.sampled_from(REGIONS), "us-east-9", "", 1, "US-EAST-1")
projects = mostly(
    st.sampled_from(["hello", "a1", "a-b", "internals", "sg2"]),
    "sg",
    "internal",
    "sthree-a",
    "a",
    "Hello",
    "a_b",
    12,
    None,
    "x" * 25,
)
tops = st.fixed_dictionaries({"project": projects, "region": regions}, optional=sections)
whole = {"project": "hello", "region": "us-east-1", "services": {"web": {"image": "nginx", "port": 80}}}


class TestJsonSchema:
    def test_is_a_schema_of_draft_2020_12(self) -> None:
        Draft202012Validator.check_schema(SCHEMA)
        assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"

    def test_is_new_at_each_call(self) -> None:
        json_schema()["properties"].clear()
        assert json_schema() == SCHEMA

    def test_describes_every_key(self) -> None:
        def keys(node: Any) -> Iterator[tuple[str, Any]]:
            if isinstance(node, dict):
                if isinstance(node.get("properties"), dict) and "title" in node:
                    yield from node["properties"].items()
                for value in node.values():
                    yield from keys(value)

        described = [*keys(SCHEMA)]
        assert len(described) > 60
        assert [key for key, node in described if not node.get("description")] == []

    def test_gives_examples_that_are_right(self) -> None:
        for definition in [SCHEMA, *SCHEMA["$defs"].values()]:
            for key, node in definition.get("properties", {}).items():
                validator = Draft202012Validator({**node, "$defs": SCHEMA["$defs"]})
                for shown in node.get("examples", []):
                    assert validator.is_valid(shown), (key, shown)

    def test_gives_defaults_at_the_top_level_alone(self) -> None:
        assert SCHEMA["$defs"]["Service"]["properties"]["cpu"]["default"] == 256
        overrides = [node for name, node in SCHEMA["$defs"].items() if name.endswith("Override")]
        assert len(overrides) > 5
        assert [
            key for node in overrides for key, value in node["properties"].items() if "default" in value
        ] == []

    def test_refers_to_nothing_that_is_missing_and_defines_nothing_in_vain(self) -> None:
        used = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(SCHEMA)))
        assert used == set(SCHEMA["$defs"])

    def test_accepts_the_example(self) -> None:
        assert schema_says(yaml.safe_load(EXAMPLE.read_text())) == []

    @pytest.mark.parametrize(
        "change",
        [
            {"prot": 1},
            {"build": {"tag": "v1"}},
            {"image": None, "build": {}},
            {"kind": "worker"},
            {"cpu": 512},
            {"memory": 600},
            {"env": {"A": True}},
            {"env": {"1A": "x"}},
            {"image": None},
            {"port": "80"},
        ],
    )
    def test_refuses_what_the_models_refuse(self, change: dict[str, Any]) -> None:
        data = {**whole, "services": {"web": {"image": "nginx", "port": 80, **change}}}
        assert model_says(data)
        assert schema_says(data)

    @pytest.mark.parametrize(
        "change",
        [
            {"env": {"A": 1, "B": 1.5, "C": "x"}},
            {"env": None},
            {"health_check": None},
            {"cpu": 512, "memory": 1024},
            {"memory": 2048},
            {"strategy": "canary", "path": "/api"},
        ],
    )
    def test_accepts_what_the_models_accept(self, change: dict[str, Any]) -> None:
        data = {**whole, "services": {"web": {"image": "nginx", "port": 80, **change}}}
        assert model_says(data) == schema_says(data) == []

    def test_refuses_an_override_with_both_an_image_and_a_build(self) -> None:
        both = {"services": {"web": {"image": "x", "build": {"tag": "v1"}}}}
        data = {**whole, "environments": {"local": both}}
        assert model_says(data)
        assert schema_says(data)

    @settings(max_examples=300)
    @given(tops)
    @example(whole)
    def test_agrees_with_the_models_on_the_top_level(self, data: dict[str, Any]) -> None:
        agree(data)

    @settings(max_examples=200)
    @given(services)
    def test_agrees_with_the_models_on_a_service(self, service: Any) -> None:
        agree({**whole, "services": {"web": service}})

    @settings(max_examples=200)
    @given(
        st.dictionaries(
            mostly(st.sampled_from(["local", "production", "preview-1"]), "prod", "preview-", ""),
            st.fixed_dictionaries({}, optional={"region": regions, **sections}) | st.none() | st.just([]),
            max_size=2,
        )
    )
    @example({"local": {"services": {"web": None}, "network": None, "buckets": {"a": None}}, "staging": None})
    def test_accepts_every_environment_that_the_models_accept(self, environments: dict[str, Any]) -> None:
        data = {**whole, "environments": environments}
        if not model_says(data):
            assert schema_says(data) == []

    @settings(max_examples=100)
    @given(
        st.fixed_dictionaries(
            {},
            optional={
                key: sections[key] for key in ("network", "buckets", "queues", "topics", "log_retention")
            },
        )
    )
    def test_agrees_with_the_models_on_overrides(self, override: dict[str, Any]) -> None:
        agree({**whole, "environments": {"staging": override}})
