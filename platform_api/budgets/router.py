"""`/v1/organizations/{organization}/budgets`, and those of a project for its members."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from platform_api.access.allowed import Allowed, AllowedInProject
from platform_api.access.caller import Access, ProjectAccess, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.budgets.repository import Budgets
from platform_api.budgets.schemas import (
    BudgetAlertList,
    BudgetAlertPublic,
    BudgetCreate,
    BudgetList,
    BudgetPublic,
    BudgetUpdate,
)
from platform_api.budgets.service import BudgetDesk, told
from platform_api.cursors import LARGEST_PAGE
from platform_api.etags import IfMatch, etag, require_match
from platform_api.text import Slug
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}", tags=["budgets"])

Reading = Annotated[Access, Depends(Allowed(Permission.USAGE_READ))]
ReadingProject = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.USAGE_READ))]
Billing = Annotated[Access, Depends(Allowed(Permission.BILLING_MANAGE))]


@router.get("/budgets")
async def list_budgets(request: Request, session: Transaction, reading: Reading) -> BudgetList:
    """All of the organization, in the order of their names, and where they stand at this moment."""
    found = await Budgets(session, reading.organization.id).all()
    return BudgetList(items=await _desk(request, session, reading).shown(found))


@router.get("/projects/{project}/budgets")
async def list_budgets_of_project(
    request: Request, session: Transaction, reading: ReadingProject
) -> BudgetList:
    """Those of the project and of its environments; those of all of the organization hold for it besides."""
    found = await Budgets(session, reading.organization.id).all(reading.project.id)
    return BudgetList(items=await _desk(request, session, reading).shown(found))


@router.post("/budgets", status_code=201)
async def create_budget(
    request: Request,
    response: Response,
    session: Transaction,
    billing: Billing,
    audit: Audit,
    wanted: BudgetCreate,
) -> BudgetPublic:
    desk = _desk(request, session, billing)
    made = await desk.add(wanted)
    [shown] = await desk.shown([made])
    await audit.record("budget.create", made.name, after=told(made))
    response.headers["ETag"] = etag(made.version)
    return shown


@router.get("/budgets/{budget}")
async def read_budget(
    request: Request, response: Response, session: Transaction, reading: Reading, budget: Slug
) -> BudgetPublic:
    found = await Budgets(session, reading.organization.id).existing(budget)
    response.headers["ETag"] = etag(found.version)
    [shown] = await _desk(request, session, reading).shown([found])
    return shown


@router.get("/budgets/{budget}/alerts")
async def list_budget_alerts(
    session: Transaction,
    reading: Reading,
    budget: Slug,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> BudgetAlertList:
    """What people were told, the newest first."""
    budgets = Budgets(session, reading.organization.id)
    found = await budgets.alerts(await budgets.existing(budget), limit)
    return BudgetAlertList(items=[BudgetAlertPublic.model_validate(one) for one in found])


@router.patch("/budgets/{budget}")
async def update_budget(
    request: Request,
    response: Response,
    session: Transaction,
    billing: Billing,
    audit: Audit,
    budget: Slug,
    wanted: BudgetUpdate,
    if_match: IfMatch = None,
) -> BudgetPublic:
    """Deployments go by it at once; what was done where it was used up is undone within a minute, where it no longer
    is."""
    found = await Budgets(session, billing.organization.id).existing(budget, for_update=True)
    require_match(if_match, found.version)
    before = told(found)
    desk = _desk(request, session, billing)
    await desk.change(found, wanted)
    [shown] = await desk.shown([found])
    await audit.record("budget.update", found.name, before=before, after=told(found))
    response.headers["ETag"] = etag(found.version)
    return shown


@router.delete("/budgets/{budget}", status_code=204)
async def delete_budget(
    session: Transaction,
    billing: Billing,
    audit: Audit,
    budget: Slug,
    if_match: IfMatch = None,
) -> None:
    """With what people were told of it."""
    budgets = Budgets(session, billing.organization.id)
    found = await budgets.existing(budget, for_update=True)
    require_match(if_match, found.version)
    await budgets.delete(found)
    await audit.record("budget.delete", found.name, before=told(found))


def _desk(request: Request, session: Transaction, access: Access | ProjectAccess) -> BudgetDesk:
    return BudgetDesk(session, access.organization, wiring(request).clock.now())
