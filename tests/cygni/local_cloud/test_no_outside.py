from __future__ import annotations

import subprocess
import sys

import pytest

from cygni.local_cloud.no_outside import is_loopback


def tried(statement: str) -> str:
    """What happens to a statement in a process that stays on the loopback."""
    program = (
        "import socket\nfrom cygni.local_cloud.no_outside import stay_on_loopback\nstay_on_loopback()\n"
        f"try:\n    {statement}\nexcept Exception as error:\n    print(type(error).__name__)\nelse:\n    print('done')"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return finished.stdout.strip()


class TestIsLoopback:
    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "a.localhost", b"localhost", "", None]
    )
    def test_takes_this_machine(self, host: object) -> None:
        assert is_loopback(host)

    @pytest.mark.parametrize(
        "host",
        ["8.8.8.8", "169.254.169.254", "10.0.0.1", "0.0.0.0", "::", "example.com", "localhost.example.com"],
    )
    def test_takes_no_other(self, host: object) -> None:
        assert not is_loopback(host)


class TestStayOnLoopback:
    @pytest.mark.parametrize(
        "statement",
        [
            "socket.create_connection(('203.0.113.1', 80), 1)",
            "socket.getaddrinfo('example.com', 80)",
            "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('203.0.113.1', 53))",
            "import urllib.request; urllib.request.urlopen('http://169.254.169.254/', timeout=1)",
        ],
    )
    def test_refuses_other_machines(self, statement: str) -> None:
        assert tried(statement) in ("OutsideRefused", "URLError")

    def test_lets_this_machine_be_reached(self) -> None:
        server = "s = socket.create_server(('127.0.0.1', 0))"
        assert tried(f"{server}; socket.create_connection(s.getsockname())") == "done"
