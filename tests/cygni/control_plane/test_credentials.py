from __future__ import annotations

import pytest

from cygni.control_plane.credentials import (
    API_KEY,
    INVITATION,
    Credential,
    demanded,
    goes_into_a_header,
    parse,
)
from cygni.errors import UsageError

KEY = Credential(API_KEY, "0123456789AB", "s" * 32).text


def test_are_taken_without_white_space_around_them() -> None:
    assert demanded(f" {KEY}\r\n", API_KEY, "CYGNI_API_KEY") == KEY


@pytest.mark.parametrize(
    "given", ["", "cxk_x", f"{KEY}x", KEY[:-1], f"{KEY[:-1]}é", KEY.replace("ss", "s\n", 1), "ключ"]
)
def test_that_are_none_are_refused_without_a_word_of_them(given: str) -> None:
    with pytest.raises(UsageError, match="^CYGNI_API_KEY is no API key") as caught:
        demanded(given, API_KEY, "CYGNI_API_KEY")
    assert not given or given not in f"{caught.value.message} {caught.value.hint}"


def test_of_one_kind_are_none_of_another() -> None:
    assert parse(KEY, API_KEY) is not None
    with pytest.raises(UsageError, match="is no invitation"):
        demanded(KEY, INVITATION, "CYGNI_INVITATION_TOKEN")


@pytest.mark.parametrize("text", ["a\r\nb", "a b", "ключ", "a\x00"])
def test_that_http_cannot_carry_are_known(text: str) -> None:
    assert not goes_into_a_header(text)
    assert goes_into_a_header(KEY)
