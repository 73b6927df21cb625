from __future__ import annotations

import hashlib
import sqlite3
from decimal import Decimal
from pathlib import Path

import pytest

from cygni.errors import PriceBookError
from cygni.pricing import PriceBook
from cygni.pricing.book_file import Row
from cygni.pricing.synced_book import FILE, PREVIOUS, SyncedBook, write_synced


def row(number: int, usd: str = "0.000000125") -> Row:
    attributes = (("kind", f"k{number}"), ("size", "a"))
    return Row(
        "AmazonX", "eu-west-1", "thing", attributes, "GB", Decimal(usd), "2026-11-22", "AWS price list"
    )


def changed(path: Path, statement: str) -> None:
    """Runs a statement of SQL, and seals the file as what writes it does."""
    path.write_bytes(path.read_bytes()[:-32])
    with sqlite3.connect(path) as database:
        database.execute(statement)
    database.close()
    whole = path.read_bytes()
    path.write_bytes(whole + hashlib.sha256(whole).digest())


ROWS = [row(number) for number in range(2_000)]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return write_synced(tmp_path, ROWS)


class TestSyncedBook:
    def test_has_what_was_written_exactly(self, written: Path) -> None:
        book = SyncedBook(written)
        assert (
            sorted(book.rows("AmazonX", "eu-west-1"), key=lambda one: int(one.attributes[0][1][1:])) == ROWS
        )
        assert book.services() == ("AmazonX",)
        assert book.regions("AmazonX") == {"eu-west-1"}

    def test_has_nothing_of_another_region(self, written: Path) -> None:
        assert SyncedBook(written).rows("AmazonX", "us-east-1") == ()

    def test_that_is_cut_off_anywhere_is_an_error_and_never_a_number(self, written: Path) -> None:
        whole = written.read_bytes()
        for part in range(100):
            written.write_bytes(whole[: len(whole) * part // 100])
            with pytest.raises(PriceBookError, match="cannot be read") as raised:
                PriceBook(SyncedBook(written)).price("AmazonX", "eu-west-1", "thing", kind="k7", size="a")
            assert "cx prices sync" in (raised.value.hint or "")

    def test_in_which_anything_has_changed_is_an_error_and_never_a_number(self, written: Path) -> None:
        whole = written.read_bytes()
        for at in range(0, len(whole), len(whole) // 50):
            written.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(PriceBookError, match="cannot be read"):
                PriceBook(SyncedBook(written)).price("AmazonX", "eu-west-1", "thing", kind="k7", size="a")

    def test_that_lacks_its_last_byte_is_an_error(self, written: Path) -> None:
        written.write_bytes(written.read_bytes()[:-1])
        with pytest.raises(PriceBookError, match="cannot be read"):
            SyncedBook(written).rows("AmazonX", "eu-west-1")

    @pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\0"])
    def test_of_another_kind_is_an_error(self, tmp_path: Path, content: bytes) -> None:
        file = tmp_path / FILE
        file.write_bytes(content)
        with pytest.raises(PriceBookError, match="cannot be read"):
            SyncedBook(file).services()

    def test_of_another_version_is_an_error(self, written: Path) -> None:
        changed(written, "PRAGMA user_version = 2")
        with pytest.raises(PriceBookError, match="of another version"):
            SyncedBook(written).all_rows()

    def test_with_a_figure_that_is_none_is_an_error(self, written: Path) -> None:
        changed(written, 'UPDATE prices SET usd = "free" WHERE attributes LIKE "%k77%"')
        with pytest.raises(PriceBookError, match="cannot be read"):
            SyncedBook(written).rows("AmazonX", "eu-west-1")


class TestWriteSynced:
    def test_keeps_the_one_before(self, written: Path) -> None:
        write_synced(written.parent, [row(1, "7")])
        assert [one.usd for one in SyncedBook(written).all_rows()] == [Decimal(7)]
        assert len(SyncedBook(written.with_name(PREVIOUS)).all_rows()) == len(ROWS)

    def test_of_two_prices_for_one_thing_changes_nothing(self, written: Path) -> None:
        with pytest.raises(PriceBookError, match="Two prices for the same thing"):
            write_synced(written.parent, [row(1), row(1, "2")])
        assert len(SyncedBook(written).all_rows()) == len(ROWS)
        assert [file.name for file in written.parent.iterdir()] == [FILE]

    def test_that_is_interrupted_changes_nothing(self, written: Path) -> None:
        def rows() -> object:
            yield row(1, "7")
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            write_synced(written.parent, rows())  # type: ignore[arg-type]
        assert len(SyncedBook(written).all_rows()) == len(ROWS)
        assert [file.name for file in written.parent.iterdir()] == [FILE]
