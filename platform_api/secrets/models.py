from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id
from platform_api.secrets.encryption import Place


class KeyEncryptionKeyRow(SQLModel, table=True):
    """`root` names what wrapped it. The newest encrypts; older ones open what is not rewrapped yet."""

    __tablename__ = "key_encryption_keys"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    root: str
    wrapped: bytes = Field(repr=False)
    created_at: datetime = Field(sa_type=MOMENT)


class Secret(SQLModel, table=True):
    """`version` is the newest."""

    __tablename__ = "secrets"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    project_id: uuid.UUID
    environment_id: uuid.UUID
    name: str
    version: int
    created_at: datetime = Field(sa_type=MOMENT)
    updated_at: datetime = Field(sa_type=MOMENT)


class Sealed(SQLModel):
    """A value that is encrypted by a data key of its own, and that by a key-encryption key."""

    key_encryption_key_id: uuid.UUID
    wrapped_key: bytes = Field(repr=False)
    ciphertext: bytes = Field(repr=False)

    @property
    def place(self) -> Place:
        """What it is bound to."""
        raise NotImplementedError


class SecretVersion(Sealed, table=True):
    __tablename__ = "secret_versions"

    organization_id: uuid.UUID
    secret_id: uuid.UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    created_at: datetime = Field(sa_type=MOMENT)
    created_by: dict[str, str] = Field(sa_type=JSONB)

    @property
    def place(self) -> Place:
        return Place(self.organization_id, self.secret_id, self.version)
