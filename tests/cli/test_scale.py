from __future__ import annotations

import pytest

from cli.scale import counts_of
from cygni.errors import UsageError


class TestCountsOf:
    def test_reads_services_and_their_numbers(self) -> None:
        assert counts_of(["web=4", "mailer=0"]) == {"web": 4, "mailer": 0}

    @pytest.mark.parametrize("said", ["web", "web=", "=4", "web=-1", "web=two", "web=5001", "web=²"])
    def test_refuses_what_says_no_number(self, said: str) -> None:
        with pytest.raises(UsageError, match="says no number of tasks"):
            counts_of([said])
