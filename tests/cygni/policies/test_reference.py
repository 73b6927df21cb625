from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from cygni.policies.catalogue import RULES
from cygni.policies.reference import describe
from cygni.policies.rule import Level, Rule
from cygni.spec import parse_spec
from cygni.spec.schema import json_schema
from policies.configuration import CONFIGURABLE

PAGE = describe()


def example(language: str) -> str:
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


class TestPage:
    def test_has_an_example_of_cygni_yaml_that_is_right(self) -> None:
        spec = parse_spec(f"project: shop\nregion: us-east-1\n{example('yaml')}", "cygni.yaml", "production")
        assert (spec.policies.monthly_cost, spec.policies.backup_days) == (900, 14)
        assert spec.policies.levels_in("production")["bucket-versioning"] is Level.MANDATORY

    def test_has_an_example_of_the_packs_configuration_that_is_right(self) -> None:
        for name, given in json.loads(example("json")).items():
            assert name in {*RULES, "all"}
            level = given if isinstance(given, str) else given.pop("enforcementLevel", "advisory")
            assert level in {*Level, "remediate"}
            if isinstance(given, dict):
                schema = {"properties": CONFIGURABLE[name], "additionalProperties": False}
                Draft202012Validator(schema).validate(given)

    @pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
    def test_tells_of_each_policy(self, rule: Rule) -> None:
        assert f"### {rule.name}\n\n{rule.checks}\n\n**Why:** {rule.why}\n\n**Fix:** {rule.fix}" in PAGE


def keys(schema: dict[str, Any], path: str) -> dict[str, Any]:
    """What the schema of cygni.yaml says at a path in which NAME stands for any name."""
    field: dict[str, Any] = schema
    for part in path.split("."):
        if "$ref" in field:
            field = schema["$defs"][field["$ref"].rsplit("/", 1)[-1]]
        field = field["additionalProperties"] if part == "NAME" else field["properties"][part]
    return field


class TestSettings:
    @pytest.mark.parametrize(
        "rule", [one for one in RULES.values() if one.setting], ids=lambda rule: rule.name
    )
    def test_are_keys_of_cygni_yaml(self, rule: Rule) -> None:
        for path in rule.setting.split(", "):
            assert keys(json_schema(), path)["description"]
