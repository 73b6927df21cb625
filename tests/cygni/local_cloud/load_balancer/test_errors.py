"""What a real load balancer answers when its targets do not."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from cygni.local_cloud.load_balancer.replies import page
from tests.cygni.local_cloud.balanced import Answer, Balanced, Served, eventually, forward
from tests.cygni.local_cloud.upstream import Upstream


@pytest.fixture
def group(balanced: Balanced, upstream: Upstream) -> str:
    return balanced.group(upstream.port)


@pytest.fixture
def served(balanced: Balanced, group: str) -> Served:
    served = Served(balanced, forward((group, 1)))
    assert eventually(lambda: served.get().code, lambda code: code == 200) == 200
    return served


def is_page(answer: Answer, code: int) -> None:
    assert (answer.code, answer.text) == (code, page(code))
    assert (answer.headers["server"], answer.headers["content-type"]) == ("awselb/2.0", "text/html")


class TestBadGateway:
    def test_is_the_answer_for_a_target_that_hangs_up(self, served: Served) -> None:
        is_page(served.get("/close"), 502)

    def test_is_the_answer_for_targets_that_refuse(self, served: Served, upstream: Upstream) -> None:
        upstream.refuse()
        is_page(eventually(served.get, lambda answer: answer.code != 200), 502)

    def test_is_not_the_answer_while_another_target_accepts(
        self, balanced: Balanced, served: Served, group: str, upstream: Upstream
    ) -> None:
        with Upstream("other") as other:
            balanced.register(group, other.port)
            assert eventually(lambda: served.get().text == "other")
            upstream.refuse()
            # What was on its way when the target hung up is lost; all else is not.
            assert eventually(lambda: {served.get().code for _ in range(10)} == {200})
            answers = [served.get() for _ in range(30)]
        assert {answer.code for answer in answers} == {200}

    def test_is_the_answer_for_what_is_no_http(self, balanced: Balanced) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            group = balanced.group(silent.getsockname()[1])
            served = Served(balanced, forward((group, 1)))
            silent.settimeout(10)

            def answer_nonsense() -> None:
                with contextlib.suppress(OSError):  # the test has ended
                    while True:
                        connection, _ = silent.accept()
                        connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
                        connection.close()

            threading.Thread(target=answer_nonsense, daemon=True).start()
            is_page(eventually(served.get, lambda answer: answer.code == 502), 502)


class TestServiceUnavailable:
    def test_is_the_answer_of_a_group_without_targets(self, balanced: Balanced) -> None:
        served = Served(balanced, forward((balanced.group(), 1)))
        is_page(served.get(), 503)

    def test_is_the_answer_once_all_targets_drain(
        self, balanced: Balanced, served: Served, group: str, upstream: Upstream
    ) -> None:
        balanced.deregister(group, upstream.port)
        is_page(eventually(served.get, lambda answer: answer.code != 200), 503)


class TestGatewayTimeout:
    def test_is_the_answer_when_a_target_is_silent_for_too_long(
        self, balanced: Balanced, served: Served
    ) -> None:
        balanced.elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=served.balancer["LoadBalancerArn"],
            Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "1"}],
        )
        is_page(eventually(lambda: served.get("/slow?seconds=2"), lambda answer: answer.code != 200), 504)


class TestBadRequest:
    def test_is_the_answer_to_what_is_no_request(self, served: Served) -> None:
        with socket.create_connection((served.host, served.port), 10) as connection:
            connection.sendall(b"nonsense\r\n\r\n")
            assert connection.recv(4096).startswith(b"HTTP/1.1 400 ")


class TestTakenPort:
    def test_is_told_with_the_listener(self, balanced: Balanced) -> None:
        balancer = balanced.balancer()
        port = int(balancer["DNSName"].split(":")[1])
        answer = {
            "Type": "fixed-response",
            "FixedResponseConfig": {"StatusCode": "200", "MessageBody": "here"},
        }
        with socket.create_server(("127.0.0.1", port)):
            balanced.listener(balancer, answer)
            problems = eventually(lambda: told(balanced, port), lambda problem: "taken" in problem)
            assert problems == f"port {port} of 127.0.0.1 is taken by another program"
        assert eventually(lambda: told(balanced, port), lambda problem: problem == "") == ""


def told(balanced: Balanced, port: int) -> str:
    [balancer] = [
        one
        for one in balanced.ask("/_cygni/load-balancers")["load_balancers"]
        if one["address"] == f"127.0.0.1:{port}"
    ]
    return str(balancer["listeners"][0]["problem"])
