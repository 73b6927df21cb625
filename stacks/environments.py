"""The environments of a project: those that cygni.yaml lists, and those that something of is deployed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from cygni.naming import Part
from cygni.pricing.exchange import DOLLARS, USD, Exchange
from cygni.settings import Settings
from cygni.spec import STANDING_ENVIRONMENTS, is_environment
from cygni.spec.sizes import size_of
from stacks.state_reader import stacks_in_state
from stacks.status import Deployed, status_of
from stacks.target import LOCAL, environment_folder, target_of


@dataclass(frozen=True)
class ListedEnvironment:
    """One environment. `written` says that cygni.yaml lists it, `deployed` that its state has resources.

    `last_deploy` is when the last of its stacks was finished (ISO 8601, UTC), None if none was or it is not known on
    this machine. `monthly` is the known fixed cost per month at list price, in `currency`, `unknown` counts the
    resources that are not in it; both are None where nothing is deployed. `monthly_at_most` is the most that all of it
    costs, None where nothing bounds it.
    """

    name: str
    size: str
    target: str
    written: bool
    deployed: bool
    last_deploy: str | None = None
    monthly: Decimal | None = None
    unknown: int | None = None
    monthly_at_most: Decimal | None = None
    currency: str = USD
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON values; money is text."""
        return {
            name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()
        }


def known_names(settings: Settings, project: str, region: str, written: Iterable[str]) -> list[str]:
    """Names that may be environments of the project: those written, the standing ones, those this machine remembers
    and those in the state; in the order local, previews, staging, production. Raises StateError."""
    names = {*written, *STANDING_ENVIRONMENTS}
    remembered = environment_folder(settings, project, LOCAL).parent
    if remembered.is_dir():
        names |= {folder.name for folder in remembered.iterdir() if is_environment(folder.name)}
    for stack in stacks_in_state(settings, region):
        own, _, rest = stack.partition(".")
        name, _, part = rest.rpartition(".")
        if own == project and part in tuple(Part) and is_environment(name):
            names.add(name)
    return sorted(names, key=_rank)


def listed(
    name: str, *, written: bool, deployed: Deployed | None, exchange: Exchange = DOLLARS
) -> ListedEnvironment:
    """What to tell of an environment, with amounts as `exchange` says; `deployed` is None where nothing is (pure)."""
    base = ListedEnvironment(
        name=name,
        size=size_of(name).value,
        target=target_of(name),
        written=written,
        deployed=deployed is not None,
    )
    if deployed is None:
        return base
    found = status_of(deployed).shown_in(exchange)
    return ListedEnvironment(
        **{
            **vars(base),
            "last_deploy": max((record.applied_at for record in deployed.records.values()), default=None),
            "monthly": found.monthly,
            "unknown": found.unknown,
            "monthly_at_most": found.monthly_at_most,
            "currency": found.currency,
            "warnings": found.warnings,
        }
    )


def _rank(name: str) -> tuple[int, str]:
    order = {"local": 0, "staging": 2, "production": 3}
    return order.get(name, 1), name
