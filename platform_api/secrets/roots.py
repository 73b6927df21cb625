"""What wraps the key-encryption keys: the server's own key, or a key in AWS KMS that never leaves it."""

from __future__ import annotations

import uuid
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from cygni.errors import StateError
from platform_api.keys import ServerKey
from platform_api.secrets.encryption import open_sealed, seal
from platform_api.settings import ServerSettings

_PATIENCE = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 3, "mode": "standard"})


class Root(Protocol):
    """Asked when a process starts and when keys are rotated: not by a request, but for the first after a rotation."""

    @property
    def name(self) -> str:
        """Kept beside what it wrapped."""

    def wrap(self, key: bytes, identifier: uuid.UUID) -> bytes: ...

    def unwrap(self, wrapped: bytes, identifier: uuid.UUID) -> bytes:
        """Raises StateError for what it did not wrap."""


class ServerKeyRoot:
    name = "server-key"

    def __init__(self, key: ServerKey) -> None:
        self._key = key.derived("key-encryption keys")

    def wrap(self, key: bytes, identifier: uuid.UUID) -> bytes:
        return seal(self._key, key, identifier.bytes)

    def unwrap(self, wrapped: bytes, identifier: uuid.UUID) -> bytes:
        return open_sealed(self._key, wrapped, identifier.bytes)


class KmsRoot:
    """`key` is an id, ARN or alias; `client` is boto3's of KMS. The server needs `kms:Encrypt` and `kms:Decrypt`."""

    def __init__(self, client: Any, key: str) -> None:
        self._client = client
        self._key = key

    @property
    def name(self) -> str:
        return f"kms {self._key}"

    def wrap(self, key: bytes, identifier: uuid.UUID) -> bytes:
        answer = self._ask("encrypt", Plaintext=key, identifier=identifier)
        return bytes(answer["CiphertextBlob"])

    def unwrap(self, wrapped: bytes, identifier: uuid.UUID) -> bytes:
        return bytes(self._ask("decrypt", CiphertextBlob=wrapped, identifier=identifier)["Plaintext"])

    def _ask(self, operation: str, identifier: uuid.UUID, **given: Any) -> Any:
        context = {"cygni": f"key-encryption-key {identifier}"}
        try:
            return getattr(self._client, operation)(KeyId=self._key, EncryptionContext=context, **given)
        except (ClientError, BotoCoreError) as error:
            raise StateError(
                f"KMS did not {operation} a key-encryption key with {self._key}: {error}",
                hint="The server's role needs kms:Encrypt and kms:Decrypt on that key.",
            ) from error


def roots_of(settings: ServerSettings, key: ServerKey) -> list[Root]:
    """Those that the settings name, the one for new keys first. The server's key is always among them: a server begins
    with it, and moves to KMS later. Raises StateError where KMS cannot be asked at all, as without a region."""
    kms = [_kms(name) for name in (settings.kms_key, *settings.old_kms_keys) if name]
    own = ServerKeyRoot(key)
    return [*kms, own] if settings.kms_key else [own, *kms]


def _kms(key: str) -> KmsRoot:
    """In the region of an ARN, else that of the environment."""
    region = key.split(":")[3] if key.startswith("arn:") and key.count(":") >= 5 else None
    try:
        return KmsRoot(boto3.client("kms", region_name=region, config=_PATIENCE), key)
    except BotoCoreError as error:
        raise StateError(
            f"AWS KMS cannot be asked: {error}", hint="Name the key by its ARN, or set AWS_REGION."
        ) from error
