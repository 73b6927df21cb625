from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import Architecture, Kubernetes, NodeGroup
from cygni.spec.kubernetes import architecture_of
from tests.factories import create_spec

NAT = {"nat": "single"}


def cluster(environment: str = "local", *, network: Any = NAT, **given: Any) -> Kubernetes:
    written = {"version": "1.35", "node_groups": {"general": None}, **given}
    found = create_spec(environment, network=network, kubernetes=written).kubernetes
    assert found is not None
    return found


def group(environment: str = "local", **given: Any) -> NodeGroup:
    return cluster(environment, node_groups={"general": given}).node_groups["general"]


def refused(environment: str = "local", **given: Any) -> str:
    with pytest.raises(SpecError) as caught:
        cluster(environment, **given)
    return f"{caught.value.message} {caught.value.hint}"


class TestKubernetes:
    @pytest.mark.parametrize("environment", ["local", "staging", "production"])
    def test_is_there_only_where_it_is_written(self, environment: str) -> None:
        assert create_spec(environment).kubernetes is None

    def test_is_closed_to_everybody_unless_written(self) -> None:
        found = cluster()
        assert (str(found.endpoint), found.public_from, found.admins) == ("private", (), ())

    def test_can_be_left_to_the_environments_with_a_nat_gateway(self) -> None:
        written = {"version": "1.35", "node_groups": {"general": None}}
        spec = create_spec("staging", network=None, environments={"staging": {"kubernetes": written}})
        assert spec.kubernetes is not None

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"network": {"nat": "none"}}, "needs a NAT gateway"),
            ({"network": None}, "write `network: {nat: single}`"),
            ({"version": "1.20"}, '"1.20" is not one of the choices'),
            ({"version": 1.35}, "should be text"),
            ({"node_groups": {}}, "is empty"),
            ({"node_groups": {"a": {"min": 0}, "b": {"min": 0}}}, "has no node after a deploy"),
            ({"endpoint": "public"}, "needs `public_from`"),
            ({"public_from": ["192.0.2.0/24"]}, "has no effect on a private endpoint"),
            ({"endpoint": "public", "public_from": ["192.0.2.1/24"]}, "is not an IPv4 range"),
            ({"endpoint": "public", "public_from": ["everywhere"]}, "is not allowed"),
            ({"admins": ["developers"]}, "the ARN of an IAM role or user"),
            ({"logs": ["audits"]}, 'did you mean "audit"?'),
            ({"logs": ["audit", "audit"]}, "is there already"),
            ({"admin": []}, "unknown key"),
        ],
    )
    def test_says_what_is_wrong(self, given: dict[str, Any], message: str) -> None:
        assert message in refused(**given)


class TestNodeGroup:
    @pytest.mark.parametrize(
        ("environment", "types", "sizes"),
        [
            ("local", ("t4g.medium",), (1, 1, 3)),
            ("staging", ("t4g.medium",), (2, 2, 4)),
            ("production", ("m7g.large",), (3, 3, 6)),
        ],
    )
    def test_is_as_large_as_its_environment(
        self, environment: str, types: tuple[str, ...], sizes: tuple[int, int, int]
    ) -> None:
        found = group(environment)
        assert found.types == types
        assert (found.min, found.size, found.most) == sizes

    def test_of_the_other_processor_has_instances_of_it_in_every_environment(self) -> None:
        for environment in ("local", "production"):
            assert group(environment, architecture="x86_64").types == ("t3.medium",)

    @pytest.mark.parametrize("given", [{"max": 1}, {"desired": 1}, {"max": 2, "desired": 2}])
    def test_that_is_written_small_stays_small_in_production(self, given: dict[str, int]) -> None:
        found = group("production", **given)
        assert found.min == 1
        assert found.size <= 2

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"min": 4, "max": 2}, "2 is below `min`, 4"),
            ({"min": 2, "desired": 1}, "1 is below `min`, 2"),
            ({"desired": 5, "max": 4}, "4 is below `desired`, 5"),
            ({"instance_types": []}, "is empty"),
            ({"instance_types": ["medium"]}, "an EC2 instance type"),
            ({"instance_types": ["m7i.large"]}, "is x86_64, and the nodes are arm64"),
            (
                {"instance_types": ["m7g.large"], "architecture": "x86_64"},
                "is arm64, and the nodes are x86_64",
            ),
            ({"disk": 10}, "10 is too small"),
            ({"max": 0}, "0 is too small"),
        ],
    )
    def test_says_what_is_wrong(self, given: dict[str, Any], message: str) -> None:
        assert message in refused(node_groups={"general": given})


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("t4g.medium", Architecture.ARM64),
        ("c7gn.large", Architecture.ARM64),
        ("im4gn.large", Architecture.ARM64),
        ("a1.medium", Architecture.ARM64),
        ("g5g.xlarge", Architecture.ARM64),
        ("t3.medium", Architecture.X86_64),
        ("g4dn.xlarge", Architecture.X86_64),
        ("m7i-flex.large", Architecture.X86_64),
    ],
)
def test_tells_the_processor_of_an_instance_type(kind: str, expected: Architecture) -> None:
    assert architecture_of(kind) is expected
