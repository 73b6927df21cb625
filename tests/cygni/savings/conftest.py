"""What is deployed, and what CloudWatch has of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cygni.engine_documents.stored import Identity
from cygni.pricing import PriceBook
from cygni.pricing.usage_metrics import Points
from cygni.pricing.usage_rules import Measured, UsageFile, UsageRules
from cygni.resources import Resource
from cygni.savings.catalogue import RULES
from cygni.savings.evidence import Evidence
from cygni.savings.finding import Finding, find_savings
from cygni.savings.rule import Situation

START = datetime(2026, 11, 8, tzinfo=UTC)
Find = Callable[..., list[Finding]]


def resource(
    token: str,
    name: str,
    inputs: Mapping[str, Any] | None = None,
    *,
    component: str = "cygni:made:Up$",
    references: Mapping[str, tuple[str, ...]] | None = None,
) -> Resource:
    """One of Cygni's own components, unless `component` says otherwise."""
    urn = f"urn:pulumi:shop.staging.services::cygni::{component}{token}::{name}"
    return Resource(urn, token, name, inputs or {}, "us-east-1", references or {})


def daily(value: float, days: int = 14) -> Points:
    return [(START + timedelta(days=day), value) for day in range(days)]


def hourly(value: float, hours: int = 336, peaks: Iterable[float] = ()) -> Points:
    """So many hours, the first of them with the peaks instead."""
    values = [*peaks, *[value] * hours][:hours]
    return [(START + timedelta(hours=hour), one) for hour, one in enumerate(values)]


@pytest.fixture(scope="session")
def book() -> PriceBook:
    return PriceBook.load()


@pytest.fixture
def find(book: PriceBook) -> Find:
    """What one rule finds."""

    def found(
        rule: str,
        *resources: Resource,
        series: Mapping[tuple[str, str], Points] | None = None,
        unattached: Iterable[Resource] = (),
        environment: str = "staging",
        logs: Mapping[str, Any] | None = None,
    ) -> list[Finding]:
        situation = Situation(
            "shop",
            environment,
            resources,
            {one.urn: Identity(f"id-of-{one.name}", one.name, "") for one in resources},
            Evidence(series or {}),
            frozenset(one.urn for one in unattached),
        )
        usage = UsageRules(UsageFile(measured=Measured(START.date(), 14, logs or {})))
        return list(find_savings(situation, [one for one in RULES if one.name == rule], book, usage))

    return found
