"""What of a price list is not as it was when Cygni was made."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class ProblemKind(StrEnum):
    MISSING = "missing"  # the book has a price that the list has no more
    AMBIGUOUS = "ambiguous"  # the list has several prices for what is one in the book
    UNIT = "unit"  # it counts in another unit
    RANGES = "ranges"  # it has graduated prices where there was one, or with gaps
    VALUE = "value"  # a figure is no figure, or in another currency
    COLUMNS = "columns"  # a column is not there
    FILE = "file"  # the file cannot be understood
    FREE = "free"  # the list gives away what has a price in the book
    JUMP = "jump"  # its price is another by so much that it may be a mistake
    SILENT = "silent"  # nobody answers for it, or the answer is cut off

    @property
    def is_change(self) -> bool:
        """Whether the list has changed its shape. What is missing may just not be offered in a region."""
        return self not in (ProblemKind.MISSING, ProblemKind.FREE, ProblemKind.JUMP)

    @property
    def keeps_older_price(self) -> bool:
        """Whether what it is about stays as it was."""
        return self is not ProblemKind.JUMP


@dataclass(frozen=True, slots=True)
class Problem:
    """`price` is what it is about, as the book calls it; empty for a whole file."""

    kind: ProblemKind
    offer: str
    region: str
    price: str
    text: str

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value}

    def __str__(self) -> str:
        place = f"{self.offer} {self.region}".rstrip()
        return f"{place}: {f'{self.price}: ' if self.price else ''}{self.text}"
