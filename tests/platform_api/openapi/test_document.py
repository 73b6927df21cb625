"""The OpenAPI document: what it says of each operation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from platform_api.application import create_app
from platform_api.openapi.document import TAGS, operations
from platform_api.openapi.examples import example_of
from platform_api.problems import MEDIA_TYPE
from tests.platform_api.server_key import KEY

DOCUMENT = create_app("postgres://nowhere/none", KEY).openapi()
OPERATIONS = [pytest.param(one, id=one["operationId"]) for _, _, one in operations(DOCUMENT)]


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each body of an operation: what is sent, and what comes with each status."""
    for place, said in (("request", operation.get("requestBody", {})), *operation["responses"].items()):
        for kind, content in said.get("content", {}).items():
            if kind.endswith("json"):
                yield place, content


def wrong_in(value: Any, schema: dict[str, Any]) -> list[str]:
    whole = {**schema, "components": DOCUMENT["components"]}
    checker = Draft202012Validator.FORMAT_CHECKER
    found = Draft202012Validator(whole, format_checker=checker).iter_errors(value)
    return [error.message for error in found]


@pytest.mark.parametrize("operation", OPERATIONS)
class TestEachOperation:
    def test_has_examples_that_fit_its_own_schemas(self, operation: dict[str, Any]) -> None:
        for place, content in contents(operation):
            assert wrong_in(content["example"], content["schema"]) == [], place
        for parameter in operation.get("parameters", ()):
            if parameter["required"]:
                assert wrong_in(parameter["example"], parameter["schema"]) == [], parameter["name"]

    def test_shows_a_problem_for_each_status_that_is_no_success(self, operation: dict[str, Any]) -> None:
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                example = response["content"][MEDIA_TYPE]["example"]
                assert (example["status"], bool(example["code"])) == (int(status), True)

    def test_has_one_tag_that_is_explained(self, operation: dict[str, Any]) -> None:
        [tag] = operation["tags"]
        assert tag in TAGS

    def test_is_named_by_its_function(self, operation: dict[str, Any]) -> None:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", operation["operationId"])


def test_names_of_operations_are_unique() -> None:
    names = [one["operationId"] for _, _, one in operations(DOCUMENT)]
    assert len(names) == len(set(names))


class TestExamples:
    def test_are_a_fields_own_where_it_has_one(self) -> None:
        schema = {"type": "object", "properties": {"slug": {"type": "string", "examples": ["mine"]}}}
        assert example_of(schema, {}) == {"slug": "mine"}

    def test_go_by_the_name_only_where_that_fits(self) -> None:
        assert example_of({"type": "string"}, {}, "role") == "developer"
        assert example_of({"enum": ["red", "blue"]}, {}, "role") == "red"

    def test_are_something_rather_than_nothing(self) -> None:
        assert example_of({"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 7}]}, {}) == 7
