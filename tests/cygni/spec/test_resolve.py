from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import Build, ProjectSpec, WebService, is_environment, parse_spec
from cygni.spec.resolve import merged
from cygni.spec.sizes import sized

Refusal = Callable[..., SpecError]
Service = Callable[..., str]


def load(text: str, environment: str = "local") -> ProjectSpec:
    return parse_spec(text, "cygni.yaml", environment)


def web_of(spec: ProjectSpec) -> WebService:
    web = spec.services["web"]
    assert isinstance(web, WebService)
    return web


class TestMerged:
    @pytest.mark.parametrize(
        ("base", "override", "result"),
        [
            ({"a": 1}, {}, {"a": 1}),
            ({"a": 1}, {"a": 2, "b": 3}, {"a": 2, "b": 3}),
            ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}}, {"a": {"b": 1, "c": 3}}),
            ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
            ({"a": {"b": 1}}, {"a": 5}, {"a": 5}),
            ({"a": 5}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ],
    )
    def test_merges_mappings_and_replaces_the_rest(self, base: Any, override: Any, result: Any) -> None:
        assert merged(base, override) == result

    def test_leaves_both_sides_as_they_were(self) -> None:
        base, override = {"a": {"b": 1}}, {"a": {"c": 2}}
        merged(base, override)
        assert (base, override) == ({"a": {"b": 1}}, {"a": {"c": 2}})

    def test_replaces_an_image_by_a_build_and_back(self) -> None:
        image: dict[str, Any] = {"services": {"web": {"image": "x"}}}
        build: dict[str, Any] = {"services": {"web": {"build": {}}}}
        assert merged(image, build) == build
        assert merged(build, image) == image

    def test_takes_image_for_a_source_in_services_alone(self) -> None:
        base = {"services": {"build": {"env": {"image": "x"}}}}
        override = {"services": {"build": {"env": {"build": "y"}}, "image": {}}}
        assert merged(base, override) == {
            "services": {"build": {"env": {"image": "x", "build": "y"}}, "image": {}}
        }


class TestEnvironments:
    def test_lays_an_environment_over_the_top_level(self, valid: str) -> None:
        text = valid + "environments:\n  production: {network: {nat: single}, services: {web: {count: 3}}}\n"
        production, local = load(text, "production"), load(text, "local")
        assert (production.environment, local.environment) == ("production", "local")
        assert (production.network.nat, local.network.nat) == ("single", "none")
        assert (web_of(production).count, web_of(local).count) == (3, 1)
        assert web_of(production).image == web_of(local).image == "nginx:1.29"

    def test_replaces_a_list_whole(self, service: Service) -> None:
        text = service("image: x", "port: 1", "command: [a, b]")
        text += "environments: {local: {services: {web: {command: [c]}}}}\n"
        assert web_of(load(text)).command == ("c",)

    def test_builds_in_one_environment_what_others_pull(self, valid: str) -> None:
        text = valid + "environments: {local: {services: {web: {build: {tag: v1}}}}}\n"
        assert web_of(load(text, "local")).build == Build(tag="v1")
        assert web_of(load(text, "production")).image == "nginx:1.29"

    def test_may_have_a_service_and_a_bucket_of_its_own(self, valid: str) -> None:
        text = valid + "environments: {local: {services: {mail: {kind: worker, image: x}}, buckets: {b: }}}\n"
        assert [*load(text).services, *load(text).buckets] == ["web", "mail", "b"]

    def test_needs_no_entry(self, valid: str) -> None:
        assert load(valid, "preview-x") == load(valid).model_copy(update={"environment": "preview-x"})

    @pytest.mark.parametrize("name", ["staging", "production"])
    def test_has_the_defaults_of_its_size_without_an_entry(self, valid: str, name: str) -> None:
        spec = load(valid, name)
        assert spec.network.nat == sized({}, name)["network"]["nat"]
        assert web_of(spec).count == sized({"services": {"web": {}}}, name)["services"]["web"]["count"]

    def test_may_be_listed_without_differing(self, valid: str) -> None:
        assert load(valid + "environments:\n  staging:\n", "staging").environment == "staging"

    def test_is_checked_whichever_is_asked_for(self, valid: str, refusal: Refusal) -> None:
        error = refusal(
            valid + "environments:\n  production:\n    services:\n      web: {prot: 1}\n", "local"
        )
        assert str(error) == (
            'cygni.yaml:10:13: environments.production.services.web.prot: unknown key; did you mean "port"?'
        )

    def test_does_not_repeat_the_problems_of_the_top_level(self, refusal: Refusal, service: Service) -> None:
        text = service("image: x", "port: no-number")
        error = refusal(text + "environments: {production: {services: {web: {count: 2}}}, staging: }\n")
        assert len(error.details["problems"]) == 1

    def test_points_at_the_override_that_breaks_a_combination(self, valid: str, refusal: Refusal) -> None:
        error = refusal(
            valid + "environments:\n  production:\n    services:\n      web:\n        cpu: 1024\n"
        )
        assert str(error).startswith("cygni.yaml:11:14: environments.production.services.web.memory: 512 MiB")

    def test_points_at_the_override_that_makes_two_paths_one(self, valid: str, refusal: Refusal) -> None:
        text = valid + "  api: {image: x, port: 1, path: /api}\n"
        error = refusal(text + "environments:\n  local: {services: {api: {path: /}}}\n")
        assert str(error).startswith("cygni.yaml:9:34: environments.local.services.api.path:")

    def test_suggests_the_service_that_was_meant(self, valid: str, refusal: Refusal) -> None:
        error = refusal(valid + "environments: {local: {services: {wbe: {count: 2}}}}\n")
        assert 'no such service at the top level; did you mean "web"?' in str(error)
        assert len(error.details["problems"]) == 1

    def test_says_one_thing_of_a_service_without_source_whose_name_is_not_near(
        self, valid: str, refusal: Refusal
    ) -> None:
        error = refusal(valid + "environments: {local: {services: {mailer: {cpu: 512, count: 2}}}}\n")
        assert str(error).endswith("environments.local.services.mailer: no such service at the top level")
        assert error.hint == 'the services are "web"; a new one needs `image` or `build`'

    def test_suggests_the_environment_that_was_meant(self, valid: str, refusal: Refusal) -> None:
        error = refusal(valid + "environments:\n  prod: {}\n")
        assert str(error) == (
            'cygni.yaml:8:3: environments.prod: "prod" is not an environment; did you mean "production"?'
        )

    @pytest.mark.parametrize(
        ("key", "said"), [("project: x1", "cannot differ"), ("environments: {}", "unknown key")]
    )
    def test_holds_nothing_that_belongs_at_the_top(
        self, valid: str, refusal: Refusal, key: str, said: str
    ) -> None:
        error = refusal(valid + f"environments:\n  local:\n    {key}\n")
        assert said in str(error)
        assert error.details["line"] == 9

    @pytest.mark.parametrize("shape", ["[]", "5", "text"])
    def test_is_a_mapping(self, valid: str, refusal: Refusal, shape: str) -> None:
        assert "environments: should be a mapping" in str(refusal(valid + f"environments: {shape}\n"))
        error = refusal(valid + f"environments: {{local: {shape}}}\n")
        assert "environments.local: should be a mapping" in str(error)

    def test_are_at_most_32(self, valid: str, refusal: Refusal) -> None:
        listed = [f"preview-{number}: " for number in range(33)]
        assert "more than 32" in str(refusal(valid + f"environments: {{{', '.join(listed)}}}\n"))
        assert load(valid + f"environments: {{{', '.join(listed[:32])}}}\n").project == "hello"

    def test_knows_which_names_may_be(self) -> None:
        assert is_environment("preview-x")
        assert not is_environment("prod")


class TestVariables:
    @pytest.mark.parametrize("text", ["1.10", "8080", "012", "1:30", "1e3", "2024-01-31", "0x1F", "-5"])
    def test_are_numbers_as_they_were_written(self, text: str, service: Service) -> None:
        spec = load(service("image: x", "port: 1", f"env: {{A: {text}}}"))
        assert web_of(spec).env == {"A": text}

    def test_are_as_written_in_an_override_too(self, valid: str) -> None:
        spec = load(valid + "environments: {local: {services: {web: {env: {V: 1.10}}}}}\n")
        assert web_of(spec).env == {"V": "1.10"}

    @pytest.mark.parametrize("text", ["true", "False", "yes", "no", "ON", "off", "y"])
    def test_are_no_booleans(self, text: str, service: Service, refusal: Refusal) -> None:
        error = refusal(service("image: x", "port: 1", f"env: {{A: {text}}}"))
        assert str(error).startswith(f"cygni.yaml:7:14: services.web.env.A: {text} is true or false to YAML")
        assert error.hint == f'put it in quotes: "{text}"'

    @pytest.mark.parametrize("text", ["'true'", '"yes"', "'1'", "''"])
    def test_are_anything_in_quotes(self, text: str, service: Service) -> None:
        spec = load(service("image: x", "port: 1", f"env: {{A: {text}}}"))
        assert web_of(spec).env == {"A": text[1:-1]}

    def test_are_not_nothing(self, service: Service, refusal: Refusal) -> None:
        error = refusal(service("image: x", "port: 1", "env: {A: }"))
        assert str(error) == "cygni.yaml:7:11: services.web.env.A: has no value"
        assert 'empty text is ""' in (error.hint or "")

    def test_are_not_lists(self, service: Service, refusal: Refusal) -> None:
        error = refusal(service("image: x", "port: 1", "env: {A: [1]}"))
        assert str(error) == "cygni.yaml:7:11: services.web.env.A: should be text, not a list"


class TestNothing:
    @pytest.mark.parametrize("key", ["network:", "buckets:", "environments:", "buckets: {a: }"])
    def test_is_an_empty_mapping_where_one_is_expected(self, valid: str, key: str) -> None:
        assert load(valid + key + "\n").project == "hello"

    @pytest.mark.parametrize("key", ["env:", "health_check:"])
    def test_is_an_empty_mapping_in_a_service(self, service: Service, key: str) -> None:
        assert web_of(load(service("image: x", "port: 1", key))).env == {}

    @pytest.mark.parametrize("key", ["build: ~", "build:"])
    def test_is_a_build_of_what_is_detected(self, service: Service, key: str) -> None:
        build = web_of(load(service("port: 1", key))).build
        assert build is not None
        assert build.context == "."

    @pytest.mark.parametrize("key", ["count:", "command:", "image: ~", "strategy: null"])
    def test_is_a_problem_anywhere_else(self, service: Service, refusal: Refusal, key: str) -> None:
        error = refusal(service("build: {tag: v1}", "port: 1", key))
        assert (error.details["line"], error.details["column"]) == (7, 5)
        assert [problem["message"] for problem in error.details["problems"]] == ["has no value"]

    def test_is_a_problem_in_a_list(self, service: Service, refusal: Refusal) -> None:
        error = refusal(service("image: x", "port: 1", "command: [a, ~]"))
        assert "services.web.command[1]: has no value" in str(error)


class TestProblems:
    def test_point_at_the_value_that_is_wrong(self, service: Service, refusal: Refusal) -> None:
        error = refusal(service("image: x", "port: eighty"))
        assert str(error) == 'cygni.yaml:6:11: services.web.port: should be a whole number, not "eighty"'

    def test_point_at_a_key_that_is_wrong(self, service: Service, refusal: Refusal) -> None:
        assert refusal(service("image: x", "prot: 8080")).details["column"] == 5

    def test_point_at_the_holder_of_what_is_missing(self, service: Service, refusal: Refusal) -> None:
        error = refusal(service("image: x"))
        assert str(error) == "cygni.yaml:4:3: services.web.port: is missing"

    @pytest.mark.parametrize(
        ("text", "why"), [("012", "octal"), ("1:30", "base of 60"), ("0x50", "not decimal"), ("1_0", "`_`")]
    )
    def test_explain_a_number_that_readers_disagree_on(
        self, service: Service, refusal: Refusal, text: str, why: str
    ) -> None:
        error = refusal(service("image: x", f"port: {text}"))
        assert str(error).endswith(f'should be a whole number, not "{text}"')
        assert why in (error.hint or "")
        assert "plain decimal digits" in (error.hint or "")

    def test_point_at_what_a_default_does_not_go_with(self, service: Service, refusal: Refusal) -> None:
        error = refusal(service("image: x", "port: 80", "cpu: 512"))
        assert str(error).startswith("cygni.yaml:7:10: services.web.memory: 512 MiB (the default)")

    def test_say_that_yes_is_not_true(self, valid: str, refusal: Refusal) -> None:
        error = refusal(valid + "buckets: {a: {versioning: yes}}\n")
        assert 'should be true or false, not "yes"' in str(error)

    def test_leave_out_the_consequences_of_a_refusal(self, service: Service, refusal: Refusal) -> None:
        error = refusal(service("image: !x nginx", "port: &p 80", "cpu: 512", "memory: *m"))
        assert [problem["path"] for problem in error.details["problems"]] == [
            "services.web.image",
            "services.web.port",
            "services.web.memory",
        ]

    def test_leave_out_the_consequences_in_every_environment(
        self, service: Service, refusal: Refusal
    ) -> None:
        text = service("image: !x nginx", "port: 80")
        error = refusal(text + "environments: {local: {services: {web: {count: 2}}}}\n")
        assert len(error.details["problems"]) == 1

    def test_come_in_the_order_of_the_file(self, refusal: Refusal) -> None:
        error = refusal("region: x\nproject: _\nnetwork: {zones: 9}\nfoo: 1\nbuckets: {A: }\n")
        assert [problem["line"] for problem in error.details["problems"]] == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize("key", ["environment", "enviroments"])
    def test_suggest_environments(self, valid: str, refusal: Refusal, key: str) -> None:
        assert str(refusal(valid + f"{key}: local\n")).endswith('unknown key; did you mean "environments"?')

    @pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
    def test_say_that_the_file_is_empty(self, text: str, refusal: Refusal) -> None:
        error = refusal(text)
        assert str(error) == "cygni.yaml:1:1: is empty"
        assert "project:" in (error.hint or "")

    @pytest.mark.parametrize("text", ["- a\n", "hello\n", "5\n"])
    def test_say_that_the_file_is_no_mapping(self, text: str, refusal: Refusal) -> None:
        assert str(refusal(text)).startswith("cygni.yaml:1:1: should be a mapping, not")

    def test_stop_looking_when_there_are_too_many(self, valid: str, refusal: Refusal) -> None:
        keys = "".join(f"key-{number}: 1\n" for number in range(500))
        error = refusal(valid + keys + "environments: {local: {region: x}}\n")
        assert str(error).endswith("and 480 more")
        assert len(error.details["problems"]) == 200
