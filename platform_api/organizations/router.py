"""`/v1/organizations`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Known, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Auditing
from platform_api.operators.access import Operator
from platform_api.organizations.repository import Organizations
from platform_api.organizations.schemas import OrganizationCreate, OrganizationList, OrganizationPublic
from platform_api.organizations.service import create_organization
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations", tags=["organizations"])

Reading = Annotated[Access, Depends(Allowed(Permission.ORGANIZATION_READ))]


@router.get("")
async def list_organizations(session: Transaction, known: Known) -> OrganizationList:
    """Those that the caller is in."""
    organizations = Organizations(session)
    found = await (organizations.all_of(known.user) if known.user else organizations.all_visible())
    return OrganizationList(items=[OrganizationPublic.model_validate(one) for one in found])


@router.post("", status_code=201, operation_id="create_organization")
async def create(
    request: Request, session: Transaction, operator: Operator, wanted: OrganizationCreate
) -> OrganizationPublic:
    """For operators: what an organization deploys is deployed with the credentials of the workers. The caller becomes
    its owner."""
    assert operator.user is not None  # operators are people
    clock = wiring(request).clock
    made = await create_organization(session, clock, operator.user, wanted.slug, wanted.name)
    log = Auditing(session, made.id, operator.actor, request.state.request_id, made.created_at)
    await log.record("organization.create", made.slug, after={"name": made.name})
    return OrganizationPublic.model_validate(made)


@router.get("/{organization}")
async def read_organization(access: Reading) -> OrganizationPublic:
    return OrganizationPublic.model_validate(access.organization)
