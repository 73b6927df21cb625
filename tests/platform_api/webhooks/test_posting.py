from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from platform_api.webhooks import posting
from platform_api.webhooks.destinations import Allowed
from platform_api.webhooks.posting import Posted, post
from tests.platform_api.webhooks.receiver import Receiver

HERE = Allowed.parse("127.0.0.1")


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a receiver that says a little of its answer again and again."""
    stop = threading.Event()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not stop.wait(0.02):
                    try:
                        connection.sendall(b"X")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        thread.join()


def test_sends_what_it_is_given_with_the_name_of_the_host(listening: Receiver) -> None:
    url = listening.url.replace("127.0.0.1", "hooks.internal")
    found = post(url, b"{}", {"webhook-id": "msg_1"}, HERE, lambda host, port: ["127.0.0.1"])
    assert found == Posted(204)
    assert found.taken
    [(headers, body)] = listening.got
    assert headers["host"] == f"hooks.internal:{listening.port}"
    assert (headers["webhook-id"], body) == ("msg_1", b"{}")


def test_does_not_go_where_it_may_not(listening: Receiver) -> None:
    found = post(listening.url, b"{}", {}, Allowed())
    assert found == Posted(None, "not allowed: 127.0.0.1 is no host of the internet", forbidden=True)
    assert listening.got == []


def test_asks_for_the_address_of_a_host_once(listening: Receiver) -> None:
    """A name server that says something else the second time changes nothing."""
    asked: list[str] = []

    def changing(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    assert post(listening.url.replace("127.0.0.1", "x.test"), b"{}", {}, HERE, changing).taken
    assert asked == ["x.test"]


def test_follows_nothing(listening: Receiver) -> None:
    listening.status, listening.headers = 302, {"Location": listening.url}
    found = post(listening.url, b"{}", {}, HERE)
    assert (found.status, found.taken, len(listening.got)) == (302, False, 1)


@pytest.mark.parametrize(("asked", "waits"), [("120", 120), ("soon", None), ("-5", None), ("9" * 30, None)])
def test_hears_how_long_to_wait(listening: Receiver, asked: str, waits: int | None) -> None:
    listening.status, listening.headers = 503, {"Retry-After": asked}
    found = post(listening.url, b"{}", {}, HERE)
    assert found.retry_after == (None if waits is None else timedelta(seconds=waits))


def test_tells_what_happened_where_no_answer_came() -> None:
    assert post("http://127.0.0.1:1/", b"", {}, HERE) == Posted(None, "Connection refused")
    nowhere = post("https://nowhere.invalid/", b"", {}, HERE)
    assert (nowhere.status, (nowhere.error or "").startswith("the host cannot be found")) == (None, True)


def test_waits_no_longer_than_it_may(dripping: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "WHOLE_SECONDS", 0.3)
    assert post(f"http://127.0.0.1:{dripping}/", b"", {}, HERE) == Posted(None, "the answer took too long")


def test_checks_the_certificate_of_a_host(listening: Receiver) -> None:
    found = post(listening.url.replace("http://", "https://"), b"", {}, HERE)
    assert (found.status, found.error is not None, listening.got) == (None, True, [])
