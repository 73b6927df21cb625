"""`/v1/organizations/{organization}/projects/{project}/domains`."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.domains.models import Domain
from platform_api.domains.repository import Domains
from platform_api.domains.steps import Record, Status, ownership_record
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/projects/{project}/domains", tags=["domains"])

Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DOMAIN_READ))]
Managing = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.DOMAIN_MANAGE))]
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HostName = Annotated[
    str,
    StringConstraints(pattern=rf"^({_LABEL}\.)+[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?$", max_length=64),
    Field(examples=["shop.example.com"]),
]
"""In small letters, without a dot at the end; ACM takes 64 characters (RequestCertificate)."""
Region = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$", max_length=32),
    Field(examples=["eu-central-1"]),
]


class DomainCreate(BaseModel):
    """`region` is where the certificate is to be: that of the load balancer, or us-east-1 for CloudFront. Without, that
    of the worker."""

    model_config = ConfigDict(extra="forbid")

    name: HostName
    region: Region | None = None


class RecordPublic(BaseModel):
    """To be set in the DNS, as it is written there."""

    model_config = ConfigDict(from_attributes=True)

    type: str
    name: str
    value: str
    purpose: str


class DomainPublic(BaseModel):
    """`records` are those that have to be set and to stay. `due_at` is when it is looked at next."""

    id: uuid.UUID
    name: str
    status: Status
    reason: str | None
    records: list[RecordPublic]
    certificate: str | None
    region: str | None
    verified_at: datetime | None
    due_at: datetime | None
    created_at: datetime


class DomainList(BaseModel):
    items: list[DomainPublic]


@router.get("")
async def list_domains(session: Transaction, reading: Reading) -> DomainList:
    found = await Domains(session, reading.project).all()
    return DomainList(items=[_shown(one) for one in found])


@router.post("", status_code=201)
async def add_domain(
    request: Request, session: Transaction, managing: Managing, audit: Audit, wanted: DomainCreate
) -> DomainPublic:
    """It is looked for in the DNS at once, and for three days."""
    now = wiring(request).clock.now()
    made = Domain(
        organization_id=managing.project.organization_id,
        project_id=managing.project.id,
        name=wanted.name,
        token=secrets.token_hex(16),
        region=wanted.region,
        status_since=now,
        due_at=now,
        created_at=now,
    )
    await Domains(session, managing.project).add(made)
    await audit.record("domain.add", made.name, after={"project": managing.project.slug})
    return _shown(made)


@router.get("/{domain}")
async def read_domain(session: Transaction, reading: Reading, domain: uuid.UUID) -> DomainPublic:
    return _shown(await Domains(session, reading.project).existing(domain))


@router.post("/{domain}/check", status_code=202)
async def check_domain(
    request: Request, session: Transaction, managing: Managing, audit: Audit, domain: uuid.UUID
) -> DomainPublic:
    """Has it looked at now. One that failed begins where it was."""
    now = wiring(request).clock.now()
    found = await Domains(session, managing.project).existing(domain)
    if found.status == Status.FAILED:
        found.status = Status.PENDING if found.verified_at is None else Status.PROVISIONING
        found.status_since, found.certificate, found.validation = now, None, []
        found.reason = None
    found.checks, found.due_at, found.claimed_until = 0, now, None
    await audit.record("domain.check", found.name)
    return _shown(found)


@router.delete("/{domain}", status_code=204)
async def remove_domain(session: Transaction, managing: Managing, audit: Audit, domain: uuid.UUID) -> None:
    """Others may have it then. Its certificate stays in AWS, as something may serve with it."""
    domains = Domains(session, managing.project)
    found = await domains.existing(domain)
    await domains.delete(found)
    await audit.record("domain.remove", found.name, before={"certificate": found.certificate})


def _shown(domain: Domain) -> DomainPublic:
    records = [ownership_record(domain.name, domain.token), *(Record(**one) for one in domain.validation)]
    return DomainPublic(
        id=domain.id,
        name=domain.name,
        status=Status(domain.status),
        reason=domain.reason,
        records=[RecordPublic.model_validate(one) for one in records],
        certificate=domain.certificate,
        region=domain.region,
        verified_at=domain.verified_at,
        due_at=domain.due_at,
        created_at=domain.created_at,
    )
