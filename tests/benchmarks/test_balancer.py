from __future__ import annotations

import pytest

from benchmarks.balancer import Load, parse
from benchmarks.measuring import CommandFailed

TOLD = """Running 5s test @ http://127.0.0.1:8080/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     4.51ms    5.05ms  54.09ms   88.77%
    Req/Sec     9.27k     1.71k   12.49k    68.00%
  Latency Distribution
     50%    2.76ms
     75%    5.28ms
     90%   11.31ms
     99%   23.38ms
  46131 requests in 5.00s, 6.60MB read
Requests/sec:   9224.79
Transfer/sec:      1.32MB
"""
TROUBLED = TOLD.replace(
    "Requests/sec",
    "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\nRequests/sec",
)


class TestParse:
    def test_reads_what_wrk_prints(self) -> None:
        found = parse(TOLD)
        assert found.p99 == pytest.approx(0.02338)
        assert found == Load(requests=46131, seconds=5.0, p99=found.p99, failed=0)

    def test_counts_every_kind_of_failure(self) -> None:
        assert parse(TROUBLED).failed == 15

    @pytest.mark.parametrize(("told", "seconds"), [("99%  912.00us", 0.000912), ("99%    1.20s", 1.2)])
    def test_knows_the_units(self, told: str, seconds: float) -> None:
        assert parse(TOLD.replace("99%   23.38ms", told)).p99 == pytest.approx(seconds)

    @pytest.mark.parametrize("text", ["", "unable to connect", TOLD.replace("46131 requests", "0 requests")])
    def test_fails_where_nothing_was_answered(self, text: str) -> None:
        with pytest.raises(CommandFailed, match="wrk"):
            parse(text)
