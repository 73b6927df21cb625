from __future__ import annotations

from pathlib import Path

import pytest

from cygni.local_cloud.databases.installation import Installation, nearest

SIXTEEN, EIGHTEEN = Installation(Path("/16"), 16), Installation(Path("/18"), 18)


@pytest.mark.parametrize(
    ("wanted", "found"), [(16, SIXTEEN), (17, EIGHTEEN), (18, EIGHTEEN), (19, EIGHTEEN), (14, SIXTEEN)]
)
def test_takes_the_version_that_is_asked_for_or_the_next(wanted: int, found: Installation) -> None:
    assert nearest([SIXTEEN, EIGHTEEN], wanted) == found


def test_takes_the_first_of_equals() -> None:
    assert nearest([SIXTEEN, Installation(Path("/other"), 16)], 16) == SIXTEEN


def test_finds_none_where_there_is_none() -> None:
    assert nearest([], 17) is None
