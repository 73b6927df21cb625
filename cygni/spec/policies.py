"""The `policies` of cygni.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from cygni.policies.catalogue import RULES
from cygni.policies.limits import INSTANCE_SIZES, LARGEST_INSTANCE, Limits
from cygni.policies.rule import Level
from cygni.pricing.exchange import DOLLARS, Exchange
from cygni.spec.section import Choice, Section
from cygni.spec.sizes import size_of
from cygni.wording import one_of

PolicyName = Annotated[str, Choice(tuple(RULES), f"the policies are {one_of(RULES)}")]
LevelName = Annotated[str, Choice(tuple(map(str, Level)), f"use {one_of(Level)}")]


class Policies(Section):
    """What every deploy must keep to. docs/policies.md tells of each policy."""

    levels: Annotated[Mapping[PolicyName, LevelName], Field(max_length=len(RULES))] = Field(
        default_factory=dict,
        description=(
            "How strict a policy is, by its name, where that shall differ from its own level: `mandatory` stops a "
            "deploy before anything changes, `advisory` only shows what it finds, `disabled` is silent. "
            "`cx policy list` shows the levels of an environment."
        ),
        examples=[{"bucket-versioning": "mandatory", "cache-snapshots": "disabled"}],
    )
    monthly_cost: Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)] | None = Field(
        default=None,
        description=(
            "What the fixed cost of the environment may reach a month, in `cost.currency`, at most (policy "
            "cost-ceiling). Without it there is no ceiling."
        ),
        examples=[250],
    )
    instance_size: Annotated[str, Choice(INSTANCE_SIZES, f"AWS has {one_of(INSTANCE_SIZES)}")] = Field(
        default=LARGEST_INSTANCE["preview"],
        description="The largest instance, node, database, cache or task there may be (policy instance-ceiling).",
        examples=["2xlarge"],
    )
    instance_count: int = Field(
        default=Limits().instance_count,
        ge=1,
        le=5000,
        description="How many of them one service or group may have at most (policy instance-ceiling).",
        examples=[50],
    )
    backup_days: int = Field(
        default=Limits().backup_days,
        ge=1,
        le=35,
        description="Days for which backups of a database are kept at least (policy backups).",
        examples=[14],
    )

    def limits(self, exchange: Exchange = DOLLARS) -> Limits:
        """What the policies measure against; `exchange` is that of `cost.currency`."""
        cost = None if self.monthly_cost is None else exchange.in_usd(Decimal(str(self.monthly_cost)))
        return Limits(cost, self.instance_size, self.instance_count, self.backup_days, exchange=exchange)

    def levels_in(self, environment: str) -> Mapping[str, Level]:
        """The level of every policy in an environment, by its name."""
        size = size_of(environment)
        own = {name: rule.levels.at(size) for name, rule in RULES.items()}
        return own | {name: Level(level) for name, level in self.levels.items()}
