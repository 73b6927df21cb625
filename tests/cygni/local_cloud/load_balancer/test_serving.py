"""A real Envoy in front of real servers."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from functools import partial
from typing import Any

import pytest

from cygni.local_cloud.control_plane.ports import is_free
from tests.cygni.local_cloud.balanced import Balanced, Served, eventually, forward
from tests.cygni.local_cloud.upstream import Upstream

Pair = tuple[Upstream, Upstream]


def healthy(balanced: Balanced, *groups: str) -> bool:
    return all(set(balanced.health(group).values()) == {"healthy"} for group in groups)


@pytest.fixture
def groups(balanced: Balanced, upstreams: Pair) -> tuple[str, str]:
    blue, green = (balanced.group(upstream.port) for upstream in upstreams)
    return blue, green


@pytest.fixture
def served(balanced: Balanced, groups: tuple[str, str]) -> Served:
    """Blue and green, healthy, all traffic on blue."""
    served = Served(balanced, forward((groups[0], 1), (groups[1], 0)))
    assert eventually(lambda: healthy(balanced, *groups))
    return served


def shares(served: Served, requests: int) -> Counter[str]:
    """Who has answered so many requests on one connection."""
    connection = served.connection()
    found: Counter[str] = Counter()
    for _ in range(requests):
        connection.request("GET", "/")
        response = connection.getresponse()
        found[response.read().decode()] += response.status == 200
    connection.close()
    return found


class TestWeights:
    def test_of_nought_get_nothing(self, served: Served) -> None:
        assert shares(served, 500) == {"blue": 500}

    def test_are_kept_on_average(self, served: Served, groups: tuple[str, str]) -> None:
        served.forward((groups[0], 3), (groups[1], 1))
        assert eventually(lambda: shares(served, 20)["green"])
        found = shares(served, 4000)
        assert found.total() == 4000
        assert 850 < found["green"] < 1150  # five standard deviations to each side of 1000

    def test_take_effect_at_once(self, served: Served, groups: tuple[str, str]) -> None:
        connection = served.connection()
        for turn in range(20):
            blue = turn % 2
            served.forward((groups[0], blue), (groups[1], 1 - blue))
            changed = time.monotonic()
            wanted = b"blue" if blue else b"green"
            while True:
                connection.request("GET", "/")
                if connection.getresponse().read() == wanted:
                    break
                assert time.monotonic() - changed < 60
        connection.close()

    def test_that_are_all_nought_answer_503(self, served: Served, groups: tuple[str, str]) -> None:
        served.forward((groups[0], 0), (groups[1], 0))
        assert eventually(lambda: served.get().code, lambda code: code == 503) == 503


class Load:
    """Clients that ask without a pause until they are told to stop, and note whatever is not as it should be."""

    def __init__(self, served: Served, clients: int, *, keep_alive: bool):
        self.answered: Counter[str] = Counter()
        self.failed: list[str] = []
        self._served = served
        self._keep_alive = keep_alive
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(clients)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def passed(self, requests: int) -> bool:
        return self.answered.total() > requests

    def quiet(self, name: str, requests: int = 200) -> bool:
        """Whether so many requests pass of which none is answered by `name`."""
        before, total = self.answered[name], self.answered.total()
        while self.answered.total() < total + requests:
            time.sleep(0.01)
        return self.answered[name] == before

    def _ask(self) -> None:
        connection = self._served.connection()
        while not self._stop.is_set():
            try:
                connection.request("POST", "/", body=b"x" * 100)
                response = connection.getresponse()
                text = response.read().decode()
                if response.status == 200:
                    self.answered[text] += 1
                else:
                    self.failed.append(f"{response.status} {text}")
            except OSError as error:
                self.failed.append(repr(error))
                connection.close()
            if not self._keep_alive:
                connection.close()
        connection.close()


class TestSwitch:
    @pytest.mark.parametrize("keep_alive", [True, False])
    def test_loses_no_request(self, served: Served, groups: tuple[str, str], keep_alive: bool) -> None:
        blue, green = groups
        with Load(served, 4, keep_alive=keep_alive) as load:
            for step in (0, 25, 50, 75, 100) * 4:
                before = load.answered.total()
                served.forward((blue, 100 - step), (green, step))
                assert eventually(partial(load.passed, before + 20))
        assert load.failed == []
        assert min(load.answered["blue"], load.answered["green"]) > 50

    def test_loses_no_request_when_targets_come_and_go(
        self, balanced: Balanced, served: Served, groups: tuple[str, str], upstreams: Pair
    ) -> None:
        blue, _ = groups
        with Load(served, 4, keep_alive=True) as load, Upstream("more") as more:
            for _ in range(3):
                balanced.register(blue, more.port)
                assert eventually(lambda: healthy(balanced, blue))
                assert eventually(lambda: not load.quiet("more"))
                balanced.deregister(blue, more.port)
                assert eventually(lambda: load.quiet("more"))
        assert load.failed == []

    def test_finishes_what_the_old_group_has_begun(self, served: Served, groups: tuple[str, str]) -> None:
        answers: list[Any] = []
        slow = threading.Thread(target=lambda: answers.append(served.get("/slow?seconds=2").text))
        slow.start()
        served.forward((groups[1], 1))
        assert eventually(lambda: served.get().text, lambda text: text == "green") == "green"
        slow.join()
        assert answers == ["blue"]


class TestStickiness:
    def test_keeps_a_client_with_its_group_whatever_the_weights(
        self, served: Served, groups: tuple[str, str]
    ) -> None:
        blue, green = groups
        served.forward((blue, 1), (green, 0), sticky_seconds=60)
        cookie = eventually(lambda: served.get().headers.get("set-cookie", ""))
        assert cookie.startswith("AWSALBTG=")
        served.forward((blue, 0), (green, 1), sticky_seconds=60)
        assert eventually(lambda: served.get().text, lambda text: text == "green") == "green"
        held = cookie.partition(";")[0]
        assert {served.get(Cookie=f"a=b; {held}; c=d").text for _ in range(20)} == {"blue"}
        assert served.get(Cookie=f"other{held}").text == "green"

    def test_keeps_a_client_with_its_target(self, balanced: Balanced, upstreams: Pair) -> None:
        group = balanced.group(
            *(upstream.port for upstream in upstreams),
            attributes={"stickiness.enabled": "true", "stickiness.type": "lb_cookie"},
        )
        served = Served(balanced, forward((group, 1)))
        assert eventually(lambda: healthy(balanced, group))
        assert eventually(lambda: {served.get().text for _ in range(10)} == {"blue", "green"})
        first = served.get()
        held = first.headers["set-cookie"].partition(";")[0]
        assert held.startswith("AWSALB=")
        assert {served.get(Cookie=held).text for _ in range(20)} == {first.text}


class TestRules:
    @pytest.mark.parametrize(
        ("condition", "path", "headers"),
        [
            ({"Field": "path-pattern", "Values": ["/green/*"]}, "/green/x?y=z", {}),
            ({"Field": "host-header", "Values": ["*.green.test"]}, "/", {"Host": "www.green.test"}),
            (
                {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "x-cygni-colour", "Values": ["green"]}},
                "/",
                {"X-Cygni-Colour": "green"},
            ),
            ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["DELETE"]}}, "/", {"method": "DELETE"}),
            (
                {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "to", "Value": "gr*"}]}},
                "/?a=b&to=green",
                {},
            ),
            ({"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}}, "/", {}),
        ],
    )  # fmt: skip
    def test_choose_by_every_kind_of_condition(
        self,
        served: Served,
        groups: tuple[str, str],
        condition: dict[str, Any],
        path: str,
        headers: dict[str, str],
    ) -> None:
        rule = served.rule(1, condition, forward((groups[1], 1)))
        assert eventually(lambda: served.get(path, **headers).text, lambda text: text == "green") == "green"
        if condition["Field"] != "source-ip":
            assert served.get().text == "blue"
        served.balanced.elbv2.delete_rule(RuleArn=rule)
        assert eventually(lambda: served.get(path, **headers).text, lambda text: text == "blue") == "blue"

    def test_redirect(self, served: Served) -> None:
        to = {"StatusCode": "HTTP_301", "Path": "/new/#{path}"}
        served.rule(
            1, {"Field": "path-pattern", "Values": ["/old/*"]}, {"Type": "redirect", "RedirectConfig": to}
        )
        answer = eventually(lambda: served.get("/old/a?b=c"), lambda answer: answer.code == 301)
        assert answer.headers["location"] == f"http://{served.host}:{served.port}/new/old/a?b=c"

    def test_answer_by_themselves(self, served: Served) -> None:
        response = {"StatusCode": "404", "ContentType": "application/json", "MessageBody": '{"gone": true}'}
        served.rule(
            1,
            {"Field": "path-pattern", "Values": ["/gone"]},
            {"Type": "fixed-response", "FixedResponseConfig": response},
        )
        answer = eventually(lambda: served.get("/gone"), lambda answer: answer.code == 404)
        assert (answer.text, answer.headers["content-type"]) == ('{"gone": true}', "application/json")
        assert answer.headers["server"] == "awselb/2.0"


class TestListeners:
    def test_give_their_port_back_though_a_client_is_connected(self, balanced: Balanced) -> None:
        served = Served(balanced, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}})
        kept = served.connection()
        kept.request("GET", "/")
        assert kept.getresponse().read() == b""
        balanced.remove_balancers()
        assert eventually(lambda: is_free(served.port))
        kept.close()

    def test_that_change_leave_open_connections_alone(self, served: Served, groups: tuple[str, str]) -> None:
        with socket.create_connection((served.host, served.port), 10) as stream:
            stream.sendall(
                b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            )
            assert stream.recv(4096).startswith(b"HTTP/1.1 101")
            served.balanced.elbv2.modify_load_balancer_attributes(
                LoadBalancerArn=served.balancer["LoadBalancerArn"],
                Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "1"}],
            )
            # A new connection is held to the new timeout: the change has arrived.
            assert eventually(lambda: served.get("/slow?seconds=2").code, lambda code: code == 504) == 504
            stream.sendall(b"still here")
            assert stream.recv(64) == b"still here"
