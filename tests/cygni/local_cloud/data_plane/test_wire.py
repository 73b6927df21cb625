from __future__ import annotations

import pytest

from cygni.local_cloud.data_plane import wire
from cygni.local_cloud.data_plane.reports import ListenerState, MetricDatum, Report, TargetHealth
from cygni.local_cloud.data_plane.snapshot import (
    Condition,
    ElasticLoadBalancing,
    FixedResponse,
    Forward,
    Listener,
    LoadBalancer,
    Redirect,
    Rule,
    Snapshot,
)

RULES = (
    Rule("r1", (Condition("query-string", pairs=(("", "v"),)),), Forward((("tg", 0),), sticky_seconds=60)),
    Rule(
        "r2",
        (Condition("http-header", ("a*",), name="X-A"),),
        Redirect(301, "#{protocol}", "h", "1", "/", ""),
    ),
    Rule("r3", (), FixedResponse(404, "text/plain", "gone")),
)
SNAPSHOT = Snapshot(
    "lc-1",
    7,
    ElasticLoadBalancing((LoadBalancer("lb", "lb", 8080, (Listener("l", "HTTP", 80, 8080, RULES),)),), ()),
)
REPORTS: tuple[Report, ...] = (
    TargetHealth("tg", "127.0.0.1", 80, 1.5, "unhealthy", "Target.Timeout", "Request timed out"),
    MetricDatum("AWS/ApplicationELB", "RequestCount", (("LoadBalancer", "x"),), 1.0, (1.0,), (3.0,), "Count"),
    ListenerState("l", "port 80 is taken"),
)


class TestJson:
    def test_keeps_every_kind_of_rule(self) -> None:
        answer = wire.Answer("lc-1", 7, SNAPSHOT, REPORTS)
        assert wire.answer_from_json(wire.answer_to_json(answer)) == answer

    def test_keeps_every_kind_of_report(self) -> None:
        assert wire.reports_from_json(wire.reports_to_json("lc-1", REPORTS)) == ("lc-1", REPORTS)

    @pytest.mark.parametrize("content", [b"", b"[]", b'{"instance_id": "lc", "reports": [{"type": "news"}]}'])
    def test_is_refused_when_it_says_something_else(self, content: bytes) -> None:
        with pytest.raises(ValueError, match="validation error"):
            wire.reports_from_json(content)
