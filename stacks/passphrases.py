"""Whether a passphrase opens a state, without the engine.

Source: pulumi sdk/v3 `secrets/passphrase`: the salt of a stack is `v1:SALT:v1:NONCE:TEXT`, in base 64. The key is 32
bytes of PBKDF2 with SHA-256, a million rounds; TEXT is `pulumi` in AES-256-GCM.
"""

from __future__ import annotations

import base64
import hashlib

_ROUNDS = 1_000_000


def opens(salt: str, passphrase: str) -> bool | None:
    """Whether a passphrase is that of a salt; None for a salt of another form. Takes about half a second."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        version, text, inner, nonce, proof = salt.split(":")
        if (version, inner) != ("v1", "v1"):
            return None
        salted, start, sealed = (base64.b64decode(part) for part in (text, nonce, proof))
    except ValueError:
        return None
    key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salted, _ROUNDS, 32)
    try:
        return AESGCM(key).decrypt(start, sealed, None) == b"pulumi"
    except InvalidTag:
        return False
