"""What people are told of, and what of a deployment is such a thing (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum, auto
from typing import Any, Final

from cygni.errors import GateFailed
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import Status


class Occasion(StrEnum):
    NEEDS_APPROVAL = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    ROLLED_BACK = auto()
    BUDGET_ALERT = auto()
    BUDGET_EXCEEDED = auto()
    INVOICE_FINALIZED = auto()
    PAYMENT_OVERDUE = auto()


FORECAST: Final = "forecast"
"""The threshold of a budget that is expected to be reached, and is not yet."""
TEST: Final = "test"
"""Of somebody who tries out a notification."""

_DONE: Final = {Kind.DEPLOY: Occasion.SUCCEEDED, Kind.ROLLBACK: Occasion.ROLLED_BACK}


def occasion_of(status: str, kind: str, error: Mapping[str, Any] | None) -> Occasion | None:
    """What a deployment that came to `status` is to be told as, if at all. One whose release a gate spoke against has
    gone back by itself; `kind` is `rollback` where somebody asked for that. That
    another command did well is told to who typed it."""
    if status == Status.AWAITING_APPROVAL:
        return Occasion.NEEDS_APPROVAL
    if status == Status.SUCCEEDED:
        return _DONE.get(Kind(kind))
    if status == Status.FAILED and (error or {}).get("code") == GateFailed.code:
        return Occasion.ROLLED_BACK
    if status in (Status.FAILED, Status.NEEDS_ATTENTION):
        return Occasion.FAILED
    return None
