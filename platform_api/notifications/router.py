"""`/v1/organizations/{organization}/notifications`."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from cygni.errors import UsageError
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.cursors import LARGEST_PAGE
from platform_api.etags import IfMatch, etag, require_match
from platform_api.notifications.models import Notification, NotificationUrl
from platform_api.notifications.occasions import TEST
from platform_api.notifications.outbox import delivery
from platform_api.notifications.repository import Notifications
from platform_api.notifications.schemas import (
    EmailCreate,
    NotificationCreate,
    NotificationDeliveryList,
    NotificationDeliveryPublic,
    NotificationList,
    NotificationPublic,
    NotificationUpdate,
    SlackCreate,
)
from platform_api.notifications.slack import check_slack_url
from platform_api.projects.repository import only_project
from platform_api.secrets.encryption import Place, encrypt
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/notifications", tags=["notifications"])

Managing = Annotated[Access, Depends(Allowed(Permission.NOTIFICATION_MANAGE))]
MOST = 50
"""Of an organisation: each multiplies what is sent."""


@router.get("")
async def list_notifications(session: Transaction, managing: Managing) -> NotificationList:
    found = await Notifications(session, managing.organization.id).all()
    return NotificationList(items=[NotificationPublic.model_validate(one) for one in found])


@router.post("", status_code=201)
async def create_notification(
    request: Request,
    response: Response,
    session: Transaction,
    managing: Managing,
    audit: Audit,
    wanted: NotificationCreate,
) -> NotificationPublic:
    notifications = Notifications(session, managing.organization.id)
    if len(await notifications.all()) >= MOST:
        raise UsageError(f"an organization has {MOST} notifications at most", hint="Delete one first.")
    made = Notification(
        organization_id=managing.organization.id,
        project_id=await only_project(session, managing.organization, wanted.project),
        kind=wanted.kind,
        addresses=wanted.addresses if isinstance(wanted, EmailCreate) else [],
        occasions=[str(one) for one in wanted.occasions],
        description=wanted.description or "",
        created_at=wiring(request).clock.now(),
    )
    notifications.add(made)
    if isinstance(wanted, SlackCreate):
        await session.flush()
        notifications.add(await _sealed(request, session, made, wanted))
    await audit.record("notification.create", str(made.id), after=_told(made))
    response.headers["ETag"] = etag(made.version)
    return NotificationPublic.model_validate(made)


@router.get("/{notification}")
async def read_notification(
    response: Response, session: Transaction, managing: Managing, notification: uuid.UUID
) -> NotificationPublic:
    found = await Notifications(session, managing.organization.id).existing(notification)
    response.headers["ETag"] = etag(found.version)
    return NotificationPublic.model_validate(found)


@router.patch("/{notification}")
async def update_notification(
    request: Request,
    response: Response,
    session: Transaction,
    managing: Managing,
    audit: Audit,
    notification: uuid.UUID,
    wanted: NotificationUpdate,
    if_match: IfMatch = None,
) -> NotificationPublic:
    found = await Notifications(session, managing.organization.id).existing(notification, for_update=True)
    require_match(if_match, found.version)
    before = _told(found)
    if wanted.occasions is not None:
        found.occasions = [str(one) for one in wanted.occasions]
    if wanted.description is not None:
        found.description = wanted.description
    if wanted.enabled is not None:
        found.switch(on=wanted.enabled, now=wiring(request).clock.now())
    found.version += 1
    await audit.record("notification.update", str(found.id), before=before, after=_told(found))
    response.headers["ETag"] = etag(found.version)
    return NotificationPublic.model_validate(found)


@router.delete("/{notification}", status_code=204)
async def delete_notification(
    session: Transaction,
    managing: Managing,
    audit: Audit,
    notification: uuid.UUID,
    if_match: IfMatch = None,
) -> None:
    notifications = Notifications(session, managing.organization.id)
    found = await notifications.existing(notification, for_update=True)
    require_match(if_match, found.version)
    await notifications.delete(found)
    await audit.record("notification.delete", str(found.id), before=_told(found))


@router.post("/{notification}/test", status_code=202)
async def try_notification(
    request: Request, session: Transaction, managing: Managing, audit: Audit, notification: uuid.UUID
) -> NotificationDeliveryPublic:
    """Sends one message, for trying it out."""
    notifications = Notifications(session, managing.organization.id)
    found = await notifications.existing(notification)
    found.require_on()
    made = delivery(found.organization_id, found.id, TEST, {}, wiring(request).clock.now())
    notifications.add(made)
    await audit.record("notification.test", str(found.id))
    return NotificationDeliveryPublic.model_validate(made)


@router.get("/{notification}/deliveries")
async def list_notification_deliveries(
    session: Transaction,
    managing: Managing,
    notification: uuid.UUID,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> NotificationDeliveryList:
    """The newest first."""
    notifications = Notifications(session, managing.organization.id)
    found = await notifications.deliveries(await notifications.existing(notification), limit)
    return NotificationDeliveryList(items=[NotificationDeliveryPublic.model_validate(one) for one in found])


async def _sealed(
    request: Request, session: Transaction, of: Notification, wanted: SlackCreate
) -> NotificationUrl:
    """Raises UsageError for what is no address of Slack."""
    parts = wiring(request)
    url = wanted.url.get_secret_value()
    check_slack_url(url, parts.slack_hosts)
    key = await parts.key_ring.current(session)
    encrypted = encrypt(key, url, Place(of.organization_id, of.id, 1))
    return NotificationUrl(
        organization_id=of.organization_id,
        notification_id=of.id,
        key_encryption_key_id=encrypted.key_encryption_key_id,
        wrapped_key=encrypted.wrapped_key,
        ciphertext=encrypted.ciphertext,
    )


def _told(notification: Notification) -> dict[str, Any]:
    return {
        "kind": notification.kind,
        "addresses": notification.addresses,
        "occasions": notification.occasions,
        "description": notification.description,
        "project": None if notification.project_id is None else str(notification.project_id),
        "enabled": notification.disabled_at is None,
    }
