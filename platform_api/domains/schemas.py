"""What is said and shown of domains."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from platform_api.domains.models import Domain
from platform_api.domains.steps import Record, Status, leading_record, ownership_record, standing
from platform_api.environments.models import Environment
from platform_api.text import Slug

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
EnvironmentName = Annotated[Slug, Field(examples=["production"])]


class DomainCreate(BaseModel):
    """`environment` is whose load balancer it is to lead to. `region` is where the certificate is to be, and has to be
    where that is; without, that of the worker."""

    model_config = ConfigDict(extra="forbid")

    name: HostName
    environment: EnvironmentName
    region: Region | None = None


class DomainUpdate(BaseModel):
    """The environment that it belongs to from now on."""

    model_config = ConfigDict(extra="forbid")

    environment: EnvironmentName


class RecordPublic(BaseModel):
    """To be set in the DNS, as it is written there. `type` is `ALIAS` at the top of a zone, where no CNAME may be: in
    Route 53 an A record with an alias into the zone `zone_id`."""

    model_config = ConfigDict(from_attributes=True)

    type: str
    name: str
    value: str
    purpose: str
    zone_id: Annotated[str | None, Field(examples=[None])]


class DomainPublic(BaseModel):
    """`records` are those that have to be set and to stay. `due_at` is when it is looked at next. `environment` is null
    for a domain that was there before domains had one, and when its environment was deleted. `served` says that its
    load balancer has the certificate since the last deployment: then `records` has the one that leads there."""

    id: uuid.UUID
    name: str
    environment: Annotated[str | None, Field(examples=["production"])]
    status: Status
    reason: str | None
    records: list[RecordPublic]
    served: bool
    certificate: str | None
    region: str | None
    verified_at: datetime | None
    due_at: datetime | None
    created_at: datetime


class DomainList(BaseModel):
    items: list[DomainPublic]


def shown(domain: Domain, environment: Environment | None) -> DomainPublic:
    """`environment` is that which it belongs to."""
    records = [ownership_record(domain.name, domain.token), *(Record(**one) for one in domain.validation)]
    status, name = Status(domain.status), None if environment is None else environment.name
    if environment is not None and environment.load_balancer and domain.served:
        records.append(
            leading_record(
                domain.name,
                environment.name,
                environment.load_balancer,
                environment.load_balancer_zone,
                is_zone=bool(domain.is_zone),
            )
        )
    return DomainPublic(
        id=domain.id,
        name=domain.name,
        environment=name,
        status=status,
        reason=standing(status, domain.reason, environment=name, served=domain.served),
        records=[RecordPublic.model_validate(one) for one in records],
        served=domain.served,
        certificate=domain.certificate,
        region=domain.region,
        verified_at=domain.verified_at,
        due_at=domain.due_at,
        created_at=domain.created_at,
    )
