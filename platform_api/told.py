"""Errors as the control plane tells and keeps them, and `cx` rebuilds them."""

from __future__ import annotations

from typing import Any

from cygni.errors import CygniError


def as_told(error: CygniError) -> dict[str, Any]:
    """`code`, `message`, `hint` and `details`."""
    return {"code": error.code, "message": error.message, "hint": error.hint, "details": error.details}


def told_error(error: CygniError) -> dict[str, Any]:
    """What a process of the control plane writes on stdout where it fails."""
    return {"error": as_told(error)}
