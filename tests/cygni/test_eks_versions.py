from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from cygni.eks_versions import NEWEST, STANDARD_SUPPORT_ENDS, in_extended_support, minor


class TestCalendar:
    def test_has_every_version_between_its_first_and_the_newest(self) -> None:
        numbers = [minor(version) for version in STANDARD_SUPPORT_ENDS]
        assert all(one is not None and other == one + 1 for one, other in pairwise(numbers))
        assert list(STANDARD_SUPPORT_ENDS)[-1] == NEWEST

    def test_ends_the_support_of_later_versions_later(self) -> None:
        assert all(one < other for one, other in pairwise(STANDARD_SUPPORT_ENDS.values()))


class TestInExtendedSupport:
    @pytest.mark.parametrize(
        ("version", "day", "expected"),
        [
            ("1.34", date(2026, 12, 2), False),
            ("1.34", date(2026, 12, 3), True),
            ("1.20", date(2026, 1, 1), True),
            ("1.99", date(2026, 1, 1), None),
            ("latest", date(2026, 1, 1), None),
        ],
    )
    def test_begins_the_day_after_standard_support_ends(
        self, version: str, day: date, expected: bool | None
    ) -> None:
        assert in_extended_support(version, day) is expected
