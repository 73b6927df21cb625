"""The reference of components says what the programs really make."""

from __future__ import annotations

import json
import re

import pytest

from components.bucket import Bucket
from components.job import Job
from components.reference import components, describe, made_by
from cygni.local_cloud.provider import handlers
from cygni.naming import Part, stack_name
from cygni.resources import is_cloud
from cygni.spec import ProjectSpec, parse_spec
from stacks.manifest import stack_inputs
from stacks.program import program_for
from tests.every_section import EVERYTHING
from tests.pulumi_mocks import Made, Registered, run_program


@pytest.fixture(scope="module")
def made() -> list[Registered]:
    """All that the programs make of a project with something in every section."""
    spec: ProjectSpec = parse_spec(json.dumps(EVERYTHING), "cygni.yaml", "staging")
    stacks: dict[str, Made] = {}
    for part, inputs in stack_inputs(spec).items():
        name = stack_name(spec.project, spec.environment, Part(part))
        outputs = {one: stack.outputs for one, stack in stacks.items()}
        stacks[name] = run_program(program_for(name, inputs, {}), name, references=outputs)
    return [one for stack in stacks.values() for one in stack.resources]


class TestMadeBy:
    def test_knows_all_that_a_program_makes(self, made: list[Registered]) -> None:
        told = {one.token: set(made_by(one)) for one in components()}
        for one in made:
            if is_cloud(one.type):
                component = one.parent.split("::")[-2].split("$")[-1]
                assert one.type in told[component], f"{component} makes {one.urn}"

    def test_knows_what_only_some_arguments_ask_for(self) -> None:
        assert "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration" in made_by(Bucket)

    def test_names_nothing_that_somebody_else_makes(self) -> None:
        assert "aws:ecs/service:Service" not in made_by(Job)
        assert not any(token.startswith("aws:ecs") for token in made_by(Bucket))

    def test_names_types_that_the_local_cloud_serves(self) -> None:
        made = {token for one in components() for token in made_by(one)}
        assert made <= set(handlers.tokens())
        assert len(made) > 60


class TestPage:
    def test_has_every_component_with_its_arguments(self) -> None:
        page = describe()
        for one in components():
            assert f"`{one.token}` in `{one.__module__}`" in page
        assert "| `bindings` | `Sequence[Binding]` | `()` |" in page
        assert "### TaskArgs" in page

    def test_tells_what_each_makes_and_what_it_costs(self) -> None:
        section = describe().split("## Registry\n")[1].split("\n## ")[0]
        assert "| `aws:ecr/repository:Repository` | by use |" in section
        assert "| `aws:ecr/lifecyclePolicy:LifecyclePolicy` | free |" in section

    def test_has_nothing_without_words(self) -> None:
        assert not re.findall(r"^(\*\*\w+\.\*\*|In `[\w.]+`\.)$", describe(), re.MULTILINE)
