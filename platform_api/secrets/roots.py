"""What wraps the key-encryption keys: the server's own key, or a key in AWS KMS that never leaves it."""

from __future__ import annotations

import uuid
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from cygni.errors import StateError
from platform_api.keys import ServerKey
from platform_api.secrets.encryption import open_sealed, seal


class Root(Protocol):
    """Asked when a server starts and when keys are rotated, never by a request."""

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
