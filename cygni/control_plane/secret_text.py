"""What the value of a secret may be (pure)."""

from __future__ import annotations

from typing import Final

from cygni.errors import UsageError

LONGEST: Final = 64 * 1024
"""Bytes of a value, as AWS Secrets Manager has it."""


def secret_text(given: bytes) -> str:
    """The value, which is UTF-8. Raises UsageError, without a byte of it, for what cannot be one."""
    if len(given) > LONGEST:
        raise UsageError(
            f"the value is too large: it may have {LONGEST} bytes",
            hint="Keep a key in it, and the rest in a bucket.",
        )
    if b"\0" in given:
        raise UsageError("the value holds a NUL byte, which no environment variable can hold", hint=_ENCODE)
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("the value is no text in UTF-8", hint=_ENCODE) from None


_ENCODE: Final = "Encode what is binary, as `base64 -w0 FILE` does."
