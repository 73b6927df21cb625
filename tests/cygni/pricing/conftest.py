from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cygni.pricing import PriceBook, ResourceCost, Usage, estimate
from cygni.resources import Resource

Make = Callable[..., Resource]


@pytest.fixture(scope="session")
def book() -> PriceBook:
    return PriceBook.load()


@pytest.fixture
def make() -> Make:
    """Makes a resource of a type token, with inputs."""

    def made(
        type_token: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        name: str = "it",
        region: str = "us-east-1",
        references: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Resource:
        urn = f"urn:pulumi:dev::shop::{type_token}::{name}"
        return Resource(urn, type_token, name, inputs or {}, region, references or {})

    return made


@pytest.fixture
def cost_of(book: PriceBook) -> Callable[..., ResourceCost]:
    """The cost of the first resource given, among all of them."""

    def cost(subject: Resource, *others: Resource, usage: Usage | None = None) -> ResourceCost:
        found = estimate([subject, *others], book, usage)
        return next(each for each in found.resources if each.urn == subject.urn)

    return cost
