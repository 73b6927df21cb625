"""The application: routes, errors, and what is done around every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from cygni.billing.budgets import PAYMENT_GRACE
from platform_api import problems
from platform_api.access.passwords import Passwords
from platform_api.access.rate_limits import Limits
from platform_api.accounts.browser_router import router as browser_sessions
from platform_api.accounts.router import router as accounts
from platform_api.api_keys.own_router import router as own_api_key
from platform_api.api_keys.router import router as api_keys
from platform_api.audit.router import router as audit
from platform_api.budgets.router import router as budgets
from platform_api.clock import Clock, SystemClock
from platform_api.credits.router import router as credit_grants
from platform_api.database.roles import roles_of, url_as
from platform_api.database.transactions import Database
from platform_api.deployments.event_router import router as deployment_events
from platform_api.deployments.operation_router import router as deployment_operations
from platform_api.deployments.rollback_router import router as deployment_rollbacks
from platform_api.deployments.router import router as deployments
from platform_api.deployments.steering_router import router as deployment_steering
from platform_api.domains.router import router as domains
from platform_api.edge.body_limits import BodyLimits
from platform_api.edge.compression import Compression
from platform_api.edge.origins import allow_origins
from platform_api.edge.paths import NamedPaths
from platform_api.edge.rate_limits import RateLimits
from platform_api.edge.request_ids import RequestIds
from platform_api.edge.settings import EdgeSettings
from platform_api.edge.time_limits import TimeLimits
from platform_api.environments.router import router as environments
from platform_api.health import router as health
from platform_api.inquiries.router import router as inquiries
from platform_api.invitations.router import router as invitations
from platform_api.invoices.operator_router import router as invoice_changes
from platform_api.invoices.router import router as invoices
from platform_api.keys import ServerKey
from platform_api.margin.router import router as margin
from platform_api.metrics.requests import RequestMetrics
from platform_api.metrics.router import router as metrics
from platform_api.notifications.router import router as notifications
from platform_api.openapi.document import install as install_document
from platform_api.openapi.document import operation_id
from platform_api.operators.router import router as operators
from platform_api.organizations.member_router import router as members
from platform_api.organizations.router import router as organizations
from platform_api.plans.router import router as plans
from platform_api.projects.member_router import router as project_members
from platform_api.projects.router import router as projects
from platform_api.roles.router import router as roles
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import ServerKeyRoot
from platform_api.secrets.router import router as secrets
from platform_api.settings import SLACK_HOST
from platform_api.setup.router import router as setup
from platform_api.sources.router import router as sources
from platform_api.stripe.router import router as billing
from platform_api.stripe.settings import StripeSettings
from platform_api.stripe.webhook_router import router as stripe_webhooks
from platform_api.subscriptions.router import router as subscriptions
from platform_api.usage.event_router import router as usage_events
from platform_api.usage.router import router as usage
from platform_api.webhooks.destinations import Allowed
from platform_api.webhooks.router import router as webhooks
from platform_api.wiring import wire

if TYPE_CHECKING:
    from platform_api.stripe.side import StripeSide


def create_app(
    database_url: str,
    key: ServerKey,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
    ring: KeyRing | None = None,
    edge: EdgeSettings | None = None,
    slack_hosts: frozenset[str] = frozenset({SLACK_HOST}),
    webhook_networks: Allowed | None = None,
    default_limits: Mapping[str, int] | None = None,
    payment_grace: timedelta = PAYMENT_GRACE,
    public_url: str | None = None,
    stripe: StripeSettings | None = None,
) -> FastAPI:
    """`database_url` is that of the tables' owner, of a database that is migrated and has its roles; requests are
    served as one that owns nothing. Without a `ring` the server's key wraps those of secrets."""
    settings = edge or EdgeSettings()
    registry = CollectorRegistry()

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        roles = roles_of(database_url)
        database = Database(url_as(database_url, roles.application, key))
        of_workers = Database(url_as(database_url, roles.worker, key), size=1)
        time = clock or SystemClock()
        keys = ring or KeyRing([ServerKeyRoot(key)], time)
        people, limits = passwords or Passwords(), Limits()
        side = None if stripe is None else _side(stripe, database, time)
        app.state.wiring = wire(
            database,
            of_workers,
            key,
            keys,
            time,
            people,
            limits,
            settings,
            registry,
            slack_hosts,
            webhook_networks or Allowed(),
            default_limits or {},
            payment_grace,
            public_url,
            side,
        )
        yield
        if side is not None:
            await side.close()
        await database.close()
        await of_workers.close()

    app = FastAPI(
        title="Cygni",
        version="1",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
    )
    problems.install(app)
    for middleware in (
        NamedPaths,
        BodyLimits,
        TimeLimits,
        Compression,
        RateLimits,
        RequestIds,
    ):  # from the inside out
        app.add_middleware(middleware)
    app.add_middleware(RequestMetrics, registry=registry)
    allow_origins(app, settings.origins)
    for router in (
        health,
        metrics,
        setup,
        accounts,
        browser_sessions,
        organizations,
        members,
        invitations,
        roles,
        projects,
        project_members,
        environments,
        secrets,
        sources,
        deployments,
        deployment_events,
        deployment_steering,
        deployment_rollbacks,
        deployment_operations,
        inquiries,
        webhooks,
        usage_events,
        usage,
        plans,
        subscriptions,
        invoices,
        invoice_changes,
        credit_grants,
        operators,
        budgets,
        margin,
        notifications,
        domains,
        api_keys,
        own_api_key,
        audit,
        billing,
        stripe_webhooks,
    ):
        app.include_router(router)
    install_document(app)
    return app


def _side(settings: StripeSettings, database: Database, clock: Clock) -> StripeSide:
    from platform_api.stripe.side import StripeSide  # Stripe's SDK takes a second to import

    return StripeSide(settings, database, clock)
