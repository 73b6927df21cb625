"""Errors as the processes of the control plane tell them to `cx`, which rebuilds them."""

from __future__ import annotations

from typing import Any

from cygni.errors import CygniError


def told_error(error: CygniError) -> dict[str, Any]:
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "hint": error.hint,
            "details": error.details,
        }
    }
