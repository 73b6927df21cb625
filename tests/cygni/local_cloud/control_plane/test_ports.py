from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from cygni.errors import LocalCloudError
from cygni.local_cloud.control_plane.ports import Ports, is_free


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


@pytest.fixture
def ports() -> Iterator[Ports]:
    ports = Ports()
    yield ports
    ports.release_all()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class TestReserve:
    def test_passes_over_what_another_program_listens_on(self, ports: Ports, listening: int) -> None:
        assert ports.reserve(range(listening, listening + 50)) > listening

    def test_gives_no_port_twice_not_to_another_local_cloud_either(self, ports: Ports) -> None:
        first = free_port()
        wanted = range(first, first + 50)
        other = Ports()
        try:
            assert len({ports.reserve(wanted), ports.reserve(wanted), other.reserve(wanted)}) == 3
        finally:
            other.release_all()

    def test_gives_again_what_was_released(self, ports: Ports) -> None:
        port = ports.reserve(range(20000, 20050))
        ports.release(port)
        ports.release(port)
        assert ports.reserve(range(port, port + 1)) == port

    def test_leaves_the_port_to_whoever_is_to_listen_on_it(self, ports: Ports) -> None:
        port = ports.reserve(range(20100, 20150))
        assert is_free(port)

    def test_takes_any_other_when_all_of_those_are_taken(self, ports: Ports, listening: int) -> None:
        assert ports.reserve(range(listening, listening + 1)) not in (0, listening)

    def test_says_when_there_is_none(self, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cygni.local_cloud.control_plane.ports.is_free", lambda port: False)
        with pytest.raises(LocalCloudError, match="no free port"):
            ports.reserve(range(20200, 20210))
