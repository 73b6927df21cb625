"""`/v1/organizations/{organization}/projects/{project}/environments/{environment}/secrets`.

Values go in and do not come out, but for those with a permission of its own; each such reading is audited.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from cygni.control_plane.secret_text import LONGEST
from cygni.errors import NotFound
from platform_api.access.allowed import AllowedInProject
from platform_api.access.caller import ProjectAccess, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.environments.repository import Environments
from platform_api.secrets.repository import Secrets
from platform_api.secrets.service import SecretStore
from platform_api.wiring import wiring

router = APIRouter(
    prefix="/v1/organizations/{organization}/projects/{project}/environments/{environment}/secrets",
    tags=["secrets"],
)

Listing = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.SECRET_LIST))]
Writing = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.SECRET_WRITE))]
Reading = Annotated[ProjectAccess, Depends(AllowedInProject(Permission.SECRET_READ))]
Name = Annotated[
    str,
    Path(
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$",
        description="As of an environment variable.",
        examples=["DATABASE_URL"],
    ),
]


def _value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if "\0" in text or len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise ValueError(f"a value has at most {LONGEST} bytes, and no NUL")
    text.encode("utf-8")
    return value


class SecretWrite(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    value: Annotated[SecretStr, AfterValidator(_value)]


SecretName = Annotated[str, Field(examples=["DATABASE_URL"])]


class SecretPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: SecretName
    version: int
    created_at: datetime
    updated_at: datetime


class SecretList(BaseModel):
    items: list[SecretPublic]


class SecretValue(BaseModel):
    name: SecretName
    version: int
    value: str


@router.get("")
async def list_secrets(session: Transaction, listing: Listing, environment: str) -> SecretList:
    there = await Environments(session, listing.project).existing(environment)
    found = await Secrets(session, there).all()
    return SecretList(items=[SecretPublic.model_validate(one) for one in found])


@router.put("/{name}")
async def write_secret(
    request: Request,
    session: Transaction,
    writing: Writing,
    audit: Audit,
    environment: str,
    name: Name,
    wanted: SecretWrite,
) -> SecretPublic:
    """A new version; what runs gets it with its next release."""
    parts = wiring(request)
    there = await Environments(session, writing.project).existing(environment)
    store = SecretStore(session, parts.key_ring, there)
    written = await store.write(name, wanted.value.get_secret_value(), writing.caller, parts.clock.now())
    await audit.record(
        "secret.write", _subject(writing, environment, name), after={"version": written.version}
    )
    return SecretPublic.model_validate(written)


@router.get("/{name}/value")
async def read_secret(
    request: Request,
    response: Response,
    session: Transaction,
    reading: Reading,
    audit: Audit,
    environment: str,
    name: Name,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> SecretValue:
    there = await Environments(session, reading.project).existing(environment)
    number, value = await SecretStore(session, wiring(request).key_ring, there).read(name, version)
    response.headers["Cache-Control"] = "no-store"
    await audit.record("secret.read", _subject(reading, environment, name), after={"version": number})
    return SecretValue(name=name, version=number, value=value)


@router.delete("/{name}", status_code=204)
async def delete_secret(
    session: Transaction, writing: Writing, audit: Audit, environment: str, name: Name
) -> None:
    """With all its versions."""
    secrets = Secrets(session, await Environments(session, writing.project).existing(environment))
    found = await secrets.locked(name)
    if found is None:
        raise NotFound(f"there is no secret {name!r} here")
    await secrets.delete(found)
    await audit.record(
        "secret.delete", _subject(writing, environment, name), before={"version": found.version}
    )


def _subject(access: ProjectAccess, environment: str, name: str) -> str:
    return f"{access.project.slug}/{environment}/{name}"
