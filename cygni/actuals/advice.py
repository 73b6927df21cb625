"""What to tell of a bill that does not say what it should (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from cygni.actuals.accrual import InForce
from cygni.actuals.bill import Billed
from cygni.actuals.grouping import By, Grouping
from cygni.actuals.period import SETTLING

_WHERE = (
    "activate them in the account that pays (in an organization its management account); days before that stay "
    "without them unless you ask for a backfill:"
)


def lacks_tags(bill: Collection[Billed], history: Sequence[InForce], now: datetime) -> bool:
    """Whether a bill is empty that cannot be: something was deployed for longer than costs take to appear."""
    return not any(one.usd for one in bill) and bool(history) and now - history[0].at > SETTLING


def tag_warning(grouping: Grouping, inactive: Sequence[str] | None) -> str:
    """Of a bill that lacks tags; `inactive` are those that are known to be no cost allocation tags, None where nobody
    says."""
    said = "nothing was billed under the tags of this environment, though it is older than 2 days"
    if inactive == []:
        return f"{said}; all the tags are active, and it takes up to 24 hours until costs have them"
    if inactive is None:
        tags: Sequence[str] = grouping.needed_tags
        why = "perhaps the tags are no cost allocation tags yet"
    else:
        tags, why = inactive, f"no cost allocation tags yet: {', '.join(inactive)}"
    return f"{said}: {why}; {_WHERE} {activation(tags)}"


def untold_warnings(bill: Collection[Billed], by: By) -> Iterator[str]:
    """That no cost has the tag that it should be told apart by."""
    billed = [one for one in bill if one.usd]
    tag = by.grouping.tag
    if by is not By.SERVICE and billed and not any(one.tagged for one in billed):
        yield f"no cost has the tag {tag}: it is no cost allocation tag yet; {_WHERE} {activation([tag])}"


def activation(tags: Sequence[str]) -> str:
    """The command that makes tags cost allocation tags (AWS CLI, `ce update-cost-allocation-tags-status`)."""
    pairs = " ".join(f"TagKey={tag},Status=Active" for tag in tags)
    return f"aws ce update-cost-allocation-tags-status --cost-allocation-tags-status {pairs}"
