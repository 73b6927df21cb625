"""The server's key, and the keys derived from it: one for each use, so that none can stand in for another."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cygni.errors import StateError
from platform_api.settings import ServerSettings

BYTES = 32


class ServerKey:
    """32 secret bytes that every host of a control plane shares. Nothing shows them: not `repr`, not an error."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != BYTES:
            raise ValueError(f"a server's key has {BYTES} bytes")
        self._secret = secret

    def derived(self, use: str) -> bytes:
        """32 bytes for one use (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), BYTES, None, f"cygni {use}".encode()).derive(self._secret)

    def role_password(self, role: str) -> str:
        """The password of a role in PostgreSQL, the same on every host."""
        return self.derived(f"role {role}").hex()

    def signing_key(self) -> Ed25519PrivateKey:
        """Signs access tokens."""
        return Ed25519PrivateKey.from_private_bytes(self.derived("access tokens"))


def server_key(settings: ServerSettings) -> ServerKey:
    """The key of the file that is set, or of the one in the server's folder, made where there is none.

    Raises StateError if it cannot be read or made, or is none.
    """
    path = settings.key_file or settings.folder / "key"
    try:
        if settings.key_file is None:
            _make(path)
        text = path.read_text(encoding="ascii").strip()
        return ServerKey(base64.b64decode(text, validate=True))
    except OSError as error:
        raise StateError(f"the server's key {path} cannot be read: {error.strerror}") from error
    except (ValueError, binascii.Error):
        raise StateError(
            f"{path} holds no key of a server",
            hint="It holds 32 random bytes as base64; make one with: openssl rand -base64 32",
        ) from None


def _make(path: Path) -> None:
    """One of two that make it at once wins, and the other reads the winner's."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists():
        return
    made = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
