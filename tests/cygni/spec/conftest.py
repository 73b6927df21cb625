from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import parse_spec

VALID = """\
project: hello
region: us-east-1
services:
  web:
    image: nginx:1.29
    port: 80
"""

Refusal = Callable[..., SpecError]


@pytest.fixture
def valid() -> str:
    return VALID


@pytest.fixture
def refusal() -> Refusal:
    """What reading a text ends with."""

    def refuse(text: str, environment: str = "local") -> SpecError:
        with pytest.raises(SpecError) as caught:
            parse_spec(text, "cygni.yaml", environment)
        return caught.value

    return refuse


@pytest.fixture
def service() -> Callable[..., str]:
    """A whole file whose service `web` is these lines, starting at line 5."""

    def write(*lines: str) -> str:
        head = "project: hello\nregion: us-east-1\nservices:\n  web:\n"
        return head + "".join(f"    {line}\n" for line in lines)

    return write


@pytest.fixture
def web() -> dict[str, Any]:
    return {"image": "nginx", "port": 80}
