"""Reading JSON a piece at a time gives what reading it whole gives."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygni.engine_documents.json_stream import BEGINS, ENTRY, JsonStream
from cygni.errors import DocumentError

LISTS = frozenset({("steps",), ("deployment", "resources")})
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)
_documents = st.fixed_dictionaries(
    {},
    optional={
        "steps": st.lists(_values),
        "deployment": st.fixed_dictionaries({}, optional={"resources": st.lists(_values), "more": _values}),
        "other": _values,
    },
)


def pieces(
    content: bytes, *, chunk: int | None = None, largest: int = 1 << 20
) -> list[tuple[tuple[str, ...], Any]]:
    file = io.BytesIO(content)
    stream = JsonStream(
        (lambda count: file.read(min(count, chunk))) if chunk else file.read, "it.json", largest=largest
    )
    return list(stream.pieces(LISTS))


class TestPieces:
    def test_are_the_entries_of_the_lists_and_the_values_around_them(self) -> None:
        document = {"version": 3, "deployment": {"manifest": {"time": 1}, "resources": [{"a": 1}, {"a": 2}]}}
        assert pieces(json.dumps(document).encode()) == [
            (("version",), 3),
            (("deployment",), BEGINS),
            (("deployment", "manifest"), {"time": 1}),
            (("deployment", "resources"), BEGINS),
            (("deployment", "resources", ENTRY), {"a": 1}),
            (("deployment", "resources", ENTRY), {"a": 2}),
        ]

    def test_are_the_whole_value_where_a_list_is_none(self) -> None:
        assert pieces(b'{"steps": {"op": "create"}, "deployment": null}') == [
            (("steps",), {"op": "create"}),
            (("deployment",), None),
        ]

    @settings(max_examples=150)
    @given(_documents, st.integers(1, 40), st.sampled_from([None, 1, 4]), st.booleans())
    def test_do_not_depend_on_how_much_is_read_at_a_time(
        self, document: dict[str, Any], chunk: int, indent: int | None, ascii_only: bool
    ) -> None:
        content = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()
        found = pieces(content, chunk=chunk)
        assert found == pieces(content)
        assert [value for path, value in found if path == ("steps", ENTRY)] == document.get("steps", [])
        resources = document.get("deployment", {}).get("resources", [])
        entry = ("deployment", "resources", ENTRY)
        assert [value for path, value in found if path == entry] == resources

    def test_may_begin_with_a_byte_order_mark(self) -> None:
        assert pieces(b'\xef\xbb\xbf{"version": 3}') == [(("version",), 3)]

    def test_leave_a_number_at_the_end_of_what_was_read_whole(self) -> None:
        assert pieces(b'{"steps": [12345, 6.75e2], "version": 31}', chunk=1) == [
            (("steps",), BEGINS),
            (("steps", ENTRY), 12345),
            (("steps", ENTRY), 675.0),
            (("version",), 31),
        ]


class TestRefusal:
    @pytest.mark.parametrize(
        ("content", "says"),
        [
            (b"", "is empty"),
            (b" \n\t", "is empty"),
            (b"[1]", "not a JSON object"),
            (b"Previewing update (dev)", "not a JSON object"),
            (b'{"steps": [{"op": ', "cut off"),
            (b'{"steps": [1', "cut off"),
            (b'{"version": 3', "cut off"),
            (b'{"version"', "cut off"),
            (b'{"version": 3}\n{"version": 3}', "goes on after its end"),
            (b'{"version": NaN}', "NaN"),
            (b'{"version": ' + b"9" * 5000 + b"}", "is not JSON"),
            (b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deep"),
            (b'{"steps": [1 2]}', "not JSON"),
            (b'{"a": tru}', "not JSON"),
            (b"\xff\xfe{\x00}\x00", "not UTF-8"),
            (b'{"a": "\xc3', "not UTF-8"),
        ],
    )
    def test_says_what_is_wrong(self, content: bytes, says: str) -> None:
        with pytest.raises(DocumentError, match=says) as caught:
            pieces(content)
        assert caught.value.message.startswith("it.json ")
        assert caught.value.hint

    def test_is_of_a_piece_that_never_ends_before_it_takes_all_memory(self) -> None:
        read = 0

        def endless(count: int) -> bytes:
            nonlocal read
            content = b'{"a": "' if not read else b"x" * count
            read += len(content)
            return content

        with pytest.raises(DocumentError, match="a piece of more than 2 MB"):
            list(JsonStream(endless, "it.json", largest=2 << 20).pieces(LISTS))
        assert read < 16 << 20

    @settings(max_examples=200)
    @given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ 1e-+.tfnul', max_size=60).map(str.encode))
    def test_is_all_that_any_bytes_lead_to(self, content: bytes) -> None:
        try:
            expected = json.loads(content.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            expected = None
        try:
            found = pieces(content, chunk=7)
        except DocumentError:
            assert not isinstance(expected, dict) or "NaN" in repr(content) or "Infinity" in repr(content)
        else:
            assert isinstance(expected, dict)
            assert {path[0] for path, _ in found} <= set(expected)
