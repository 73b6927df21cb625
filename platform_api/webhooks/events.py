"""The types of events that webhooks are told. One that is added is told to those who want its family, or all."""

from __future__ import annotations

from typing import Final

from platform_api.deployments.lifecycle import Status

PING: Final = "webhook.ping"

OF_INVOICES: Final = ("finalized", "paid", "overdue", "voided", "payment_failed")
BUDGET_ALERT: Final = "budget.alert"
BUDGET_FORECAST: Final = "budget.forecast"
BUDGET_EXCEEDED: Final = "budget.exceeded"
BUDGET_STATE: Final = "budget.state"
"""Of a budget: a threshold below 100 % is reached, more than all is to be expected, all is used, or its state is
another (`ok`, `alert`, `soft`, `hard`)."""

TYPES: Final = (
    PING, *(f"deployment.{one}" for one in Status), *(f"invoice.{one}" for one in OF_INVOICES),
    BUDGET_ALERT, BUDGET_FORECAST, BUDGET_EXCEEDED, BUDGET_STATE,
)  # fmt: skip
FAMILIES: Final = tuple(sorted({f"{one.partition('.')[0]}.*" for one in TYPES}))
