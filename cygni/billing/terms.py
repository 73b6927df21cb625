"""A version of a plan as JSON, and back: amounts and quantities are decimal strings (pure).

{"charges": [{"kind": "fee", "key": "base", "name": "Base fee", "amount": "20"},
             {"kind": "usage", "key": "processors", "name": "Processors", "meter": "vcpu_hours", "included": "100",
              "price": {"model": "graduated", "tiers": [{"up_to": "1000", "unit_price": "0.05"},
                                                        {"unit_price": "0.04"}]}}],
 "minimum": "25", "trial_days": 14, "grace_seconds": 86400, "limits": {"projects": 10}}
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
)

from cygni.billing.entitlements import Limit
from cygni.billing.meters import KEY
from cygni.billing.plans import DEFAULT_GRACE, MINIMUM, Charge, FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import Graduated, Package, PerUnit, Price, Tier, Volume

MOST_CHARGES: Final = 100
MOST_TIERS: Final = 100
_MOST: Final = Decimal(10) ** 15
_PLACES: Final = 12
_DAY: Final = 86_400


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("it holds characters that cannot be printed")
    return value


_WRITTEN = PlainSerializer(lambda value: f"{value:f}", return_type=str, when_used="json")
Amount = Annotated[Decimal, Field(ge=0, le=_MOST, decimal_places=_PLACES), _WRITTEN]
AboveZero = Annotated[Decimal, Field(gt=0, le=_MOST, decimal_places=_PLACES), _WRITTEN]
Key = Annotated[str, StringConstraints(pattern=f"^{KEY.pattern}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_printable)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PerUnitTerms(_Part):
    """Each unit costs the same."""

    model: Literal["per_unit"]
    unit_price: Amount

    def as_price(self) -> Price:
        return PerUnit(self.unit_price)


class TierTerms(_Part):
    """Up to and with `up_to` units (null: all that follow) each costs `unit_price`, and the tier `fee` once."""

    up_to: AboveZero | None = None
    unit_price: Amount
    fee: Amount = Decimal(0)


def _growing(tiers: Sequence[TierTerms]) -> Sequence[TierTerms]:
    """Raises ValueError for tiers that do not grow, or that end."""
    Volume(_tiers(tiers))
    return tiers


def _tiers(tiers: Sequence[TierTerms]) -> tuple[Tier, ...]:
    return tuple(Tier(one.up_to, one.unit_price, one.fee) for one in tiers)


Tiers = Annotated[tuple[TierTerms, ...], Field(min_length=1, max_length=MOST_TIERS), AfterValidator(_growing)]


class GraduatedTerms(_Part):
    """Each unit costs what the tier says that it falls into."""

    model: Literal["graduated"]
    tiers: Tiers

    def as_price(self) -> Price:
        return Graduated(_tiers(self.tiers))


class VolumeTerms(_Part):
    """All units cost what the tier says that the whole quantity falls into."""

    model: Literal["volume"]
    tiers: Tiers

    def as_price(self) -> Price:
        return Volume(_tiers(self.tiers))


class PackageTerms(_Part):
    """Every `size` units that were begun cost `price`."""

    model: Literal["package"]
    size: AboveZero
    price: Amount

    def as_price(self) -> Price:
        return Package(self.size, self.price)


PriceTerms = Annotated[
    PerUnitTerms | GraduatedTerms | VolumeTerms | PackageTerms, Field(discriminator="model")
]


class FeeTerms(_Part):
    """`amount` for each period, whatever is used."""

    kind: Literal["fee"]
    key: Key
    name: Title
    amount: Amount

    def as_charge(self) -> Charge:
        return FlatFee(self.key, self.name, self.amount)


class UsageTerms(_Part):
    """What is used of `meter`, beyond `included` units, at `price`; `minimum` at least."""

    kind: Literal["usage"]
    key: Key
    name: Title
    meter: Key
    price: PriceTerms
    included: Amount = Decimal(0)
    minimum: Amount = Decimal(0)

    def as_charge(self) -> Charge:
        return UsageCharge(
            self.key, self.name, self.meter, self.price.as_price(), self.included, self.minimum
        )


ChargeTerms = Annotated[FeeTerms | UsageTerms, Field(discriminator="kind")]


def _some_requests(limits: dict[Limit, int]) -> dict[Limit, int]:
    if limits.get(Limit.REQUESTS_PER_MINUTE) == 0:
        raise ValueError("requests_per_minute is 1 at least: nobody could see what they pay for")
    return limits


Limits = Annotated[dict[Limit, Annotated[int, Field(ge=0, le=10**9)]], AfterValidator(_some_requests)]


def _each_once(charges: Sequence[FeeTerms | UsageTerms]) -> Sequence[FeeTerms | UsageTerms]:
    keys = [charge.key for charge in charges]
    if MINIMUM in keys:
        raise ValueError(f"the key {MINIMUM!r} is that of the line that fills up to the plan's minimum")
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise ValueError(f"two charges have the key {twice!r}")
    return charges


class Terms(_Part):
    """What a version of a plan charges for, and what it allows; amounts are for a whole period.

    `minimum` is what a period costs at least, `grace_seconds` how long an invoice waits for late usage, `limits` what
    an organization may have at once.
    """

    charges: Annotated[
        tuple[ChargeTerms, ...], Field(max_length=MOST_CHARGES), AfterValidator(_each_once)
    ] = ()
    minimum: Amount = Decimal(0)
    trial_days: Annotated[int, Field(ge=0, le=730)] = 0
    grace_seconds: Annotated[int, Field(ge=0, le=35 * _DAY)] = DEFAULT_GRACE // timedelta(seconds=1)
    limits: Limits = Field(default_factory=dict)

    def plan(self, key: str, version: int, currency: str) -> PlanVersion:
        """The version of the plan. Raises ValueError for a key that is none."""
        return PlanVersion(
            key, version, currency,
            tuple(one.as_charge() for one in self.charges),
            self.minimum,
            self.trial_days,
            timedelta(seconds=self.grace_seconds),
            {limit.value: value for limit, value in self.limits.items()},
        )  # fmt: skip


def plan_of(key: str, version: int, currency: str, document: dict[str, Any]) -> PlanVersion:
    """The version of the plan whose terms are `document`. Raises pydantic.ValidationError, which names the field."""
    return Terms.model_validate(document).plan(key, version, currency)


def terms_of(plan: PlanVersion) -> Terms:
    """What `Terms.plan` makes the plan of. Raises pydantic.ValidationError for figures that terms have no room for:
    more than 12 decimal places, or 10^15 and more."""
    return Terms.model_validate(
        {
            "charges": [_charge(one) for one in plan.charges],
            "minimum": plan.minimum,
            "trial_days": plan.trial_days,
            "grace_seconds": plan.grace // timedelta(seconds=1),
            "limits": dict(plan.limits),
        }
    )


def document_of(terms: Terms) -> dict[str, Any]:
    """As JSON has it."""
    return terms.model_dump(mode="json")


def _charge(charge: Charge) -> dict[str, Any]:
    named = {"key": charge.key, "name": charge.name}
    match charge:
        case FlatFee():
            return {"kind": "fee", **named, "amount": charge.amount}
        case UsageCharge():
            used = {"meter": charge.meter, "included": charge.included, "minimum": charge.minimum}
            return {"kind": "usage", **named, **used, "price": _price(charge.price)}


def _price(price: Price) -> dict[str, Any]:
    match price:
        case PerUnit():
            return {"model": "per_unit", "unit_price": price.unit_price}
        case Graduated():
            return {"model": "graduated", "tiers": [_tier(one) for one in price.tiers]}
        case Volume():
            return {"model": "volume", "tiers": [_tier(one) for one in price.tiers]}
        case Package():
            return {"model": "package", "size": price.size, "price": price.price}


def _tier(tier: Tier) -> dict[str, Any]:
    return {"up_to": tier.up_to, "unit_price": tier.unit_price, "fee": tier.fee}
