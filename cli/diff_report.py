"""What a diff does with its plan, wherever that was made: a comment, Markdown, and the summary of a CI job."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from cli.plan_comment import PlanComment
    from cygni.cost_limits import Increase, WrittenIncrease
    from cygni.errors import CygniError
    from cygni.plan.model import Plan
    from cygni.pricing.exchange import Exchange
    from cygni.spec import ProjectSpec


@dataclass(frozen=True)
class DiffReport:
    """`exchange` is what amounts are shown in, `least` the difference that a comment is worth, None for any;
    `commenting` is where the plan is commented, if anywhere."""

    exchange: Exchange
    least: Increase | None
    commenting: PlanComment | None
    markdown: bool

    def tell(self, plan: Plan, refused: CygniError | None) -> Plan:
        """Of a plan in USD, which a deploy would refuse with `refused`; the plan as it is shown. Raises what
        `PlanComment.publish` raises."""
        from cli.github_actions import add_plan_to_summary
        from cygni.plan.conversion import plan_in
        from cygni.plan.markdown import plan_markdown

        above, shown = self._above(plan), plan_in(plan, self.exchange)
        add_plan_to_summary(shown, os.environ, refused)
        if self.commenting is not None:
            self.commenting.publish(shown, above=above, refused=refused)
        if self.markdown:
            sys.stdout.write(plan_markdown(shown, comment_above=above, refused=refused))
        return shown

    def _above(self, plan: Plan) -> Decimal | None:
        """The least difference a month, in the currency that is shown."""
        before = plan.cost.before
        allowed = (
            None
            if self.least is None
            else self.least.allowed(before.monthly, anything=bool(before.resources))
        )
        return None if allowed is None else self.exchange.of_usd(allowed)


def telling_of_failure(commenting: PlanComment | None) -> AbstractContextManager[None]:
    """An error of the block takes the place of the plan in the comment, if there is one."""
    return commenting.telling_of_failure() if commenting else nullcontext()


def least_difference(option: WrittenIncrease | None, spec: ProjectSpec, shown: Exchange) -> Increase | None:
    """The difference that a comment is worth, by the option or the project; None for any. Raises UsageError."""
    from cli.currency import exchange_of, judged
    from cygni.cost_limits import Increase

    if option is not None:
        return judged(option, "--comment-above", shown)
    if spec.cost.comment_above is None:
        return None
    return Increase(usd=spec.cost.least_comment(exchange_of(spec)))
