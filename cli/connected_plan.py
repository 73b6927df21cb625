"""The plans that a control plane makes, in the currency that is shown here: it has them in USD."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cli.currency import judged, shown_in
from cygni.errors import CygniError, NoExchangeRate
from cygni.pricing.exchange import DOLLARS, USD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cygni.cost_limits import WrittenIncrease
    from cygni.pricing.exchange import Exchange
    from cygni.spec import ProjectSpec

Document = Mapping[str, Any]
_FINEST = Decimal("1e-6")
"""How finely the API takes an amount of dollars."""


def shown_there(option: str | None, spec: ProjectSpec) -> Exchange:
    """What amounts are shown in, as here; dollars where the project alone asks for a currency that has no rate on this
    machine: the server may have one, to judge by. Raises UsageError."""
    from cygni.settings import Settings

    try:
        return shown_in(option, spec)
    except NoExchangeRate:
        if option or Settings.from_environment().currency:
            raise
        return DOLLARS


def allowed_increase(written: WrittenIncrease | None, shown: Exchange) -> str | None:
    """`--max-cost-increase` as the API takes it: where another currency is shown, in dollars at this machine's rate.
    Raises UsageError."""
    if written is None or shown.currency == USD:
        return written.argument if written is not None else None
    increase = judged(written, "--max-cost-increase", shown)
    if increase is None or increase.usd is None:
        return written.argument
    return f"{increase.usd.quantize(_FINEST):f}{USD}"


def converted(document: Document, shown: Exchange) -> Document:
    """The document of a plan in dollars in the currency that is shown; its digest stays what is approved."""
    from cygni.plan.conversion import plan_in
    from cygni.plan.document import plan_document
    from cygni.plan.reading import plan_of

    if shown.currency == USD:
        return document
    return {**plan_document(plan_in(plan_of(document), shown)), "digest": document["digest"]}


@contextmanager
def converting_errors(shown: Exchange) -> Iterator[None]:
    """The plan that an error of the block holds for programs is in the currency that is shown."""
    try:
        yield
    except CygniError as error:
        if "plan" in error.details:
            error.details["plan"] = converted(error.details["plan"], shown)
        raise


def plan_view(shown: Exchange, *, tells_unchanged: bool) -> Callable[[Document], None] | None:
    """Shows a plan in a currency that is not the one it is shown in there; None for dollars. Of one without changes a
    command that applies it `tells_unchanged`, and no more."""
    from cygni.plan.conversion import plan_in
    from cygni.plan.reading import plan_of

    if shown.currency == USD:
        return None

    def show(document: Document) -> None:
        from cli.plan_view import show_plan
        from cli.terminal import console
        from cygni.plan.wording import unchanged_text

        plan = plan_in(plan_of(document), shown)
        if tells_unchanged and not plan.needs_consent:
            console().print(unchanged_text(plan, "as the project says"), soft_wrap=True)
        else:
            show_plan(console(), plan)

    return show


def add_to_summary(document: Document | None, shown: Exchange) -> None:
    """Adds the plan to the summary of a job of GitHub Actions, if this is one."""
    import os

    from cli.github_actions import add_plan_to_summary

    if document is not None and os.environ.get("GITHUB_STEP_SUMMARY"):
        from cygni.plan.conversion import plan_in
        from cygni.plan.reading import plan_of

        add_plan_to_summary(plan_in(plan_of(document), shown), os.environ)
