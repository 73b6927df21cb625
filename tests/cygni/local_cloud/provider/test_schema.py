"""The facts about types agree with the pulumi-aws that programs use."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pulumi import _types

from cygni.local_cloud.provider import handlers, schema
from cygni.local_cloud.provider.handlers import elbv2_shapes
from cygni.local_cloud.provider.schema import Property


def sdk(token: str) -> Any:
    """The SDK's class of a type. Importing a module of the SDK warns of what is deprecated in it."""
    _, module, name = token.split(":")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return getattr(importlib.import_module(f"pulumi_aws.{module.split('/')[0]}"), name)


def sdk_arguments(token: str) -> Any:
    """The class of a resource's arguments; it has another name where a nested type has taken the first one."""
    cls = sdk(token)
    module = importlib.import_module(cls.__module__)
    return getattr(module, f"{cls.__name__}InitArgs", None) or getattr(module, f"{cls.__name__}Args")


def nested(properties: dict[str, Property], path: str = "") -> Iterator[tuple[str, Property]]:
    for name, prop in properties.items():
        yield path + name, prop
        yield from nested(dict(prop.nested), f"{path}{name}.")


@pytest.mark.parametrize("token", handlers.tokens())
class TestServedType:
    def test_has_the_inputs_of_the_sdk(self, token: str) -> None:
        arguments = sdk_arguments(token)
        kind = schema.find(token)
        assert kind is not None

        expected = set(_types.input_type_py_to_pulumi_names(arguments).values())

        assert {name for name, prop in kind.properties.items() if prop.input} == expected

    def test_has_the_outputs_of_the_sdk(self, token: str) -> None:
        cls = sdk(token)
        kind = schema.find(token)
        assert kind is not None

        expected = set(_types.resource_types(cls))

        assert expected <= set(kind.properties)

    def test_names_only_properties_it_has(self, token: str) -> None:
        kind = schema.find(token)
        assert kind is not None
        for _, prop in nested(dict(kind.properties)):
            assert prop.item in ("", "string", "number", "object")
            if prop.nested:
                assert "object" in (prop.item, prop.type)
        for prop in kind.properties.values():
            others = {*prop.conflicts_with, *prop.requires, *prop.exactly_one_of, *prop.at_least_one_of}
            assert others <= set(kind.properties)
        if kind.auto_name:
            assert kind.properties[kind.auto_name.property].input


class TestFind:
    @pytest.mark.parametrize(
        ("token", "canonical"),
        [
            ("aws:s3/bucketV2:BucketV2", "aws:s3/bucket:Bucket"),
            ("aws:elasticloadbalancingv2/listener:Listener", "aws:lb/listener:Listener"),
            ("aws:alb/targetGroup:TargetGroup", "aws:lb/targetGroup:TargetGroup"),
        ],
    )
    def test_knows_other_spellings(self, token: str, canonical: str) -> None:
        kind = schema.find(token)

        assert kind is not None
        assert kind.token == canonical

    @pytest.mark.parametrize(
        "token", ["aws:made/up:Up", "gcp:ec2/vpc:Vpc", "aws:../x:X", "aws:ec2/vpc:Other", "vpc"]
    )
    def test_knows_nothing_of_other_tokens(self, token: str) -> None:
        assert schema.find(token) is None


class TestHandlers:
    def test_serve_every_type_there_are_facts_for(self) -> None:
        assert set(handlers.tokens()) == set(schema.served())

    @pytest.mark.parametrize("token", handlers.tokens())
    def test_are_found_by_the_name_of_the_type(self, token: str) -> None:
        assert handlers.handler(token).token == token

    def test_facts_travel_with_the_package(self) -> None:
        assert list(Path(schema.__file__).parent.glob("*.json"))

    @pytest.mark.parametrize(
        ("token", "keys"),
        [
            ("aws:lb/loadBalancer:LoadBalancer", elbv2_shapes.LOAD_BALANCER),
            ("aws:lb/targetGroup:TargetGroup", elbv2_shapes.TARGET_GROUP),
            ("aws:lb/listener:Listener", elbv2_shapes.LISTENER),
        ],
    )
    def test_have_attributes_only_for_properties_there_are(self, token: str, keys: elbv2_shapes.Keys) -> None:
        kind = schema.find(token)
        assert kind is not None

        assert set(keys) <= set(kind.properties)

    def test_have_every_attribute_of_a_listener(self) -> None:
        kind = schema.find("aws:lb/listener:Listener")
        assert kind is not None

        routed = {name for name in kind.properties if name.startswith("routingHttp")}
        assert routed <= set(elbv2_shapes.LISTENER)
