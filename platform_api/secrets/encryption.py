"""Envelope encryption: a data key for each version of a secret, wrapped by a key-encryption key (pure).

AES-256-GCM throughout, with random 96-bit nonces. Each ciphertext is bound to where it belongs, so a row that is copied
to another place does not open there.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cygni.errors import StateError

_KEY, _NONCE = 32, 12


@dataclass(frozen=True, slots=True)
class Place:
    """What a version of a secret is bound to."""

    organization: uuid.UUID
    secret: uuid.UUID
    version: int

    @property
    def bytes(self) -> bytes:
        return self.organization.bytes + self.secret.bytes + self.version.to_bytes(8, "big")


@dataclass(frozen=True, slots=True)
class KeyEncryptionKey:
    """Wraps data keys, nothing else."""

    id: uuid.UUID
    secret: bytes = field(repr=False)

    def wrap(self, data_key: bytes, place: Place) -> bytes:
        return seal(self.secret, data_key, self.id.bytes + place.bytes)

    def unwrap(self, wrapped: bytes, place: Place) -> bytes:
        """Raises StateError for what this key did not wrap, or for another place."""
        return open_sealed(self.secret, wrapped, self.id.bytes + place.bytes)


@dataclass(frozen=True, slots=True)
class Encrypted:
    key_encryption_key_id: uuid.UUID
    wrapped_key: bytes
    ciphertext: bytes


class Wrapped(Protocol):
    """An `Encrypted`, or a row that holds one."""

    @property
    def wrapped_key(self) -> bytes: ...

    @property
    def ciphertext(self) -> bytes: ...


def encrypt(key: KeyEncryptionKey, value: str, place: Place) -> Encrypted:
    data_key = new_key()
    return Encrypted(key.id, key.wrap(data_key, place), seal(data_key, value.encode(), place.bytes))


def decrypt(key: KeyEncryptionKey, encrypted: Wrapped, place: Place) -> str:
    """Raises StateError where it was not encrypted with this key for this place, or was changed since."""
    data_key = key.unwrap(encrypted.wrapped_key, place)
    return open_sealed(data_key, encrypted.ciphertext, place.bytes).decode()


def new_key() -> bytes:
    return secrets.token_bytes(_KEY)


def seal(key: bytes, value: bytes, bound_to: bytes) -> bytes:
    """The nonce, then the ciphertext with its tag."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, value, bound_to)


def open_sealed(key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
    """Raises StateError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)
    except (InvalidTag, ValueError):
        raise StateError(
            "a secret cannot be decrypted: its row was changed, or the server's key is another one",
            hint="Start the server with the key that it had: CYGNI_SERVER_KEY_FILE.",
        ) from None
