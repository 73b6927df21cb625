from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cygni.errors import NotFound
from cygni.naming import Colour
from cygni.releases.observed import Place
from cygni.releases.settings import Limits
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.running import Running
from cygni.targets.fargate.traffic import ListenerTraffic
from cygni.targets.fargate.workload import EcsWorkload
from tests.cygni.targets.fargate.conftest import register

BLUE, GREEN = Place("web", Colour.BLUE), Place("web", Colour.GREEN)


@pytest.fixture
def workload(clients: Clients, running: Running) -> EcsWorkload:
    return EcsWorkload(clients, running)


class TestLook:
    def test_tells_both_colours_and_who_gets_the_requests(
        self, workload: EcsWorkload, running: Running
    ) -> None:
        state = workload.look(["web"])["web"]
        assert state.weights == {Colour.BLUE: 100, Colour.GREEN: 0}
        for colour in Colour:
            found = state.colours[colour]
            assert (found.revision, found.desired) == (running.service("web").task_definition, 0)
            assert (found.running, found.pending, found.outdated, found.healthy) == (0, 0, 0, 0)
            assert found.limits == Limits(0, 6)

    def test_refuses_a_service_that_nobody_declares(self, workload: EcsWorkload) -> None:
        with pytest.raises(NotFound, match="no service that keeps running called nobody") as raised:
            workload.look(["nobody"])
        assert raised.value.hint == "There is: web."

    def test_refuses_a_service_that_was_deleted(
        self, workload: EcsWorkload, running: Running, aws: Callable[..., Any]
    ) -> None:
        one = running.service("web")
        aws("ecs").delete_service(cluster=one.cluster, service=one.names[Colour.GREEN])
        with pytest.raises(NotFound, match=one.names[Colour.GREEN]):
            workload.look(["web"])


class TestRun:
    def test_sets_the_revision_and_the_count_of_one_colour(
        self, workload: EcsWorkload, running: Running, aws: Callable[..., Any]
    ) -> None:
        newer = register(aws, running.service("web").task_definition.split("/")[1].split(":")[0])
        for _ in range(2):  # which changes nothing the second time
            workload.run(GREEN, newer, 3)
            state = workload.look(["web"])["web"]
            assert (state.colours[Colour.GREEN].revision, state.colours[Colour.GREEN].desired) == (newer, 3)
            assert state.colours[Colour.BLUE].desired == 0
        workload.run(GREEN, newer, 0)

    def test_sets_the_limits_of_one_colour(self, workload: EcsWorkload) -> None:
        workload.limit(GREEN, Limits(2, 4))
        colours = workload.look(["web"])["web"].colours
        assert (colours[Colour.GREEN].limits, colours[Colour.BLUE].limits) == (Limits(2, 4), Limits(0, 6))


class TestShift:
    @pytest.mark.parametrize(
        "weights", [{Colour.BLUE: 0, Colour.GREEN: 100}, {Colour.BLUE: 95, Colour.GREEN: 5}]
    )
    def test_divides_the_requests(
        self, weights: Mapping[Colour, int], workload: EcsWorkload, clients: Clients, running: Running
    ) -> None:
        ListenerTraffic(clients, running).shift("web", weights)
        assert workload.look(["web"])["web"].weights == weights
