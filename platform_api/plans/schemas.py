from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from cygni.billing.terms import Key, Terms
from cygni.pricing.exchange import CURRENCIES
from cygni.wording import did_you_mean
from platform_api.text import Name, printable


def _known(currency: str) -> str:
    if currency not in CURRENCIES:
        raise ValueError(f"{currency} is no currency of ISO 4217{did_you_mean(currency, sorted(CURRENCIES))}")
    return currency


Currency = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{3}$"), AfterValidator(_known), Field(examples=["EUR"])
]
"""As ISO 4217 writes it."""
PlanKey = Annotated[Key, Field(examples=["team"])]
Moment = Annotated[
    AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))
]
Description = Annotated[str, StringConstraints(max_length=1000), AfterValidator(printable)]


class PlanWrite(BaseModel):
    """All of a plan: what it says of `terms` holds from the next version on."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Description = ""
    currency: Currency
    terms: Terms = Terms()


class PlanCreate(PlanWrite):
    key: PlanKey


class PlanVersionPublic(BaseModel):
    version: int
    currency: str
    terms: Terms
    created_at: datetime


class PlanPublic(BaseModel):
    """With its newest version."""

    key: str
    name: str
    description: str
    archived_at: datetime | None
    created_at: datetime
    newest: PlanVersionPublic


class PlanWithVersions(PlanPublic):
    """With all its versions, the newest first."""

    versions: list[PlanVersionPublic]


class PlanList(BaseModel):
    items: list[PlanPublic]
