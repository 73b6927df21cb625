"""Sending mail to a server on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cygni.errors import UsageError
from platform_api.notifications.mail import MailServer, message, send
from platform_api.notifications.texts import Text
from platform_api.outbox.sender import Attempt
from tests.platform_api.notifications.mail_server import MailBox, mail_server

FROM = "Cygni <deploys@example.com>"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[MailBox]:
    with mail_server() as found:
        yield found


def sent(url: str, *to: str) -> Attempt:
    server = MailServer.parse(url, FROM)
    return send(server, message(server, to or ("ada@example.com",), Text("It is done", "Well."), "n1", NOW))


class TestServer:
    @pytest.mark.parametrize(
        ("url", "host", "port", "implicit"),
        [
            ("smtps://u:p@mail.example.com", "mail.example.com", 465, True),
            ("smtp://mail.example.com", "mail.example.com", 587, False),
            ("smtp://mail.example.com:2525/", "mail.example.com", 2525, False),
        ],
    )
    def test_is_read_from_a_url(self, url: str, host: str, port: int, implicit: bool) -> None:
        found = MailServer.parse(url, FROM)
        assert (found.host, found.port, found.implicit_tls) == (host, port, implicit)

    def test_has_a_password_with_any_character_that_nothing_shows(self) -> None:
        found = MailServer.parse("smtps://a%40b:p%2Fw@mail.example.com", FROM)
        assert (found.user, found.password) == ("a@b", "p/w")
        assert "p/w" not in repr(found)

    @pytest.mark.parametrize(
        ("url", "sender"),
        [
            ("https://u:hunter2@mail.example.com", FROM),
            ("smtp://", FROM),
            ("smtps://u:hunter2@mail.example.com:x", FROM),
            ("smtps://u:hunter2@mail.example.com/path", FROM),
            ("smtps://u:hunter2@mail.example.com", ""),
            ("smtps://u:hunter2@mail.example.com", "nobody"),
        ],
    )
    def test_that_is_none_is_refused(self, url: str, sender: str) -> None:
        with pytest.raises(UsageError) as refused:
            MailServer.parse(url, sender)
        assert "hunter2" not in f"{refused.value.message} {refused.value.hint}"


class TestSend:
    def test_brings_it_to_everybody(self, box: MailBox) -> None:
        made = sent(f"smtp://127.0.0.1:{box.port}", "ada@example.com", "grace@example.com")
        assert (made.taken, made.status) == (True, 250)
        [mail] = box.got
        assert (mail["Subject"], mail["From"], mail["Message-ID"]) == ("It is done", FROM, "<n1@cygni>")
        assert mail["To"] == "ada@example.com, grace@example.com"
        assert mail.get_content().splitlines() == ["Well."]

    @pytest.mark.parametrize(
        ("begin", "reply", "over"),
        [
            ("RCPT TO", "550 no such user", True),
            ("RCPT TO", "451 later", False),
            ("MAIL FROM", "554 not you", True),
            ("DATA", "452 full", False),
        ],
    )
    def test_tells_a_refusal_and_whether_it_is_for_good(
        self, box: MailBox, begin: str, reply: str, over: bool
    ) -> None:
        box.answers[begin] = reply
        made = sent(f"smtp://127.0.0.1:{box.port}")
        assert (made.taken, made.status, made.over) == (False, int(reply[:3]), over)
        assert reply[4:] in (made.error or "")

    def test_of_some_refused_is_taken_and_says_so(self, box: MailBox) -> None:
        box.answers["RCPT TO:<eve"] = "550 no such user"
        made = sent(f"smtp://127.0.0.1:{box.port}", "eve@example.com", "ada@example.com")
        assert (made.taken, made.error) == (True, "refused for: eve@example.com")

    def test_signs_in_where_the_url_says_as_whom(self, box: MailBox) -> None:
        box.answers |= {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 welcome"}
        assert sent(f"smtp://u:hunter2@127.0.0.1:{box.port}").taken
        assert any("AUTH" in one for one in box.said)
        box.answers["AUTH"] = "535 no"
        refused = sent(f"smtp://u:hunter2@127.0.0.1:{box.port}")
        assert (refused.over, "does not take the user" in (refused.error or "")) == (False, True)

    def test_tells_that_nobody_listens(self) -> None:
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            made = sent(f"smtp://127.0.0.1:{one.getsockname()[1]}")
        assert (made.taken, made.over, made.status) == (False, False, None)
        assert "refused" in (made.error or "")

    def test_gives_no_password_to_a_server_elsewhere_without_tls(
        self, box: MailBox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(MailServer, "is_on_this_machine", False)
        box.answers |= {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 welcome"}
        made = sent(f"smtp://u:hunter2@127.0.0.1:{box.port}")
        assert (made.taken, box.got) == (False, [])
        assert not any("AUTH" in one for one in box.said)
