from __future__ import annotations

import contextlib
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.errors import UsageError
from platform_api.webhooks.destinations import (
    Allowed,
    Destination,
    Forbidden,
    Resolve,
    check_url,
    destination,
    is_of_the_internet,
    require_reachable,
)

PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


def resolving(*addresses: str) -> Resolve:
    def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


INSIDE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.255",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.0.1",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "ff0e::1",
    "2001:db8::1",
    "100::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:192.168.0.1",
    "::ffff:0.0.0.0",
    "::ffff:100.64.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "2002:c0a8:1::",
    "::127.0.0.1",
    "2001:0:0:0:0:0:8100:fffe",
    "fec0::1",
    "64:ff9b:1::1",
    "2001:2::1",
]


class TestDestination:
    def test_there_are_fifty_of_what_may_not_be_reached(self) -> None:
        assert len(set(INSIDE)) >= 50

    @pytest.mark.parametrize("address", INSIDE)
    def test_is_never_what_only_this_server_reaches(self, address: str) -> None:
        for found in ([address], [PUBLIC, address], [address, PUBLIC]):
            with pytest.raises(Forbidden, match="no host of the internet"):
                destination("https://hooks.example.com/x", Allowed(), resolving(*found))

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://localhost/",
            "https://0x7f000001/",
            "https://2130706433/",
        ],
    )
    def test_is_decided_by_the_address_however_it_is_written(self, url: str) -> None:
        with pytest.raises((Forbidden, OSError)):
            destination(url, Allowed())

    def test_is_the_first_address_of_a_host_of_the_internet(self) -> None:
        found = destination("https://hooks.example.com/a?b=c", Allowed(), resolving(PUBLIC, OTHER_PUBLIC))
        assert found == Destination("https", "hooks.example.com", 443, "/a?b=c", PUBLIC)

    @pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://hooks.example.com:8443/"])
    def test_is_reached_by_https_on_its_own_port(self, url: str) -> None:
        with pytest.raises(Forbidden, match="https"):
            destination(url, Allowed(), resolving(PUBLIC))

    def test_is_also_what_an_operator_has_allowed(self) -> None:
        allowed = Allowed.parse("10.0.0.0/8, 192.168.7.1")
        found = destination("http://hooks.internal:8080", allowed, resolving("10.1.2.3", "192.168.7.1"))
        assert (found.port, found.path, found.address) == (8080, "/", "10.1.2.3")
        with pytest.raises(Forbidden):
            destination("http://hooks.internal:8080", allowed, resolving("10.1.2.3", "192.168.7.2"))
        with pytest.raises(Forbidden, match="https"):
            destination("http://hooks.internal:8080", allowed, resolving("10.1.2.3", PUBLIC))

    @pytest.mark.parametrize("text", ["10.0.0.1/8", "internal", "10.0.0.0/99"])
    def test_of_an_allowance_that_is_none_is_told(self, text: str) -> None:
        with pytest.raises(UsageError, match="CYGNI_WEBHOOK_NETWORKS"):
            Allowed.parse(text)


class TestRequireReachable:
    @pytest.mark.parametrize(
        "host",
        [
            *("127.0.0.1", "localhost", "hooks.localhost", "10.0.0.1", "169.254.169.254", "0.0.0.0"),
            *("127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:10.0.0.1]", "[fd00::1]"),
        ],
    )
    def test_refuses_an_address_that_is_written_out(self, host: str) -> None:
        with pytest.raises(Forbidden, match="no host of the internet"):
            require_reachable(f"https://{host}/hook", Allowed())

    @pytest.mark.parametrize("url", ["http://hooks.example.com/", "https://hooks.example.com:8443/"])
    def test_refuses_what_is_no_https(self, url: str) -> None:
        with pytest.raises(Forbidden, match="webhooks go over https, to port 443"):
            require_reachable(url, Allowed())

    def test_takes_what_an_operator_has_allowed_and_names_that_may_lead_there(self) -> None:
        allowed = Allowed.parse("10.0.0.0/8, ::1")
        for url in ("http://10.1.2.3:8080/", "http://localhost:9999/", "http://hooks.internal:8080/"):
            require_reachable(url, allowed)
        for url in ("http://10.1.2.3:8080/", "http://localhost:9999/"):
            with pytest.raises(Forbidden):
                require_reachable(url, Allowed.parse("192.168.0.0/16"))

    def test_takes_the_internet_and_asks_no_name_server(self) -> None:
        for host in ("hooks.example.com", "nowhere.invalid", "1.1.1.1", "[2606:4700::1111]"):
            require_reachable(f"https://{host}/hook", Allowed())


class TestAddresses:
    @pytest.mark.parametrize(
        "address", [PUBLIC, OTHER_PUBLIC, "1.1.1.1", "::ffff:1.1.1.1", "64:ff9b::101:101"]
    )
    def test_of_the_internet_are_so(self, address: str) -> None:
        assert is_of_the_internet(ip_address(address))

    @given(st.integers(0, 2**32 - 1))
    def test_are_in_no_wrapping_what_they_are_not_plainly(self, number: int) -> None:
        plain = is_of_the_internet(IPv4Address(number))
        for wrapped in ((0xFFFF << 32) | number, (0x64FF9B << 96) | number, (0x2002 << 112) | (number << 80)):
            assert is_of_the_internet(IPv6Address(wrapped)) <= plain


class TestUrls:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "hooks.example.com",
            "ftp://x/",
            "file:///etc/passwd",
            "gopher://127.0.0.1:6379/_FLUSHALL",
            "https://",
            "https://user:password@hooks.example.com/",
            "https://hooks.example.com/#x",
            "https://hooks.example.com:0/",
            "https://hooks.example.com:99999/",
            "https://hooks.example.com/\r\nX: y",
            "https://hooks.example.com/a b",
            "https://[::1/",
            "https://hööks.example.com/",
            "https://hooks.example.com/" + "x" * 2000,
        ],
    )
    def test_that_are_none_are_refused(self, url: str) -> None:
        with pytest.raises(UsageError):
            check_url(url)

    @given(st.text(max_size=200))
    def test_of_any_text_are_taken_or_refused(self, url: str) -> None:
        with contextlib.suppress(UsageError):
            assert check_url(f"https://{url}").hostname
