"""Credentials that are none, before any control plane is asked: nothing listens where these commands go."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cli import whoami as whoami_command
from cygni.control_plane.api import Api
from cygni.control_plane.credentials import API_KEY, INVITATION, SETUP_TOKEN, Credential
from cygni.errors import UsageError
from tests.cli.machines import PASSWORD, Machine

NOWHERE = "http://127.0.0.1:1"
KEY = Credential(API_KEY, "0123456789AB", "s" * 32).text
TOKEN = Credential(SETUP_TOKEN, "0123456789AB", "t" * 32).text
INVITED = Credential(INVITATION, "0123456789AB", "i" * 32).text
TOKENS = {"access_token": "a", "access_ends": "2001-01-01T00:00:00+00:00", "refresh_token": "r"}


@pytest.fixture
def ada(machine: Callable[[str], Machine], monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr("cygni.control_plane.api.PAUSES", ())
    return machine("ada")


class TestApiKeys:
    @pytest.mark.parametrize("key", [f"{KEY}x", f"{KEY[:20]}\r\n{KEY[20:]}", f"{KEY}ключ", "cxk_hunter22"])
    def test_that_are_none_are_told_without_a_word_of_them(self, ada: Machine, key: str) -> None:
        ended = ada("whoami", CYGNI_API_URL=NOWHERE, CYGNI_API_KEY=key)
        assert (ended.code, "CYGNI_API_KEY is no API key" in ended.err) == (2, True)
        assert not any(part in ended.err for part in (KEY[4:], KEY[4:20], "hunter22", "cx login"))

    def test_may_end_with_a_line(self, ada: Machine) -> None:
        ended = ada("whoami", CYGNI_API_URL=f"{NOWHERE}\r\n", CYGNI_API_KEY=f"{KEY}\r\n")
        assert f"the control plane at {NOWHERE} does not answer: Connection refused" in ended.err

    @pytest.mark.parametrize("given", ["ключ".encode(), b"\xff\xfe", b"hunter22\n"])
    def test_of_stdin_are_looked_at_too(self, ada: Machine, given: bytes) -> None:
        ended = ada("login", NOWHERE, "--with-key", stdin=given)
        assert (ended.code, "stdin" in ended.err) == (2, True)
        assert not any(part in ended.err for part in ("hunter22", "ключ", "unforeseen"))

    @pytest.mark.parametrize(
        ("others", "said"),
        [
            (["--email", "ada@acme.test"], "--email does not go with --with-key"),
            (["--name", "Ada", "--password-stdin"], "--name and --password-stdin do not go with --with-key"),
            (["--invitation"], "--invitation does not go with --with-key"),
        ],
    )
    def test_go_with_nothing_that_says_who_somebody_is(
        self, ada: Machine, others: list[str], said: str
    ) -> None:
        ended = ada("login", NOWHERE, "--with-key", *others, stdin=KEY.encode())
        assert (ended.code, said in ended.err) == (2, True), ended.err


class TestTokens:
    def test_of_an_invitation_that_are_none_are_told(self, ada: Machine) -> None:
        begun = ("login", NOWHERE, "--invitation", "--name", "Ada", "--password-stdin")
        for token in ("hunter22", KEY):
            ended = ada(*begun, stdin=PASSWORD, CYGNI_INVITATION_TOKEN=token)
            assert (ended.code, "CYGNI_INVITATION_TOKEN is no invitation" in ended.err) == (2, True)
            assert token not in ended.err

    def test_of_a_damaged_sign_in_are_not_shown(self, ada: Machine) -> None:
        ada.data_dir.mkdir(parents=True)
        for damage in (
            {"access_token": "hunter22\r\n"},
            {"access_token": "ключ"},
            {"access_ends": "hunter22"},
        ):
            ada.kept.write_text(json.dumps({"url": NOWHERE, **TOKENS, **damage}))
            ended = ada("whoami")
            assert (ended.code, "holds no sign-in" in ended.err) == (1, True)
            assert "hunter22" not in ended.err


class TestSettingUp:
    def test_takes_its_token_from_the_environment(
        self, ada: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent: list[Any] = []

        def post(*_: object, body: Any) -> Any:
            sent.append(body)
            return TOKENS

        monkeypatch.setattr(Api, "get", lambda *_: {"done": False})
        monkeypatch.setattr(Api, "post", post)
        begun = ("login", NOWHERE, "--email", "ada@example.com", "--name", "Ada", "--org", "acme")
        untold = ada(*begun, "--password-stdin", stdin=PASSWORD)
        assert (untold.code, "Set CYGNI_SETUP_TOKEN to it" in untold.err) == (2, True)
        wrong = ada(*begun, "--password-stdin", stdin=PASSWORD, CYGNI_SETUP_TOKEN="hunter22")
        assert (wrong.code, "CYGNI_SETUP_TOKEN is no setup token" in wrong.err) == (2, True)
        assert ada(*begun, "--password-stdin", stdin=PASSWORD, CYGNI_SETUP_TOKEN=f"{TOKEN}\n").code == 0
        assert [one["token"] for one in sent] == [TOKEN]

    def test_tells_what_is_wrong_of_the_option_that_it_came_from(
        self, ada: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def post(*_: object, body: Any) -> Any:
            wrong = [{"at": ["body", "organization", "slug"], "message": "lower-case letters"}]
            wrong += [{"at": ["body", "organization", "name"], "message": "also"}]
            raise UsageError("organization.slug: it", details={"errors": wrong})

        monkeypatch.setattr(Api, "get", lambda *_: {"done": False})
        monkeypatch.setattr(Api, "post", post)
        for given, meant in (("Acme, Inc.", "acme-inc"), ("7", "acme")):
            begun = ("login", NOWHERE, "--email", "ada@example.com", "--name", "Ada", "--org", given)
            ended = ada(*begun, "--password-stdin", stdin=PASSWORD, CYGNI_SETUP_TOKEN=TOKEN)
            assert ended.err.endswith(f"error: --org: lower-case letters\nhint:  Such as: --org {meant}\n")


class TestInvitations:
    def test_are_of_an_address_already(self, ada: Machine) -> None:
        ended = ada("login", NOWHERE, "--invitation", "--email", "other@example.com", "--name", "Ada")
        assert (ended.code, "--email does not go with --invitation" in ended.err) == (2, True)

    def test_take_a_name_and_no_organization(self, ada: Machine) -> None:
        ended = ada("login", NOWHERE, "--invitation", CYGNI_INVITATION_TOKEN=INVITED)
        assert (ended.code, "hint:  Give --name and --password-stdin.\n" in ended.err) == (2, True)


class TestWhatNobodyForesaw:
    @pytest.mark.parametrize("more", [(), ("--json",), ("--debug",)])
    def test_is_told_without_the_credentials_in_use(
        self, ada: Machine, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
    ) -> None:
        """However they got into the words of an exception."""
        ada.data_dir.mkdir(parents=True)
        ada.kept.write_text(json.dumps({"url": NOWHERE, **TOKENS, "access_token": "of-the-sign-in"}))
        secrets = (KEY, "hunter22", "of-the-sign-in", INVITED, "ab\\r\\ncd")

        def fails(*_: object) -> None:
            raise ValueError(f"Invalid header value {' '.join(secrets)} in {ada.data_dir}")

        monkeypatch.setattr(whoami_command, "connected", fails)
        given = {"CYGNI_API_KEY": f"{KEY}\r\n", "CYGNI_DATABASE_PASSWORD": "hunter22", "A_TOKEN": "ab\r\ncd"}
        ended = ada("whoami", *more, **given, PWD=str(ada.data_dir))
        said = ended.out + ended.err
        assert "something unforeseen happened: ValueError: Invalid header value" in said
        assert f"[redacted] in {ada.data_dir}" in said
        assert not [one for one in secrets if one in said]
