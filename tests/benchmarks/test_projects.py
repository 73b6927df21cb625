from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.projects import BIGGEST, MOST_BUCKETS, MOST_WORKERS, project_of
from components.network import subnets_of
from cygni.spec import parse_spec
from stacks.inputs import DataInputs, FoundationInputs, ServicesInputs
from stacks.manifest import stack_inputs


def resources_of(text: str) -> int:
    """How many resources the stacks of a specification declare, counted from what the components make."""
    inputs = stack_inputs(parse_spec(text, "cygni.yaml", "local"))
    total = 0
    for one in inputs.values():
        match one:
            case FoundationInputs(cidr=cidr, zones=zones):
                public, private, isolated = subnets_of(cidr, zones)
                # VPC, gateway, endpoint, public table and route, isolated table, cluster and its capacity
                # providers; each subnet with its association, each private one with its table.
                total += 8 + 2 * len(public) + 3 * len(private) + 2 * len(isolated)
            case DataInputs(buckets=buckets):
                total += sum(6 if bucket.versioning else 5 for bucket in buckets)
            case ServicesInputs(services=services, buckets=buckets):
                total += sum(10 if buckets else 9 for _ in services)
    return total


class TestProjectOf:
    @pytest.mark.parametrize("size", [250, 1000])
    def test_has_exactly_as_many_resources_as_were_asked_for(self, size: int) -> None:
        project = project_of(size)
        assert project.resources == size
        assert resources_of(project.spec()) == size

    def test_has_six_more_than_25_because_no_mix_gives_that(self) -> None:
        assert project_of(25).resources == 31
        assert resources_of(project_of(25).spec()) == 31

    @settings(deadline=None, max_examples=40)
    @given(st.integers(60, BIGGEST))
    def test_is_exact_from_sixty_on(self, size: int) -> None:
        project = project_of(size)
        assert resources_of(project.spec()) == size
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
