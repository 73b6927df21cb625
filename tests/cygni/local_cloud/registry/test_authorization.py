from __future__ import annotations

import base64

import pytest

from cygni.local_cloud.registry.authorization import SECONDS, region_of, token
from cygni.local_cloud.registry.problems import Problem

KEY = b"a key"


def header(password: str, user: str = "AWS") -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def test_a_token_tells_its_region_for_twelve_hours() -> None:
    given = token(KEY, "eu-west-1", 1000.5)
    assert ":" not in given
    assert region_of(KEY, header(given), 1001) == "eu-west-1"
    with pytest.raises(Problem, match="log in"):
        region_of(KEY, header(given), 1000 + SECONDS)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "Bearer abc",
        "Basic ???",
        "Basic /w==",
        header(""),
        header("eu-west-1.99999.abc"),
        header(token(KEY, "eu-west-1", 0).replace("eu", "us")),
        header(token(b"another", "eu-west-1", 0)),
        header(token(KEY, "eu-west-1", 0), user="me"),
    ],
)
def test_nothing_else_is_one(written: str | None) -> None:
    with pytest.raises(Problem) as refused:
        region_of(KEY, written, 1)
    assert refused.value.status == 401
