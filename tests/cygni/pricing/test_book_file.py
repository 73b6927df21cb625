from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.errors import PriceBookError
from cygni.pricing.book_file import Row, format_rows, read_rows, write_book
from cygni.pricing.price_book import SHIPPED

_words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=8)
_rows = st.builds(
    Row,
    service=st.sampled_from(["AmazonX", "AmazonY"]),
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
    usage=st.sampled_from(["hours", "data"]),
    attributes=st.dictionaries(st.sampled_from(["a", "b", "c"]), _words, max_size=3).map(
        lambda found: tuple(sorted(found.items()))
    ),
    unit=st.sampled_from(["hour", "GB"]),
    usd=st.decimals(0, 1000, places=9),
    as_of=st.sampled_from([None, "2026-01-02", "2024-07-01"]),
    source=_words,
    note=st.none() | _words,
)


class TestFormatRows:
    @given(st.lists(_rows, max_size=12))
    def test_loses_nothing(self, tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
        file = tmp_path_factory.mktemp("book") / "rows.jsonl"
        file.write_text(format_rows(rows), "utf-8")
        assert Counter(read_rows(file)) == Counter(rows)

    def test_is_what_the_shipped_book_is_written_with(self, tmp_path: Path) -> None:
        file = SHIPPED / "AmazonVPC.jsonl"
        write_book(read_rows(file), tmp_path)
        assert (tmp_path / "AmazonVPC.jsonl").read_text() == file.read_text()


class TestReadRows:
    def test_never_passes_a_figure_through_a_float(self, tmp_path: Path) -> None:
        file = tmp_path / "book.jsonl"
        file.write_text(
            '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "usd": 0.1000000000000000055, "source": "s"}'
        )
        assert next(read_rows(file)).usd == Decimal("0.1000000000000000055")

    @pytest.mark.parametrize(
        "line",
        [
            "not json",
            "[]",
            "3",
            "null",
            '"text"',
            "{}",
            '{"defaults": 3}\n{}',
            '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "source": "s"}',
            '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "source": "s", "usd": "-1"}',
            '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "source": "s", "usd": "NaN"}',
            '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "source": "s", "usd": "1e9"}',
            '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "source": "s", "usd": []}',
            '{"service": "S", "region": "r", "usage": "u", "unit": 3, "source": "s", "usd": "1"}',
            '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "source": "s", "usd": "1", "as_of": "May"}',
            '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "source": "s", "usd": "1", "attributes": 3}',
            (
                '{"service": "S", "region": "r", "usage": "u", "unit": "GB", "source": "s", "usd": "1", '
                '"attributes": {"a": 3}}'
            ),
            "[" * 100_000,
        ],
    )
    def test_names_the_line_that_is_wrong(self, tmp_path: Path, line: str) -> None:
        file = tmp_path / "book.jsonl"
        file.write_text(line)
        with pytest.raises(PriceBookError, match=r"Line \d of the price book book\.jsonl"):
            list(read_rows(file))

    def test_refuses_what_is_not_text(self, tmp_path: Path) -> None:
        file = tmp_path / "book.jsonl"
        file.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(PriceBookError, match="cannot be read"):
            list(read_rows(file))
