"""What every request uses, made once where the server starts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import Request
from prometheus_client import CollectorRegistry
from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.access.access_tokens import AccessTokens
from platform_api.access.cookies import CsrfTokens
from platform_api.access.credentials import Credential
from platform_api.access.open_streams import OpenStreams
from platform_api.access.passwords import Passwords
from platform_api.access.rate_limits import Limits
from platform_api.clock import Clock
from platform_api.cursors import Cursors
from platform_api.database.transactions import Database
from platform_api.edge.settings import EdgeSettings
from platform_api.keys import ServerKey
from platform_api.secrets.key_ring import KeyRing
from platform_api.setup.service import setup_token
from platform_api.subscriptions.entitlements import Entitlements, RequestQuotas
from platform_api.webhooks.destinations import Allowed

if TYPE_CHECKING:
    from platform_api.stripe.side import StripeSide


@dataclass(frozen=True)
class Wiring:
    """`pepper` keys the hashes of what Cygni gives out. `workers_database` is connected as the workers' role, which
    sees figures of all tenants. `slack_hosts` have the incoming webhooks of Slack; `webhook_networks` may be
    reached by webhooks besides the internet. `default_limits` hold for
    organisations without a subscription; `payment_grace` is how long an invoice that is not paid refuses nothing.
    `public_url` is how people reach the server, where that is set; `stripe` is there where a key of it is."""

    key: ServerKey
    database: Database
    workers_database: Database
    clock: Clock
    access_tokens: AccessTokens
    passwords: Passwords
    pepper: bytes
    cursors: Cursors
    setup_token: Credential
    key_ring: KeyRing
    limits: Limits
    csrf_tokens: CsrfTokens
    edge: EdgeSettings
    streams: OpenStreams
    registry: CollectorRegistry
    slack_hosts: frozenset[str]
    webhook_networks: Allowed
    default_limits: Mapping[str, int]
    payment_grace: timedelta
    request_quotas: RequestQuotas
    public_url: str | None
    stripe: StripeSide | None


def wire(
    database: Database,
    workers_database: Database,
    key: ServerKey,
    ring: KeyRing,
    clock: Clock,
    passwords: Passwords,
    limits: Limits,
    edge: EdgeSettings,
    registry: CollectorRegistry,
    slack_hosts: frozenset[str],
    webhook_networks: Allowed,
    default_limits: Mapping[str, int],
    payment_grace: timedelta,
    public_url: str | None,
    stripe: StripeSide | None,
) -> Wiring:
    return Wiring(
        key=key,
        database=database,
        workers_database=workers_database,
        clock=clock,
        access_tokens=AccessTokens(key.signing_key(), clock),
        passwords=passwords,
        pepper=key.derived("credentials"),
        cursors=Cursors(key.derived("cursors")),
        setup_token=setup_token(key),
        key_ring=ring,
        limits=limits,
        csrf_tokens=CsrfTokens(key.derived("csrf")),
        edge=edge,
        streams=OpenStreams(edge.streams),
        registry=registry,
        slack_hosts=slack_hosts,
        webhook_networks=webhook_networks,
        default_limits=default_limits,
        payment_grace=payment_grace,
        request_quotas=RequestQuotas(),
        public_url=public_url,
        stripe=stripe,
    )


def wiring(request: Request) -> Wiring:
    found = request.app.state.wiring
    assert isinstance(found, Wiring)
    return found


def entitlements(request: Request, session: AsyncSession, organization: uuid.UUID) -> Entitlements:
    """What the organisation may have now."""
    parts = wiring(request)
    return Entitlements(session, organization, parts.clock.now(), parts.default_limits)
