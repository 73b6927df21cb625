from __future__ import annotations

from typing import Any

from cygni.resources import Resource
from stacks.state import StackState
from stacks.state_resources import outputs_in, resources_in

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}
NAT = "aws:ec2/natGateway:NatGateway"


def stored(resource_type: str, name: str, **more: Any) -> dict[str, Any]:
    return {"urn": f"urn:pulumi:s::p::{resource_type}::{name}", "type": resource_type, "custom": True, **more}


def state(*resources: dict[str, Any]) -> StackState:
    return StackState({"resources": list(resources)}, "fingerprint")


class TestResources:
    def test_are_those_in_the_cloud_with_their_inputs(self) -> None:
        subnet = "urn:pulumi:s::p::aws:ec2/subnet:Subnet::a"
        nat = stored(
            NAT, "a", inputs={"subnetId": "s-1"}, propertyDependencies={"subnetId": [subnet], "b": []}
        )
        own = [stored("pulumi:pulumi:Stack", "s"), stored("cygni:network:Network", "n")]
        assert resources_in(state(*own, nat), "eu-west-1") == (
            Resource(nat["urn"], NAT, "a", {"subnetId": "s-1"}, "eu-west-1", {"subnetId": (subnet,)}),
        )

    def test_may_have_a_region_of_their_own(self) -> None:
        [found] = resources_in(state(stored(NAT, "a", inputs={"region": "us-west-2"})), "eu-west-1")
        assert found.region == "us-west-2"

    def test_leave_out_what_is_only_read(self) -> None:
        assert resources_in(state(stored(NAT, "a", external=True)), "eu-west-1") == ()

    def test_name_what_was_replaced_before_its_successor(self) -> None:
        pair = [stored(NAT, "a", inputs={"n": 2}), stored(NAT, "a", inputs={"n": 1}, delete=True)]
        assert [one.inputs["n"] for one in resources_in(state(*pair), "eu-west-1")] == [1, 2]

    def test_hold_no_secret(self) -> None:
        [found] = resources_in(
            state(stored(NAT, "a", inputs={"a": [{"b": SECRET}], "c": SECRET})), "eu-west-1"
        )
        assert found.inputs == {"a": [{"b": "[secret]"}], "c": "[secret]"}

    def test_may_lack_everything_optional(self) -> None:
        [found] = resources_in(state(stored(NAT, "a", inputs=None, propertyDependencies=None)), "eu-west-1")
        assert (found.inputs, found.references) == ({}, {})

    def test_of_no_stack_are_none(self) -> None:
        assert resources_in(StackState(None, ""), "eu-west-1") == ()


class TestOutputs:
    def test_are_those_of_the_stack_itself(self) -> None:
        own = stored("pulumi:pulumi:Stack", "s", outputs={"urls": {"web": "http://a"}, "key": SECRET})
        other = stored(NAT, "a", outputs={"id": "nat-1"})
        assert outputs_in(state(other, own)) == {"urls": {"web": "http://a"}, "key": "[secret]"}

    def test_are_none_before_the_first_deploy_ended(self) -> None:
        assert outputs_in(state(stored("pulumi:pulumi:Stack", "s"))) == {}
        assert outputs_in(StackState(None, "")) == {}
