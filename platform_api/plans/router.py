"""`/v1/plans`: what the server charges for. Everybody who is signed in reads them, operators set them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.exc import IntegrityError

from cygni.billing.terms import Terms, document_of
from cygni.errors import AlreadyExists, UsageError
from platform_api.access.caller import Known, Transaction
from platform_api.etags import IfMatch, etag, require_match
from platform_api.operators.access import Operator, ServerAudit
from platform_api.plans.models import Plan, PlanVersionRow
from platform_api.plans.repository import Plans
from platform_api.plans.schemas import (
    PlanCreate,
    PlanList,
    PlanPublic,
    PlanVersionPublic,
    PlanWithVersions,
    PlanWrite,
)
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/plans", tags=["plans"])

MOST = 500
"""Plans of a server."""


@router.get("")
async def list_plans(
    session: Transaction,
    known: Known,
    archived: Annotated[bool, Query(description="Those too that nobody gets any more.")] = False,
) -> PlanList:
    """Each with its newest version, by their keys."""
    plans = Plans(session)
    found = await plans.all(archived=archived)
    newest = await plans.newest([plan.key for plan in found])
    return PlanList(items=[PlanPublic(**_plan(plan, newest[plan.key])) for plan in found])


@router.post("", status_code=201)
async def create_plan(
    request: Request,
    response: Response,
    session: Transaction,
    operator: Operator,
    audit: ServerAudit,
    wanted: PlanCreate,
) -> PlanPublic:
    """With its first version."""
    plans, now = Plans(session), wiring(request).clock.now()
    if len(await plans.all(archived=True)) >= MOST:
        raise UsageError(f"a server has {MOST} plans at most")
    plan = Plan(key=wanted.key, name=wanted.name, description=wanted.description, created_at=now)
    plans.add(plan)
    try:
        await session.flush()
    except IntegrityError as error:
        raise AlreadyExists(
            f"there is a plan {wanted.key!r} already",
            hint=f"Make its next version: cx plans update -f FILE, or see it: cx plans show {wanted.key}",
        ) from error
    first = PlanVersionRow(
        plan_key=plan.key,
        version=1,
        currency=wanted.currency,
        terms=document_of(wanted.terms),
        created_at=now,
    )
    plans.add(first)
    await audit.record("plan.create", plan.key, after=_said(plan, first))
    response.headers["ETag"] = etag(first.version)
    return PlanPublic(**_plan(plan, first))


@router.get("/{plan}")
async def read_plan(response: Response, session: Transaction, known: Known, plan: str) -> PlanWithVersions:
    plans = Plans(session)
    found = await plans.existing(plan)
    versions = await plans.versions(plan)
    response.headers["ETag"] = etag(versions[0].version)
    return PlanWithVersions(**_plan(found, versions[0]), versions=[_version(row) for row in versions])


@router.put("/{plan}")
async def update_plan(
    request: Request,
    response: Response,
    session: Transaction,
    operator: Operator,
    audit: ServerAudit,
    plan: str,
    wanted: PlanWrite,
    if_match: IfMatch = None,
) -> PlanPublic:
    """Other terms make the next version, and subscriptions stay with theirs until they are moved to it."""
    plans = Plans(session)
    found = await plans.existing(plan, locked=True)
    newest = await plans.version(plan)
    require_match(if_match, newest.version)
    if wanted.currency != newest.currency:
        raise UsageError(
            f"the plan {plan!r} is in {newest.currency}, not in {wanted.currency}",
            hint="A plan stays in its currency: make another plan for the other one.",
        )
    before = _said(found, newest)
    found.name, found.description = wanted.name, wanted.description
    terms = document_of(wanted.terms)
    if Terms.model_validate(newest.terms) != wanted.terms:
        newest = PlanVersionRow(
            plan_key=plan, version=newest.version + 1, currency=wanted.currency, terms=terms,
            created_at=wiring(request).clock.now(),
        )  # fmt: skip
        plans.add(newest)
    if (after := _said(found, newest)) != before:
        await audit.record("plan.update", plan, before=before, after=after)
    response.headers["ETag"] = etag(newest.version)
    return PlanPublic(**_plan(found, newest))


@router.put("/{plan}/archive", status_code=204)
async def archive_plan(
    request: Request, session: Transaction, operator: Operator, audit: ServerAudit, plan: str
) -> None:
    """Who has it keeps it, and nobody else gets it any more."""
    found = await Plans(session).existing(plan, locked=True)
    if found.archived_at is None:
        found.archived_at = wiring(request).clock.now()
        await audit.record("plan.archive", plan)


@router.delete("/{plan}/archive", status_code=204)
async def restore_plan(session: Transaction, operator: Operator, audit: ServerAudit, plan: str) -> None:
    """Organizations may be subscribed to it again."""
    found = await Plans(session).existing(plan, locked=True)
    if found.archived_at is not None:
        found.archived_at = None
        await audit.record("plan.restore", plan)


def _plan(plan: Plan, newest: PlanVersionRow) -> dict[str, Any]:
    return {
        "key": plan.key, "name": plan.name, "description": plan.description, "archived_at": plan.archived_at,
        "created_at": plan.created_at, "newest": _version(newest),
    }  # fmt: skip


def _version(row: PlanVersionRow) -> PlanVersionPublic:
    return PlanVersionPublic(
        version=row.version,
        currency=row.currency,
        terms=Terms.model_validate(row.terms),
        created_at=row.created_at,
    )


def _said(plan: Plan, version: PlanVersionRow) -> dict[str, Any]:
    """For the log."""
    return {
        "name": plan.name, "description": plan.description, "version": version.version,
        "currency": version.currency, "terms": version.terms,
    }  # fmt: skip
