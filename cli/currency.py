"""The currency that a command shows amounts in, and amounts that its options have in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cygni.cost_limits import Increase, WrittenIncrease
from cygni.errors import NoExchangeRate, UsageError

if TYPE_CHECKING:
    from cygni.pricing.exchange import Exchange
    from cygni.spec import ProjectSpec


def shown_in(option: str | None, spec: ProjectSpec | None = None) -> Exchange:
    """What amounts are shown in: `--currency`, or what the settings or else the project say; of the local cloud, which
    costs nothing, dollars where the project's currency has no rate. Raises UsageError."""
    from cygni.pricing.exchange import DOLLARS, USD
    from cygni.pricing.exchange_rates import exchange_in_use
    from cygni.settings import Settings
    from stacks.target import LOCAL, target_of

    settings = Settings.from_environment()
    try:
        return exchange_in_use(settings, option, spec.cost.currency if spec is not None else USD)
    except NoExchangeRate:
        if option or settings.currency or spec is None or target_of(spec.environment) != LOCAL:
            raise
        return DOLLARS


def exchange_of(spec: ProjectSpec) -> Exchange:
    """That of the currency in which the project writes its amounts. Raises NoExchangeRate."""
    from cygni.pricing.exchange_rates import exchange_to
    from cygni.settings import Settings

    return exchange_to(Settings.from_environment(), spec.cost.currency)


def judged(written: WrittenIncrease | None, option: str, shown: Exchange) -> Increase | None:
    """The increase that an option allows, in USD. One without a currency is refused where another than USD is shown:
    nobody could tell which was meant. Raises UsageError."""
    from cygni.pricing.exchange import USD
    from cygni.pricing.exchange_rates import exchange_to
    from cygni.settings import Settings

    if written is None or written.amount is None:
        return None if written is None else Increase(percent=written.percent)
    if written.currency is None and shown.currency != USD:
        amount = written.argument
        raise UsageError(
            f"{option} {amount} may be {amount} {shown.currency} or {amount} USD",
            hint=f"Write the currency with it, as in: {option} {amount}{shown.currency}",
        )
    exchange = exchange_to(Settings.from_environment(), written.currency or USD)
    return Increase(usd=exchange.in_usd(written.amount))
