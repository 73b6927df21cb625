"""The server's key, and the keys derived from it: one for each use, so that none can stand in for another."""

from __future__ import annotations

import base64
import binascii
import secrets
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cygni.errors import StateError
from cygni.private_file import make_once
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

    def state_passphrase(self, organization: uuid.UUID) -> str:
        """What encrypts secrets in the states of an organization, the same on every worker's host. It is never to be
        another for the same key: states could not be opened any more."""
        return self.derived(f"state passphrase {organization}").hex()

    def signing_key(self) -> Ed25519PrivateKey:
        """Signs access tokens."""
        return Ed25519PrivateKey.from_private_bytes(self.derived("access tokens"))


def server_key(settings: ServerSettings) -> ServerKey:
    """The key that is set, or that of the file that is, or of the one in the server's folder, made where there is none.

    Raises StateError if it cannot be read or made, or is none.
    """
    if settings.key is not None:
        return _decoded(settings.key, "CYGNI_SERVER_KEY")
    path = settings.key_file or settings.folder / "key"
    try:
        if settings.key_file is None:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                make_once(path, base64.b64encode(secrets.token_bytes(BYTES)) + b"\n")
        text = path.read_text(encoding="latin-1")
    except OSError as error:
        raise StateError(f"the server's key {path} cannot be read: {error.strerror}") from error
    return _decoded(text, str(path))


def _decoded(text: str, place: str) -> ServerKey:
    """Raises StateError, which names the `place` and nothing of the text."""
    try:
        return ServerKey(base64.b64decode(text.strip(), validate=True))
    except (ValueError, binascii.Error):
        raise StateError(
            f"{place} holds no key of a server",
            hint="It holds 32 random bytes as base64; make one with: openssl rand -base64 32",
        ) from None
