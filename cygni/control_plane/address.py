"""What is an address of a control plane, for those who give one and for the server that is told its own (pure)."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from cygni.errors import UsageError


def address(url: str, *, of: str, hint: str) -> SplitResult:
    """The parts of `url`, which is `of` something. Raises UsageError with the `hint` for what is no address, and for
    one with a name and a password, which it does not repeat."""
    if "@" in url:
        raise UsageError(f"{of} holds a name or a password", hint=hint)
    try:
        parts = urlsplit(url)
        known = parts.port != 0 and bool((parts.hostname or "").encode("idna"))  # raise for what is none
    except ValueError as error:
        raise UsageError(f"{of} is {url!r}, which is no address: {error}", hint=hint) from None
    plain = url.isprintable() and " " not in url and parts.path.isascii()
    if not known or not plain or parts.query or parts.fragment or parts.scheme not in ("http", "https"):
        raise UsageError(f"{of} is {url!r}, which is no address", hint=hint)
    return parts
