"""Reads the file of an offer, in CSV, as a stream: nothing of it is kept but its head.

Shape (AWS, "Reading the price list files"): five lines of a name and a value each, a line of column titles, and a line
for each price with all attributes of its product.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from cygni.errors import PriceListError

FORMAT: Final = "v1.0"
_HEAD: Final = ("FormatVersion", "Disclaimer", "Publication Date", "Version", "OfferCode")
_HINT: Final = "What is in the book stays. Try again; if it stays so, look for a newer Cygni."
_LONGEST: Final = 1 << 20  # characters of one field


@dataclass(frozen=True, slots=True)
class OfferFile:
    """A file that is being read: what it says of itself, where its columns are, and the rows that follow."""

    code: str
    version: str
    published: date
    columns: Mapping[str, int]
    width: int
    lines: Iterator[list[str]]

    def column(self, title: str) -> int | None:
        """Where the column is; titles are the same in any case, with and without spaces. None where none is, or two."""
        return self.columns.get(_plain(title))

    def columns_of(self, title: str) -> int:
        """As `column`, of one that is known to be there."""
        return self.columns[_plain(title)]

    def rows(self) -> Iterator[list[str]]:
        """Every price, as its cells. Raises PriceListError for a line that is not whole."""
        number = len(_HEAD) + 1
        try:
            for row in self.lines:
                number += 1
                if len(row) != self.width:
                    cells = f"line {number} has {len(row)} of {self.width} columns"
                    raise _broken(self.code, f"{cells}: it may be cut off")
                yield row
        except csv.Error as error:
            raise _broken(self.code, f"it is no CSV after line {number}: {error}") from error


def read_offer(lines: Iterable[str], code: str) -> OfferFile:
    """Reads the head of the file of an offer. Raises PriceListError where it is of another offer or another format."""
    csv.field_size_limit(_LONGEST)
    reader = csv.reader(lines, strict=True)
    try:
        head = {row[0]: row[1] for _, row in zip(_HEAD, reader, strict=False) if len(row) == 2}
        titles = next(reader, [])
    except csv.Error as error:
        raise _broken(code, f"its head is no CSV: {error}") from error
    if head.get("FormatVersion") != FORMAT or tuple(head) != _HEAD:
        raise _broken(code, f"it does not begin as format {FORMAT} does")
    if head["OfferCode"] != code:
        raise _broken(code, f"it is of the offer {head['OfferCode']!r}")
    plain = [_plain(title) for title in titles]
    columns = {title: number for number, title in enumerate(plain) if plain.count(title) == 1}
    try:
        published = date.fromisoformat(head["Publication Date"][:10])
    except ValueError:
        raise _broken(code, f"its date is {head['Publication Date']!r}") from None
    return OfferFile(code, head["Version"], published, columns, len(titles), reader)


def _plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.lower())


def _broken(code: str, what: str) -> PriceListError:
    return PriceListError(f"the price list of {code} cannot be read: {what}", hint=_HINT)
