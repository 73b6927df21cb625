"""What a worker needs of a deployment's tenant, read once: names, the folder that was sent, its secrets and domains."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlmodel import col, select

from cygni.errors import WrongState
from platform_api.database.transactions import Database, Scope
from platform_api.deployments.redaction import Redactor
from platform_api.domains.serving import issued_domains
from platform_api.environments.models import Environment
from platform_api.keys import ServerKey
from platform_api.projects.models import Project
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.repository import Secrets
from platform_api.secrets.service import SecretStore
from platform_api.sources.models import Source
from platform_api.worker.state_home import is_at_home
from stacks.given_domains import GivenDomain
from stacks.kept_secrets import GivenSecret

_SECRET_VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "PULUMI_ACCESS_TOKEN", "CYGNI_STATE")


@dataclass(frozen=True, slots=True)
class Material:
    project: str
    environment: str
    archive: bytes = field(repr=False)
    secrets: Mapping[str, GivenSecret] = field(repr=False)
    domains: tuple[GivenDomain, ...]
    redactor: Redactor = field(repr=False)
    at_home: bool = True
    """Whether its state is where this worker looks for it."""


class Task(Protocol):
    """Whatever is done for a tenant, with a folder that was sent."""

    @property
    def organization(self) -> uuid.UUID: ...
    @property
    def project(self) -> uuid.UUID: ...
    @property
    def environment(self) -> uuid.UUID: ...
    @property
    def source(self) -> uuid.UUID: ...


async def material(
    database: Database,
    ring: KeyRing,
    key: ServerKey,
    claim: Task,
    environ: Mapping[str, str],
    *,
    home: str | None = None,
    changes: bool = False,
) -> Material:
    """`home` is the worker's, `changes` whether what is done may change the environment's state. Raises StateError
    where a secret does not open, WrongState where the folder is forgotten."""
    async with database.transaction(Scope(organization=claim.organization)) as session:
        project = await session.get_one(Project, claim.project)
        environment = await session.get_one(Environment, claim.environment)
        archive = await session.scalar(select(Source.archive).where(col(Source.id) == claim.source))
        if archive is None:
            raise WrongState(
                "the folder that was sent for this is kept no more", hint="Deploy again: cx deploy"
            )
        store = SecretStore(session, ring, environment)
        known = await Secrets(session, environment).all()
        secrets = {}
        for secret in known:
            number, value = await store.read(secret.name, None)
            secrets[secret.name] = GivenSecret(str(uuid.uuid5(secret.id, str(number))), value)
        at_home = await is_at_home(session, environment, home, changes=changes)
        domains = await issued_domains(session, environment)
    values = [one.value for one in secrets.values()]
    own = own_secrets(environ)
    passphrase = key.state_passphrase(claim.organization)
    return Material(
        project.slug,
        environment.name,
        archive,
        secrets,
        domains,
        Redactor([*values, *own, passphrase]),
        at_home,
    )


def own_secrets(environ: Mapping[str, str]) -> list[str]:
    """Those of the worker itself, from its environment."""
    return [environ[name] for name in _SECRET_VARIABLES if environ.get(name)]
