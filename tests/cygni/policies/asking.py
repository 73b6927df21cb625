"""Asking one policy about made-up resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cygni.policies.catalogue import RULES
from cygni.policies.judging import violations
from cygni.policies.limits import Limits
from cygni.policies.rule import Scene
from cygni.pricing import PriceBook, estimate
from cygni.pricing.resource_set import ResourceSet
from cygni.resources import Resource


def resource(
    token: str, name: str = "it", /, references: Mapping[str, tuple[str, ...]] | None = None, **inputs: Any
) -> Resource:
    """A resource of a type token without its prefix: `s3/bucket:Bucket`."""
    urn = f"urn:pulumi:dev::shop::aws:{token}::{name}"
    return Resource(urn, f"aws:{token}", name, inputs, "us-east-1", references or {})


def scene(resources: Sequence[Resource], limits: Limits | None = None) -> Scene:
    return Scene(ResourceSet(resources), limits or Limits(), estimate(resources, PriceBook.load()))


def problems(rule: str, *resources: Resource, limits: Limits | None = None) -> list[str]:
    """What one rule says of these resources together."""
    return [found.problem for found in violations(RULES[rule], scene(resources, limits))]
