"""Passwords from stdin."""

from __future__ import annotations

import io

import pytest

from cli.passwords import given_password
from cygni.errors import UsageError


def piped(monkeypatch: pytest.MonkeyPatch, given: bytes, errors: str = "strict") -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8", errors=errors))


def test_are_the_first_line(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, "pässwort mit leerzeichen \r\nnext".encode())
    assert given_password(from_stdin=True) == "pässwort mit leerzeichen "


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
def test_that_are_no_text_are_refused_in_every_locale(monkeypatch: pytest.MonkeyPatch, errors: str) -> None:
    """In that of C, Python reads what is no UTF-8 as surrogates."""
    piped(monkeypatch, b"\xff\xfeabcdefghijklmn\n", errors)
    with pytest.raises(UsageError, match="the new password on stdin is no text in UTF-8"):
        given_password(from_stdin=True, what="new password")


def test_that_are_missing_are_told_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"")
    with pytest.raises(UsageError, match="^the password is missing: stdin is empty$"):
        given_password(from_stdin=True)
