"""Writing and reading secrets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import NotFound
from platform_api.access.caller import Caller
from platform_api.environments.models import Environment
from platform_api.identifiers import new_id
from platform_api.secrets.encryption import Place, decrypt, encrypt
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.models import Secret, SecretVersion
from platform_api.secrets.repository import Secrets


class SecretStore:
    def __init__(self, session: AsyncSession, ring: KeyRing, environment: Environment) -> None:
        self._session = session
        self._ring = ring
        self._environment = environment
        self._secrets = Secrets(session, environment)

    async def write(self, name: str, value: str, caller: Caller, now: datetime) -> Secret:
        """A new version of the secret, which is made where there is none."""
        secret = await self._secrets.locked(name)
        if secret is None:
            secret = Secret(
                organization_id=self._environment.organization_id,
                id=new_id(),
                project_id=self._environment.project_id,
                environment_id=self._environment.id,
                name=name,
                version=0,
                created_at=now,
                updated_at=now,
            )
            self._secrets.add(secret)
        secret.version += 1
        secret.updated_at = now
        await self._session.flush()
        key = await self._ring.current(self._session)
        place = Place(secret.organization_id, secret.id, secret.version)
        encrypted = encrypt(key, value, place)
        self._secrets.add(
            SecretVersion(
                organization_id=secret.organization_id,
                secret_id=secret.id,
                version=secret.version,
                key_encryption_key_id=encrypted.key_encryption_key_id,
                wrapped_key=encrypted.wrapped_key,
                ciphertext=encrypted.ciphertext,
                created_at=now,
                created_by=caller.actor,
            )
        )
        return secret

    async def read(self, name: str, version: int | None) -> tuple[int, str]:
        """The version, the newest without one, and its value. Raises NotFound, StateError where it does not open."""
        secret = await self._secrets.named(name)
        found = await self._secrets.version(secret, version or secret.version) if secret else None
        if secret is None or found is None:
            raise NotFound(
                f"there is no secret {name!r} here" + (f" with a version {version}" if version else "")
            )
        row, wrapped_by = found
        key = await self._ring.opened(wrapped_by)
        return row.version, decrypt(key, row, row.place)
