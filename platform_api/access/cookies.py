"""Cookies of browsers: tokens that no script reads, and the proof that a request comes from a page that may make it.

A browser sends cookies with every request, whoever caused it. So one that changes something carries the header
`X-CSRF-Token` with what only a page of ours can read (a signed double submit, bound to the session), and says by
`Sec-Fetch-Site` or `Origin` that it comes from us.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request, Response

from cygni.errors import PermissionDenied

ACCESS: Final = "cygni_access"
REFRESH: Final = "cygni_refresh"
CSRF: Final = "cygni_csrf"
CSRF_HEADER: Final = "X-CSRF-Token"
_HOST: Final = "__Host-"
"""Browsers take such a cookie over TLS alone, of this very host, so that no subdomain plants one (RFC 6265bis)."""
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS: Final = frozenset({"same-origin", "none"})


def is_plain(request: Request) -> bool:
    """Whether the request comes without TLS to this machine, where a developer has none. `__Host-` needs it."""
    host = request.url.hostname or ""
    return request.url.scheme == "http" and (host == "localhost" or _is_loopback(host))


def cookie(request: Request, name: str) -> str | None:
    """What the browser sent under this name; over TLS the prefixed cookie counts alone."""
    return request.cookies.get(name if is_plain(request) else f"{_HOST}{name}")


@dataclass(frozen=True, slots=True)
class CookieJar:
    """Sets cookies of one answer. All end with the browser's session, or earlier on the server."""

    request: Request
    response: Response

    def keep(self, name: str, value: str, ends: datetime, *, readable: bool = False) -> None:
        """Until `ends`, an aware moment; scripts read it where it is `readable`."""
        plain = is_plain(self.request)
        self.response.set_cookie(
            name if plain else f"{_HOST}{name}",
            value,
            expires=ends,
            path="/",
            secure=not plain,
            httponly=not readable,
            samesite="strict",
        )

    def forget(self, *names: str) -> None:
        plain = is_plain(self.request)
        for name in names:
            self.response.delete_cookie(
                name if plain else f"{_HOST}{name}", path="/", secure=not plain, samesite="strict"
            )


class CsrfTokens:
    """One for each session: an HMAC of its id, so that a cookie that somebody planted is worth nothing."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, session: uuid.UUID) -> str:
        return hmac.new(self._key, session.bytes, hashlib.sha256).hexdigest()

    def require(self, request: Request, session: uuid.UUID, origins: Collection[str]) -> None:
        """Raises PermissionDenied for a request with cookies that changes something and does not prove where it comes
        from. `origins` are those of other pages that may ask."""
        if request.method in _READING:
            return
        require_own_page(request, origins)
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.of(session).encode()):
            raise PermissionDenied(
                f"a request with cookies needs the header {CSRF_HEADER}",
                hint=f"Send what the cookie {CSRF} holds; signing in tells it too, as csrf_token.",
            )


def require_own_page(request: Request, origins: Collection[str]) -> None:
    """Raises PermissionDenied where the browser says that another site's page made the request."""
    if not comes_from_us(request.headers, f"{request.url.scheme}://{request.url.netloc}", origins):
        raise PermissionDenied(
            "this request comes from a page of another site",
            hint="CYGNI_SERVER_ORIGINS of the server names pages elsewhere that may ask.",
        )


def comes_from_us(headers: Mapping[str, str], own: str, origins: Collection[str]) -> bool:
    """By what browsers say and scripts cannot forge. Programs that are no browsers say neither."""
    origin = headers.get("origin")
    if origin is not None and origin in origins:
        return True
    site = headers.get("sec-fetch-site")
    return site in _OURS if site is not None else origin in {None, own}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
