"""The types of events that webhooks are told. One that is added is told to those who want its family, or all."""

from __future__ import annotations

from typing import Final

from platform_api.deployments.lifecycle import Status

PING: Final = "webhook.ping"

OF_INVOICES: Final = ("finalized", "paid", "overdue", "voided")

TYPES: Final = (
    PING, *(f"deployment.{one}" for one in Status), *(f"invoice.{one}" for one in OF_INVOICES),
)  # fmt: skip
FAMILIES: Final = tuple(sorted({f"{one.partition('.')[0]}.*" for one in TYPES}))
