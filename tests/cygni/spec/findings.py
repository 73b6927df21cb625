"""What a section of a specification says against values."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cygni.spec.section import Finding, findings_of


def found(model: Any, data: Any) -> list[Finding]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(data)
    return findings_of(caught.value)


def only(findings: list[Finding]) -> Finding:
    (finding,) = findings
    return finding


def project(**over: Any) -> dict[str, Any]:
    """A whole specification, as it is written, with these sections."""
    return {"project": "hello", "region": "us-east-1", "environment": "local"} | over
