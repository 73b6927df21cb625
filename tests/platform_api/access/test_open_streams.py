"""Streams of events that are open at a time, over real connections, which end in many ways."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx2
import pytest

from cygni.errors import UsageError
from platform_api.access.open_streams import OpenStreams, StreamLimits
from platform_api.access.rate_limits import RateLimited
from platform_api.edge.settings import EdgeSettings
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.people import PASSWORD, Team
from tests.platform_api.served import Served

SHOP = "/v1/organizations/acme/projects/shop"
ACME, OTHER = uuid.uuid4(), uuid.uuid4()


def many(streams: OpenStreams, held: ExitStack, *which: tuple[str, uuid.UUID]) -> list[bool]:
    """Which of them could be opened, one after the other."""

    def opened(caller: str, organization: uuid.UUID) -> bool:
        try:
            held.enter_context(streams.one_more(caller, organization))
        except RateLimited:
            return False
        return True

    return [opened(*one) for one in which]


class TestOpenStreams:
    def test_are_so_many_of_a_caller_and_so_many_of_an_organization(self) -> None:
        streams = OpenStreams(StreamLimits(caller=2, organization=3))
        with ExitStack() as held:
            ada, bob = ("ada", ACME), ("bob", ACME)
            assert many(streams, held, ada, ada, ada, bob, bob) == [True, True, False, True, False]
            assert many(streams, held, ("bob", OTHER), ("ada", OTHER)) == [True, False]
        assert vars(streams)["_callers"] == vars(streams)["_organizations"] == {}

    def test_that_end_with_an_error_are_open_no_more(self) -> None:
        streams = OpenStreams(StreamLimits(caller=1))
        for _ in range(3):
            with pytest.raises(OSError, match="gone"), streams.one_more("ada", ACME):
                raise OSError("gone")


class TestSettings:
    def test_are_read_by_name(self) -> None:
        found = EdgeSettings.from_environment({"CYGNI_SERVER_STREAMS": "organization=7, caller=3"})
        assert found.streams == StreamLimits(3, 7)
        assert EdgeSettings.from_environment({}).streams == StreamLimits(20, 200)

    @pytest.mark.parametrize(
        "value", ["caller", "caller=0", "caller=-1", "people=3", "caller=3;organization=2"]
    )
    def test_that_say_nothing_are_refused(self, value: str) -> None:
        with pytest.raises(UsageError, match="CYGNI_SERVER_STREAMS"):
            EdgeSettings.from_environment({"CYGNI_SERVER_STREAMS": value})


@pytest.fixture
def served(control_plane: ControlPlane) -> Iterator[Served]:
    server = Served(control_plane.owner_url)
    server.start()
    yield server
    server.stop()


def test_a_stream_that_nobody_listens_to_any_more_makes_place_for_the_next(
    team: Team, served: Served
) -> None:
    team.owner.post("/v1/organizations/acme/projects", slug="shop")
    team.owner.post(f"{SHOP}/environments", name="staging")
    source = team.owner.ask("POST", f"{SHOP}/sources", content=archive()).json()["id"]
    deployments = f"{SHOP}/environments/staging/deployments"
    begun = team.owner.post(deployments, source=source).json()["id"]
    url = f"http://127.0.0.1:{served.port}{deployments}/{begun}/events/stream"
    given = {"email": team.owner.email, "password": PASSWORD}
    signed_in = httpx2.post(f"http://127.0.0.1:{served.port}/v1/sessions", json=given).json()
    client = httpx2.Client(headers={"Authorization": f"Bearer {signed_in['access_token']}"}, timeout=30)

    @contextmanager
    def listening() -> Iterator[httpx2.Response]:
        with client.stream("GET", url) as answer:
            lines = answer.iter_lines()  # kept: the connection ends with it
            if answer.status_code == 200:
                next(lines)
            yield answer

    with client, ExitStack() as held:
        for _ in range(StreamLimits().caller):
            assert held.enter_context(listening()).status_code == 200
        with listening() as refused:
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
            assert "20 streams of this caller are open already" in refused.read().decode()
        held.close()
        until = time.monotonic() + 30
        while True:
            with listening() as answer:
                if answer.status_code == 200:
                    break
            assert time.monotonic() < until
            time.sleep(0.2)
