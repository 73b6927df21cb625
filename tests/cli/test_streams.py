"""What is written where not every sign can be."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping

import pytest

from cli.streams import asks_for_ascii, speak_plainly

SAID = "shop · 1 → 2, ± ×2 … ✓ ü"


def written(monkeypatch: pytest.MonkeyPatch, encoding: str, environ: Mapping[str, str]) -> str:
    """What `SAID` becomes on a stderr of this encoding."""
    stream = io.TextIOWrapper(raw := io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stderr", stream)
    speak_plainly(environ)
    stream.write(SAID)
    stream.flush()
    return raw.getvalue().decode(stream.encoding)


class TestSpeakPlainly:
    def test_changes_nothing_where_all_can_be_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert written(monkeypatch, "utf-8", {"LANG": "en_US.UTF-8"}) == SAID

    @pytest.mark.parametrize(
        ("encoding", "environ"), [("ascii", {}), ("utf-8", {"LANG": "C"}), ("utf-8", {"LC_ALL": "POSIX"})]
    )
    def test_writes_ascii_where_there_is_no_more(
        self, monkeypatch: pytest.MonkeyPatch, encoding: str, environ: Mapping[str, str]
    ) -> None:
        assert written(monkeypatch, encoding, environ) == "shop - 1 -> 2, +/- x2 ... + \\xfc"

    def test_keeps_what_can_be_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert written(monkeypatch, "latin-1", {}) == "shop · 1 -> 2, ± ×2 ... + ü"


class TestAsksForAscii:
    @pytest.mark.parametrize(
        ("environ", "asks"),
        [
            ({}, False),
            ({"LANG": "C"}, True),
            ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, True),
            ({"LANG": "C", "LC_CTYPE": "de_DE.UTF-8"}, False),
            ({"LANG": "C.UTF-8"}, False),
            ({"LC_ALL": "C", "LANG": "de_DE.UTF-8"}, True),
            ({"LC_ALL": "de_DE.UTF-8", "LANG": "C"}, False),
        ],
    )
    def test_is_a_choice_of_the_locale_c(self, environ: Mapping[str, str], asks: bool) -> None:
        assert asks_for_ascii(environ) is asks
