"""What is answered where a request cannot be done (OCI distribution specification 1.1, "Error Codes")."""

from __future__ import annotations

import json
from typing import Any


class Problem(Exception):
    """`code` is one of the specification's, `status` HTTP's."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    @property
    def body(self) -> bytes:
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        return json.dumps({"errors": [error]}).encode()


def blob_unknown(digest: str) -> Problem:
    return Problem(404, "BLOB_UNKNOWN", f"the repository has no blob {digest}")


def manifest_unknown(reference: str) -> Problem:
    return Problem(404, "MANIFEST_UNKNOWN", f"the repository has no image {reference}")


def upload_unknown(upload: str) -> Problem:
    return Problem(404, "BLOB_UPLOAD_UNKNOWN", f"there is no upload {upload}, or no longer")


def digest_invalid(message: str) -> Problem:
    return Problem(400, "DIGEST_INVALID", message)


def range_invalid(message: str) -> Problem:
    return Problem(416, "BLOB_UPLOAD_INVALID", message)
