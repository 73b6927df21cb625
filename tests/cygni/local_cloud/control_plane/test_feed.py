from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from cygni.local_cloud.control_plane import feed as feed_module
from cygni.local_cloud.control_plane.feed import Feed
from cygni.local_cloud.control_plane.sections import Section
from cygni.local_cloud.data_plane.reports import ListenerState, Report
from cygni.local_cloud.data_plane.snapshot import ElasticLoadBalancing, Listener, LoadBalancer

SERVED = ElasticLoadBalancing((LoadBalancer("lb", "lb", 8080, (Listener("l", "HTTP", 80, 8080, ()),)),))


class Moto:
    """A section whose state is set by hand."""

    def __init__(self) -> None:
        self.state = ElasticLoadBalancing()
        self.taken: list[Report] = []

    def section(self) -> Section:
        return Section(
            name="elbv2",
            services=frozenset({"elbv2"}),
            read=lambda: self.state,
            reports=frozenset({"listener"}),
            take=self.taken.extend,
            reported=lambda: tuple(self.taken),
            forget=self.taken.clear,
        )


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Moto:
    moto = Moto()
    monkeypatch.setattr(feed_module, "SECTIONS", (moto.section(),))
    return moto


class TestWhatNobodyHasForeseen:
    def test_leaves_a_section_as_it_was(self, moto: Moto, monkeypatch: pytest.MonkeyPatch) -> None:
        moto.state = SERVED
        feed = Feed("lc", lambda: None)
        feed.look()

        def broken() -> ElasticLoadBalancing:
            raise ValueError("2 GB")

        monkeypatch.setattr(feed_module, "SECTIONS", (replace(moto.section(), read=broken),))
        feed.refresh("elbv2")
        assert feed.newest.elbv2 == SERVED

    def test_loses_no_other_report(self, moto: Moto, monkeypatch: pytest.MonkeyPatch) -> None:
        def take(reports: tuple[Report, ...]) -> None:
            if any(one == bad for one in reports):
                raise KeyError("gone")
            moto.taken.extend(reports)

        bad, good = ListenerState("bad"), ListenerState("good")
        monkeypatch.setattr(feed_module, "SECTIONS", (replace(moto.section(), take=take),))
        feed = Feed("lc", lambda: None)
        assert feed.take("lc", (bad, good))
        assert moto.taken == [good]


class TestFeed:
    def test_gives_what_there_is_at_once_to_whoever_asks_first(self, moto: Moto) -> None:
        answer = Feed("lc", lambda: None).wait(0, 0)
        assert answer.snapshot is not None
        assert (answer.instance_id, answer.revision) == ("lc", answer.snapshot.revision)

    def test_moves_on_when_a_call_has_changed_something(self, moto: Moto) -> None:
        feed = Feed("lc", lambda: None)
        before = feed.wait(0, 0).revision
        feed.refresh("elbv2")
        assert feed.wait(before, 0).snapshot is None
        moto.state = SERVED
        feed.refresh("sqs")
        assert feed.wait(before, 0).snapshot is None
        feed.refresh("elbv2")
        answer = feed.wait(before, 0)
        assert answer.revision == before + 1
        assert answer.snapshot is not None
        assert answer.snapshot.elbv2 == SERVED

    def test_lets_wait_until_it_moves(self, moto: Moto) -> None:
        feed = Feed("lc", lambda: None)
        since = feed.wait(0, 0).revision
        moto.state = SERVED
        threading.Timer(0.05, feed.refresh, ["elbv2"]).start()
        assert feed.wait(since, 60).snapshot is not None

    def test_asks_for_a_data_plane_when_there_is_something_to_serve(self, moto: Moto) -> None:
        asked: list[int] = []
        feed = Feed("lc", lambda: asked.append(1))
        feed.refresh("elbv2")
        assert asked == []
        moto.state = SERVED
        feed.refresh("elbv2")
        assert asked == [1]

    def test_takes_reports_that_are_meant_for_it(self, moto: Moto) -> None:
        feed = Feed("lc", lambda: None)
        assert feed.take("lc", (ListenerState("l", "taken"),))
        assert not feed.take("lc-other", (ListenerState("l"),))
        assert feed.reported() == (ListenerState("l", "taken"),)

    def test_begins_again_at_a_reset_without_taking_back_a_number(self, moto: Moto) -> None:
        feed = Feed("lc", lambda: None)
        moto.state = SERVED
        feed.refresh("elbv2")
        since = feed.wait(0, 0).revision
        feed.reset("lc-new")
        answer = feed.wait(since, 0)
        assert answer.instance_id == "lc-new"
        assert answer.snapshot is not None
        assert answer.snapshot.elbv2 == ElasticLoadBalancing()
