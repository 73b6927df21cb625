from __future__ import annotations

import getpass
import socket

import pytest

from cygni.releases.author import author


def test_is_whom_a_worker_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CYGNI_AUTHOR", "ada@example.com")
    assert author() == "ada@example.com"


@pytest.mark.parametrize("named", ["", None])
def test_is_the_user_of_this_machine_else(monkeypatch: pytest.MonkeyPatch, named: str | None) -> None:
    if named is not None:
        monkeypatch.setenv("CYGNI_AUTHOR", named)
    monkeypatch.setattr(getpass, "getuser", lambda: "grace")
    monkeypatch.setattr(socket, "gethostname", lambda: "box")
    assert author() == "grace@box"


def test_is_the_machine_where_the_user_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nobody)
    monkeypatch.setattr(socket, "gethostname", lambda: "box")
    assert author() == "box"
