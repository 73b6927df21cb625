from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from cygni.plan.document import plan_digest, plan_document
from cygni.plan.model import Plan, PlannedRelease, PropertyChange, Rollout
from cygni.plan.schema import plan_schema, published
from cygni.pricing.schema import COST_DIFF_SCHEMA
from cygni.resources import UNKNOWN
from tests.cygni.plan.conftest import BUCKET, NAT, UNPRICED, VPC, MakePlan

ROOT = Path(__file__).parents[3]
CHANGES = [
    PropertyChange("tags", {"a": "b"}, UNKNOWN),
    PropertyChange("list", None, [UNKNOWN, 1, 2.5, True, None]),
    PropertyChange("password", "[secret]", "[secret]", replaces=True),
]


@pytest.fixture
def plans(make_plan: MakePlan) -> list[Plan]:
    return [
        make_plan(),
        make_plan(
            creates=[(NAT, "a"), (UNPRICED, "x"), (VPC, "v")],
            updates=[(VPC, "b", CHANGES)],
            replaces=[(BUCKET, "c", CHANGES)],
            deletes=[(BUCKET, "d")],
            drifted=("b",),
            warnings=("old provider",),
        ),
        make_plan(deletes=[(BUCKET, "d")], destroy=True, target="local", environment="local"),
    ]


class TestPlanDocument:
    def test_is_as_its_schema_says(self, plans: list[Plan]) -> None:
        validator = Draft202012Validator(plan_schema(), format_checker=FormatChecker())
        for plan in plans:
            validator.validate(json.loads(json.dumps(plan_document(plan))))

    def test_tells_each_step(self, plans: list[Plan]) -> None:
        stack = plan_document(plans[1])["stacks"][1]
        assert [(step["change"], step["name"], step["loses_data"]) for step in stack["steps"]] == [
            ("create", "a", None),
            ("create", "x", None),
            ("create", "v", None),
            ("update", "b", None),
            ("replace", "c", "c"),
            ("delete", "d", "d"),
        ]
        assert plan_document(plans[1])["changes"] == {"create": 3, "update": 1, "replace": 1, "delete": 1}

    def test_tells_properties_without_secrets_and_what_is_not_known(self, plans: list[Plan]) -> None:
        after = "(known after apply)"
        assert plan_document(plans[1])["stacks"][1]["steps"][3]["properties"] == [
            {"path": "tags", "before": {"a": "b"}, "after": after, "forces_replacement": False},
            {
                "path": "list",
                "before": None,
                "after": [after, 1, 2.5, True, None],
                "forces_replacement": False,
            },
            {"path": "password", "before": "[secret]", "after": "[secret]", "forces_replacement": True},
        ]

    def test_tells_what_is_released(self, plans: list[Plan]) -> None:
        release = PlannedRelease("web", Rollout.VERSION, "canary", 2, 4)
        document = plan_document(replace(plans[1], releases=(release,), floor=12.5))
        Draft202012Validator(plan_schema()).validate(document)
        assert document["release_floor_seconds"] == 12.5
        assert document["releases"] == [
            {
                "service": "web",
                "rollout": "version",
                "strategy": "canary",
                "tasks_before": 2,
                "tasks_after": 4,
                "secrets": [],
            }
        ]

    def test_tells_money_as_text(self, plans: list[Plan]) -> None:
        assert plan_document(plans[1])["cost"]["delta"]["monthly"] == "32.85"

    def test_says_what_was_skipped(self, plans: list[Plan]) -> None:
        stack = plan_document(plans[0])["stacks"][0]
        assert (stack["name"], stack["status"], stack["unchanged"]) == ("foundation", "skipped", 3)


def objects(schema: Any, path: str = "plan") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of an object or a value in it, by its path, but for the cost, which has a schema of its own."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        if not (path == "plan" and name == "cost"):
            yield from objects(inner, f"{path}.{name}")
    if "items" in schema:
        yield from objects(schema["items"], f"{path}[]")


class TestPlanSchema:
    def test_is_a_schema(self) -> None:
        Draft202012Validator.check_schema(plan_schema())

    def test_is_published(self) -> None:
        assert (ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8") == published()

    def test_says_what_every_field_means(self) -> None:
        found = dict(objects(plan_schema()))
        assert "plan.stacks[].steps[].properties[].forces_replacement" in found
        assert [path for path, schema in found.items() if not schema.get("description")] == []

    def test_allows_no_field_it_does_not_name(self) -> None:
        closed = [path for path, schema in objects(plan_schema()) if schema.get("type") == "object"]
        finding, step = "plan.stacks[].findings[]", "plan.stacks[].steps[]"
        drift = "plan.stacks[].drift[]"
        within = ["plan.stacks[]", drift, f"{drift}.properties[]", finding, step, f"{step}.properties[]"]
        assert closed == [
            "plan",
            "plan.changes",
            *within,
            "plan.releases[]",
            "plan.temporary[]",
            "plan.findings[]",
        ]
        assert all(not dict(objects(plan_schema()))[path]["additionalProperties"] for path in closed)

    def test_has_the_cost_as_pricing_publishes_it(self) -> None:
        cost = plan_schema()["properties"]["cost"]
        assert {key: value for key, value in cost.items() if key != "description"} == COST_DIFF_SCHEMA

    @pytest.mark.parametrize("spoil", ["version", "stacks", "steps", "extra"])
    def test_refuses_another_document(self, make_plan: MakePlan, spoil: str) -> None:
        document = plan_document(make_plan(creates=[(NAT, "a")]))
        match spoil:
            case "version":
                document["version"] = 2
            case "stacks":
                del document["stacks"]
            case "steps":
                document["stacks"][1]["steps"][0]["change"] = "destroy"
            case _:
                document["more"] = 1
        assert not Draft202012Validator(plan_schema()).is_valid(document)


class TestDigest:
    def test_is_the_same_of_plans_that_do_the_same(self, make_plan: MakePlan) -> None:
        one = make_plan(creates=[(NAT, "a"), (VPC, "v")], updates=[(VPC, "b", CHANGES)])
        other = make_plan(creates=[(VPC, "v"), (NAT, "a")], updates=[(VPC, "b", CHANGES)], warnings=("old",))
        assert plan_digest(one) == plan_digest(other)

    def test_tells_plans_apart(self, plans: list[Plan], make_plan: MakePlan) -> None:
        version = PlannedRelease("web", Rollout.VERSION, "canary", 2, 4)
        different = [
            *plans,
            make_plan(updates=[(VPC, "b", CHANGES)]),
            make_plan(updates=[(VPC, "b", CHANGES[:1])]),
            make_plan(updates=[(BUCKET, "b", CHANGES)]),
            make_plan(deletes=[(VPC, "b")]),
            make_plan(drifted=("b",)),
            make_plan(project="other"),
            replace(make_plan(), account="123456789012"),
            replace(make_plan(), releases=(version,)),
            replace(make_plan(), releases=(replace(version, after=5),)),
        ]
        assert len({plan_digest(one) for one in different}) == len(different)
