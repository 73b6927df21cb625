"""What goes through a real load balancer besides short requests."""

from __future__ import annotations

import hashlib
import http.client
import socket
import ssl
import time
from collections.abc import Iterator

import pytest

from tests.cygni.local_cloud.balanced import Balanced, Served, eventually, forward
from tests.cygni.local_cloud.upstream import Upstream

MEBIBYTE = b"0123456789abcdef" * 65536


@pytest.fixture
def served(balanced: Balanced, upstream: Upstream) -> Served:
    group = balanced.group(upstream.port)
    served = Served(balanced, forward((group, 1)))
    assert eventually(lambda: served.get().code, lambda code: code == 200) == 200
    return served


class TestRequests:
    def test_reach_the_target_as_they_were_sent(self, served: Served) -> None:
        target, *headers = served.get("/headers?a=%2Fb&c=d+e", X_Asked_For="this").text.split("\r\n")
        told = dict(header.split(": ", 1) for header in headers)
        assert target == "/headers?a=%2Fb&c=d+e"
        assert told["x-asked-for"] == "this"
        assert told["host"] == f"{served.host}:{served.port}"

    def test_tell_the_target_where_they_come_from(self, served: Served) -> None:
        text = served.get("/headers", X_Forwarded_For="192.0.2.1").text
        told = dict(header.split(": ", 1) for header in text.split("\r\n")[1:])
        assert told["x-forwarded-for"] == "192.0.2.1,127.0.0.1"
        assert told["x-forwarded-proto"] == "http"
        assert told["x-forwarded-port"] == str(served.port)
        assert not any(name.startswith("x-envoy") for name in told)

    def test_find_the_rules_of_their_listener_whatever_they_claim(self, served: Served) -> None:
        answer = served.get("/headers", X_Cygni_Listener="another")
        assert answer.code == 200
        assert "cygni" not in answer.text

    def test_get_the_targets_own_headers_back(self, served: Served) -> None:
        headers = {name.lower() for name in served.get().headers}
        assert served.get().headers["server"] == "up"
        assert not any(name.startswith("x-envoy") for name in headers)

    def test_of_head_have_no_body(self, served: Served) -> None:
        answer = served.get(method="HEAD")
        assert (answer.code, answer.text, answer.headers["content-length"]) == (200, "", "2")

    def test_follow_each_other_on_one_connection(self, served: Served, upstream: Upstream) -> None:
        connection = served.connection()
        for _ in range(50):
            connection.request("GET", "/")
            assert connection.getresponse().read() == b"up"
        connection.close()
        assert upstream.connections < 25  # health checks have one each

    def test_of_http_1_0_are_answered(self, served: Served) -> None:
        with socket.create_connection((served.host, served.port), 10) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\nHost: x\r\n\r\n")
            content = b""
            while part := connection.recv(4096):
                content += part
        assert content.endswith(b"up")


class TestUploads:
    def test_may_be_large(self, served: Served) -> None:
        connection = served.connection()
        connection.request("POST", "/upload", body=MEBIBYTE * 64)
        assert connection.getresponse().read().decode() == hashlib.sha256(MEBIBYTE * 64).hexdigest()
        connection.close()

    def test_may_come_in_chunks(self, served: Served) -> None:
        def chunks() -> Iterator[bytes]:
            for _ in range(8):
                yield MEBIBYTE

        connection = served.connection()
        connection.request(
            "POST", "/upload", body=chunks(), encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
        )
        assert connection.getresponse().read().decode() == hashlib.sha256(MEBIBYTE * 8).hexdigest()
        connection.close()

    def test_may_come_slowly(self, served: Served) -> None:
        with socket.create_connection((served.host, served.port), 10) as connection:
            connection.sendall(
                b"POST /upload HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"
            )
            for byte in b"abcde":
                time.sleep(0.05)
                connection.sendall(bytes([byte]))
            content = b""
            while part := connection.recv(4096):
                content += part
        assert content.endswith(hashlib.sha256(b"abcde").hexdigest().encode())


class TestStreams:
    def test_arrive_event_by_event(self, served: Served, upstream: Upstream) -> None:
        connection = served.connection()
        connection.request("GET", "/stream")
        response = connection.getresponse()
        assert response.getheader("content-type") == "text/event-stream"
        for number in range(3):
            assert response.fp.readline().strip()  # the chunk's length
            assert response.fp.readline() == f"data: {number}\n".encode()
            assert [response.fp.readline() for _ in range(2)] == [b"\n", b"\r\n"]
            upstream.more.set()  # only now does the target send another
        connection.close()

    def test_of_a_websocket_go_both_ways(self, served: Served) -> None:
        with socket.create_connection((served.host, served.port), 10) as connection:
            connection.sendall(
                b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += connection.recv(1)
            assert head.startswith(b"HTTP/1.1 101")
            for word in (b"one", b"two"):
                connection.sendall(word)
                assert connection.recv(16) == word


class TestHttps:
    def test_is_served_with_a_certificate_for_this_machine(self, balanced: Balanced, served: Served) -> None:
        acm = balanced.aws("acm")
        arn = acm.request_certificate(DomainName="shop.test", ValidationMethod="DNS")["CertificateArn"]
        group = balanced.elbv2.describe_listeners(ListenerArns=[served.listener])["Listeners"][0][
            "DefaultActions"
        ]
        made = balanced.elbv2.create_listener(
            LoadBalancerArn=served.balancer["LoadBalancerArn"], Protocol="HTTPS", Port=443,
            Certificates=[{"CertificateArn": arn}], DefaultActions=group,
        )  # fmt: skip
        served.listener = made["Listeners"][0]["ListenerArn"]
        assert eventually(served.problem, lambda problem: problem == "") == ""
        [url] = [
            listener["url"]
            for balancer in balanced.ask("/_cygni/load-balancers")["load_balancers"]
            for listener in balancer["listeners"]
            if listener["arn"] == served.listener
        ]
        port = int(url.removeprefix("https://127.0.0.1:"))
        trusted = ssl.create_default_context(cadata=ssl.get_server_certificate(("127.0.0.1", port)))
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=trusted)
        connection.request("GET", "/headers")
        assert "x-forwarded-proto: https" in connection.getresponse().read().decode()
        connection.close()
        plain = socket.create_connection(("127.0.0.1", port), 10)
        with trusted.wrap_socket(plain, server_hostname="shop.test") as secure:
            assert secure.version() == "TLSv1.3"
