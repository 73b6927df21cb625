"""`/v1/organizations/{organization}/webhooks`."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Query, Request, Response

from cygni.errors import UsageError
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.cursors import LARGEST_PAGE
from platform_api.etags import IfMatch, etag, require_match
from platform_api.webhooks import signing
from platform_api.webhooks.destinations import Forbidden, require_reachable
from platform_api.webhooks.events import PING
from platform_api.webhooks.models import Webhook
from platform_api.webhooks.outbox import delivery
from platform_api.webhooks.repository import Deliveries, Webhooks
from platform_api.webhooks.schemas import (
    DeliveryList,
    DeliveryPublic,
    WebhookCreate,
    WebhookList,
    WebhookPublic,
    WebhookSecret,
    WebhookUpdate,
)
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/webhooks", tags=["webhooks"])

Managing = Annotated[Access, Depends(Allowed(Permission.WEBHOOK_MANAGE))]
OVERLAP = timedelta(hours=24)
"""In which both secrets sign after one is replaced."""
MOST = 50
"""Of an organisation: each multiplies what is sent."""


@router.get("")
async def list_webhooks(session: Transaction, managing: Managing) -> WebhookList:
    found = await Webhooks(session, managing.organization.id).all()
    return WebhookList(items=[WebhookPublic.model_validate(one) for one in found])


@router.post("", status_code=201)
async def create_webhook(
    request: Request,
    response: Response,
    session: Transaction,
    managing: Managing,
    audit: Audit,
    wanted: WebhookCreate,
) -> WebhookSecret:
    _require_reachable(request, wanted.url)
    webhooks = Webhooks(session, managing.organization.id)
    if len(await webhooks.all()) >= MOST:
        raise UsageError(f"an organization has {MOST} webhooks at most", hint="Delete one first.")
    made = Webhook(
        organization_id=managing.organization.id,
        url=wanted.url,
        description=wanted.description or "",
        events=wanted.events,
        created_at=wiring(request).clock.now(),
    )
    webhooks.add(made)
    await audit.record("webhook.create", str(made.id), after=_told(made))
    response.headers["ETag"] = etag(made.version)
    return _with_secret(request, made)


@router.get("/{webhook}")
async def read_webhook(
    response: Response, session: Transaction, managing: Managing, webhook: uuid.UUID
) -> WebhookPublic:
    found = await Webhooks(session, managing.organization.id).existing(webhook)
    response.headers["ETag"] = etag(found.version)
    return WebhookPublic.model_validate(found)


@router.patch("/{webhook}")
async def update_webhook(
    request: Request,
    response: Response,
    session: Transaction,
    managing: Managing,
    audit: Audit,
    webhook: uuid.UUID,
    wanted: WebhookUpdate,
    if_match: IfMatch = None,
) -> WebhookPublic:
    found = await Webhooks(session, managing.organization.id).existing(webhook, for_update=True)
    require_match(if_match, found.version)
    if wanted.url is not None:
        _require_reachable(request, wanted.url)
    before = _told(found)
    for name, value in wanted.model_dump(exclude_unset=True, exclude={"enabled"}).items():
        setattr(found, name, value if value is not None else getattr(found, name))
    if wanted.enabled is not None:
        found.switch(on=wanted.enabled, now=wiring(request).clock.now())
    found.version += 1
    await audit.record("webhook.update", str(found.id), before=before, after=_told(found))
    response.headers["ETag"] = etag(found.version)
    return WebhookPublic.model_validate(found)


@router.delete("/{webhook}", status_code=204)
async def delete_webhook(
    session: Transaction,
    managing: Managing,
    audit: Audit,
    webhook: uuid.UUID,
    if_match: IfMatch = None,
) -> None:
    webhooks = Webhooks(session, managing.organization.id)
    found = await webhooks.existing(webhook, for_update=True)
    require_match(if_match, found.version)
    await webhooks.delete(found)
    await audit.record("webhook.delete", str(found.id), before=_told(found))


@router.post("/{webhook}/secret")
async def replace_webhook_secret(
    request: Request, session: Transaction, managing: Managing, audit: Audit, webhook: uuid.UUID
) -> WebhookSecret:
    """A new secret. The old one signs too for a day, so that receivers can change over."""
    found = await Webhooks(session, managing.organization.id).existing(webhook, for_update=True)
    found.generation += 1
    found.previous_until = wiring(request).clock.now() + OVERLAP
    found.version += 1
    await audit.record("webhook.replace_secret", str(found.id), after={"generation": found.generation})
    return _with_secret(request, found)


@router.post("/{webhook}/ping", status_code=202)
async def ping_webhook(
    request: Request, session: Transaction, managing: Managing, audit: Audit, webhook: uuid.UUID
) -> DeliveryPublic:
    """Sends one event for trying it out."""
    found = await Webhooks(session, managing.organization.id).existing(webhook)
    found.require_on()
    made = delivery(found.organization_id, found.id, PING, {}, wiring(request).clock.now())
    Deliveries(session, found).add(made)
    await audit.record("webhook.ping", str(found.id))
    return DeliveryPublic.model_validate(made)


@router.get("/{webhook}/deliveries")
async def list_deliveries(
    request: Request,
    session: Transaction,
    managing: Managing,
    webhook: uuid.UUID,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> DeliveryList:
    """The newest first."""
    found = await Webhooks(session, managing.organization.id).existing(webhook)
    cursors, listing = wiring(request).cursors, f"deliveries {found.id}"
    before = uuid.UUID(cursors.read(listing, cursor)) if cursor else None
    rows = await Deliveries(session, found).before(before, limit + 1)
    page, more = cursors.cut(listing, rows, limit, lambda one: one.id)
    return DeliveryList(items=[DeliveryPublic.model_validate(one) for one in page], next=more)


@router.post("/{webhook}/deliveries/{delivery_id}/replay", status_code=202)
async def replay_delivery(
    request: Request,
    session: Transaction,
    managing: Managing,
    audit: Audit,
    webhook: uuid.UUID,
    delivery_id: uuid.UUID,
) -> DeliveryPublic:
    """Sends the same event again, as another delivery."""
    found = await Webhooks(session, managing.organization.id).existing(webhook)
    found.require_on()
    deliveries = Deliveries(session, found)
    before = await deliveries.existing(delivery_id)
    now = wiring(request).clock.now()
    made = delivery(found.organization_id, found.id, before.type, before.payload["data"], now)
    made.payload = before.payload
    deliveries.add(made)
    await audit.record("webhook.replay", str(found.id), after={"delivery": str(before.id)})
    return DeliveryPublic.model_validate(made)


def _require_reachable(request: Request, url: str) -> None:
    """Raises UsageError for where no delivery would go."""
    try:
        require_reachable(url, wiring(request).webhook_networks)
    except Forbidden as error:
        raise UsageError(
            f"not allowed: {error}",
            hint="Give an address of the internet as https://hooks.example.com/cygni. An operator allows networks of "
            "their own with CYGNI_WEBHOOK_NETWORKS.",
        ) from error


def _with_secret(request: Request, webhook: Webhook) -> WebhookSecret:
    found = signing.secret(wiring(request).key, webhook.id, webhook.generation)
    shown = WebhookPublic.model_validate(webhook).model_dump()
    return WebhookSecret(**shown, secret=signing.shown(found))


def _told(webhook: Webhook) -> dict[str, object]:
    """Of the address the host alone: for many receivers the rest of it is a password."""
    return {
        "host": urlsplit(webhook.url).hostname,
        "events": webhook.events,
        "description": webhook.description,
        "enabled": webhook.disabled_at is None,
    }
