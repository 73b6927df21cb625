from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.projects import BIGGEST, MOST_BUCKETS, MOST_WORKERS, project_of
from cygni.naming import stack_name
from cygni.resources import is_cloud
from cygni.spec import parse_spec
from stacks.manifest import stack_inputs
from stacks.program import program_for
from tests.pulumi_mocks import run_program


def resources_of(text: str) -> int:
    """How many resources of the cloud the stacks' own programs declare."""
    spec = parse_spec(text, "cygni.yaml", "local")
    outputs: dict[str, dict[str, Any]] = {}
    total = 0
    for part, inputs in stack_inputs(spec).items():
        stack = stack_name(spec.project, spec.environment, part)
        made = run_program(program_for(stack, inputs, {}), stack, references=outputs)
        outputs[stack] = made.outputs
        total += sum(1 for one in made.resources if one.custom and is_cloud(one.type))
    return total


class TestProjectOf:
    @pytest.mark.parametrize("size", [100, 250])
    def test_has_exactly_as_many_resources_as_were_asked_for(self, size: int) -> None:
        project = project_of(size)
        assert project.resources == size
        assert resources_of(project.spec()) == size

    def test_has_five_more_than_25_because_no_mix_gives_that(self) -> None:
        assert project_of(25).resources == 30
        assert resources_of(project_of(25).spec()) == 30

    @settings(max_examples=3)
    @given(st.integers(60, 160))
    def test_is_exact_from_sixty_on(self, size: int) -> None:
        assert resources_of(project_of(size).spec()) == size

    @given(st.integers(60, BIGGEST))
    def test_keeps_to_the_limits_of_a_project(self, size: int) -> None:
        project = project_of(size)
        assert project.workers <= MOST_WORKERS
        assert len(project.bucket_names) <= MOST_BUCKETS

    def test_refuses_what_the_limits_of_a_project_do_not_allow(self) -> None:
        with pytest.raises(ValueError, match=f"1 to {BIGGEST}"):
            project_of(BIGGEST + 1)


class TestSpec:
    def test_changes_the_first_worker_alone(self) -> None:
        project = project_of(250)
        before = parse_spec(project.spec(), "cygni.yaml", "local").services
        after = parse_spec(project.spec(memory=1024), "cygni.yaml", "local").services
        assert [name for name in before if before[name] != after[name]] == ["w00"]
