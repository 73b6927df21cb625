from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.plan.property_paths import pieces, value_at

keys = st.text(min_size=1, max_size=8).filter(lambda key: not set(key) & set('\\"'))
paths = st.lists(keys | st.integers(0, 99), min_size=1, max_size=5)


def written(path: list[str | int]) -> str:
    """The path as the engine writes it: anything but a plain word in brackets and quotes."""
    text = ""
    for piece in path:
        if isinstance(piece, int):
            text += f"[{piece}]"
        elif piece.isidentifier():
            text += f".{piece}" if text else piece
        else:
            text += f'["{piece}"]'
    return text


class TestPieces:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("cpu", ["cpu"]),
            ("actions[0].forward.targetGroups", ["actions", 0, "forward", "targetGroups"]),
            ('tags["cygni:urn"]', ["tags", "cygni:urn"]),
            ('tags["say \\"hi\\""].x', ["tags", 'say "hi"', "x"]),
            ('["a.b"]["c]"]', ["a.b", "c]"]),
            ('tags[""]', ["tags", ""]),
            ("a[12][3]", ["a", 12, 3]),
            ("", []),
        ],
    )
    def test_are_what_the_engine_meant(self, path: str, expected: list[str | int]) -> None:
        assert pieces(path) == expected

    @given(paths)
    def test_are_those_it_was_written_from(self, path: list[str | int]) -> None:
        assert pieces(written(path)) == path


class TestValueAt:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("a.b[1].c", 5),
            ("a.b", [{}, {"c": 5}]),
            ("a.b[7]", None),
            ("a.b.c", None),
            ("a.x", None),
            ("a.b[1].c.d", None),
            ("n[0]", "by index"),
            ("", {"a": {"b": [{}, {"c": 5}]}, "n": {"0": "by index"}}),
        ],
    )
    def test_finds_what_is_there(self, path: str, expected: Any) -> None:
        assert value_at({"a": {"b": [{}, {"c": 5}]}, "n": {"0": "by index"}}, path) == expected

    @given(
        st.recursive(
            st.none() | st.text(max_size=3),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
        ),
        st.text(),
    )
    def test_never_raises(self, properties: Any, path: str) -> None:
        value_at(properties, path)

    def test_does_not_take_a_very_long_number_for_an_index(self) -> None:
        assert value_at([1], f"[{'9' * 5000}]") is None

    @given(paths)
    def test_finds_what_was_put_there(self, path: list[str | int]) -> None:
        value: Any = "found"
        for piece in reversed(path):
            value = [None] * piece + [value] if isinstance(piece, int) else {piece: value}
        assert value_at(value, written(path)) == "found"
