"""Which endpoint of the OCI distribution specification a request is for (pure)."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from cygni.local_cloud.registry.problems import Problem, digest_invalid, range_invalid

_PART: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME: Final = rf"{_PART}(?:/{_PART})*"
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_DIGEST: Final = re.compile(r"sha256:[a-f0-9]{64}")
_ENDPOINTS: Final = (
    ("blob", re.compile(rf"/v2/(?P<name>{_NAME})/blobs/(?P<reference>[^/]+)")),
    ("uploads", re.compile(rf"/v2/(?P<name>{_NAME})/blobs/uploads/?(?P<reference>)")),
    ("upload", re.compile(rf"/v2/(?P<name>{_NAME})/blobs/uploads/(?P<reference>[a-f0-9]{{32}})")),
    ("manifest", re.compile(rf"/v2/(?P<name>{_NAME})/manifests/(?P<reference>[^/]+)")),
    ("tags", re.compile(rf"/v2/(?P<name>{_NAME})/tags/list(?P<reference>)")),
    ("referrers", re.compile(rf"/v2/(?P<name>{_NAME})/referrers/(?P<reference>[^/]+)")),
)
_CONTENT_RANGE: Final = re.compile(r"(?:bytes[ =])?(\d+)-(\d+)(?:/.*)?")
_LONGEST_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` have names in lower case; `body` ends where the request's does."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: io.BufferedIOBase

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`kind` is base, blob, uploads, upload, manifest, tags or referrers; `reference` what follows it in the path."""

    kind: str
    name: str = ""
    reference: str = ""


def endpoint(path: str) -> Endpoint:
    """Raises Problem (404) for a path that is none of the specification's."""
    if path in ("/v2", "/v2/"):
        return Endpoint("base")
    for kind, pattern in reversed(_ENDPOINTS):
        found = pattern.fullmatch(path)
        if found and len(found["name"]) <= _LONGEST_NAME:
            return Endpoint(kind, found["name"], found["reference"])
    if path.startswith("/v2/"):
        raise Problem(404, "NAME_INVALID", f"{path} names no repository, or nothing of one")
    raise Problem(404, "UNSUPPORTED", f"{path} is not of a registry")


def digest(written: str | None) -> str:
    """A digest by SHA-256, the only one there is here. Raises Problem."""
    if written is None or not _DIGEST.fullmatch(written):
        raise digest_invalid(f"{written or 'nothing'} is no digest: sha256:, and 64 hexadecimal digits")
    return written


def is_digest(reference: str) -> bool:
    return ":" in reference


def tag(written: str) -> str:
    """Raises Problem for what is no tag."""
    if not _TAG.fullmatch(written):
        raise Problem(400, "TAG_INVALID", f"{written} is no tag: up to 128 letters, digits, `_`, `.` and `-`")
    return written


def first_byte(headers: Mapping[str, str]) -> int | None:
    """Where a chunk says that it begins; None where it does not. Raises Problem."""
    written = headers.get("content-range")
    if written is None:
        return None
    found = _CONTENT_RANGE.fullmatch(written.strip())
    if not found or int(found[2]) < int(found[1]):
        raise range_invalid(f"{written} is no range: FIRST-LAST")
    length = headers.get("content-length")
    if length is not None and int(length) != int(found[2]) - int(found[1]) + 1:
        raise range_invalid(f"{written} is not the range of {length} bytes")
    return int(found[1])


def wanted_bytes(written: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last that `Range` asks for; None for all. Raises Problem where there are
    none such."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", written or "")
    if not found or found[0] == "bytes=-":
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    first, last = int(found[1]), int(found[2]) if found[2] else size - 1
    if first >= size or last < first:
        raise range_invalid(f"{written} is not within {size} bytes")
    return first, min(last + 1, size)
