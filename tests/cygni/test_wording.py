from __future__ import annotations

from typing import Any

import pytest

from cygni.wording import nearest, one_line, one_of, quoted, shown_path


class TestQuoted:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (None, "nothing"),
            (True, "true"),
            (8080, "8080"),
            (1.5, "1.5"),
            (10**30, "a huge number"),
            ("a", '"a"'),
            ("é", '"é"'),
            ('say "x"', r'"say \"x\""'),
            ("\x1b[31m", r'"\u001b[31m"'),
            ("\u202e", r'"\u202e"'),
            ("\ud800", r'"\ud800"'),
            ("a" * 61, '"' + "a" * 59 + '…"'),
            ({}, "a mapping"),
            ([], "a list"),
            (object(), "a value of type object"),
        ],
    )
    def test_shows_a_value_as_a_person_would_know_it(self, value: Any, shown: str) -> None:
        assert quoted(value) == shown


class TestShownPath:
    @pytest.mark.parametrize(
        ("path", "shown"),
        [
            ((), ""),
            (("a",), "a"),
            (("services", "web", "command", 0), "services.web.command[0]"),
            (("env", "A.B", "x"), 'env["A.B"].x'),
            (("a b",), '["a b"]'),
        ],
    )
    def test_joins_keys_and_quotes_the_strange(self, path: tuple[str | int, ...], shown: str) -> None:
        assert shown_path(path) == shown


class TestNearest:
    @pytest.mark.parametrize(
        ("word", "meant"),
        [
            ("prot", "port"),
            ("PORT", "port"),
            ("prod", "production"),
            ("xyz", None),
            ("", None),
            ("port" * 20, None),
        ],
    )
    def test_finds_what_was_meant(self, word: str, meant: str | None) -> None:
        assert nearest(word, ["port", "spot", "path", "production"]) == meant

    def test_does_not_choose_between_two_beginnings(self) -> None:
        assert nearest("str", ["strategy", "stringent"]) is None


class TestOneOf:
    def test_joins_with_or(self) -> None:
        assert [one_of([1]), one_of([1, 2]), one_of("abc")] == ["1", "1 or 2", "a, b or c"]


class TestOneLine:
    def test_keeps_ordinary_text(self) -> None:
        assert one_line("é, 😀 and “words”") == "é, 😀 and “words”"

    def test_escapes_what_a_terminal_would_obey(self) -> None:
        assert one_line("a\nb\x1b[0m\u202e") == r"a\nb\u001b[0m\u202e"

    def test_cuts_what_is_too_long(self) -> None:
        assert one_line("x" * 5000) == "x" * 599 + "…"
