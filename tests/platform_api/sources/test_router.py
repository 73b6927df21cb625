"""Sending a folder: slowly, and more than once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop, archive
from tests.platform_api.people import Team

SOURCES = "/v1/organizations/acme/projects/shop/sources"


@pytest.fixture
def shop(team: Team) -> Team:
    assert team.owner.post("/v1/organizations/acme/projects", slug="shop").status_code == 201
    return team


class TestSending:
    def test_that_takes_long_keeps_no_connection_of_the_database(
        self, shop: Team, control_plane: ControlPlane
    ) -> None:
        """Ten would be all there are; and the server of the database cuts off who does nothing in a transaction."""
        used: list[int] = []
        database = control_plane.client.app.state.wiring.database  # type: ignore[attr-defined]

        def slowly() -> Iterator[bytes]:
            for byte in archive():
                used.append(database.pool_use.used)
                yield bytes([byte])

        assert shop.owner.ask("POST", SOURCES, content=slowly()).status_code == 201
        assert used
        assert set(used) == {0}

    def test_twice_at_once_keeps_it_once(self, shop: Team, control_plane: ControlPlane) -> None:
        workshop, together = Workshop(control_plane), threading.Barrier(6)

        def send() -> tuple[int, str]:
            together.wait(30)
            answer = shop.owner.ask("POST", SOURCES, content=archive())
            return answer.status_code, answer.json().get("id", answer.text)

        for _ in range(3):
            workshop.run("TRUNCATE sources CASCADE")
            with ThreadPoolExecutor(6) as senders:
                answers = [one.result(60) for one in [senders.submit(send) for _ in range(6)]]
            assert len(set(answers)) == 1, answers
            assert answers[0][0] == 201
        entries = workshop.run("SELECT number FROM audit_entries WHERE action = 'source.create'")
        assert len(entries) == 3

    def test_is_for_those_who_deploy(self, shop: Team) -> None:
        viewer = shop.invite("vera", "viewer")
        assert viewer.ask("POST", SOURCES, content=archive()).status_code == 403
        assert shop.client.post(SOURCES, content=archive()).status_code == 401
        assert shop.owner.ask("POST", SOURCES.replace("shop", "blog"), content=archive()).status_code == 404
