"""Ranges of amounts as AWS's price list has them, and the names of tiers as the book has them (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from cygni.pricing.price_list.rules import Ranges

Range = tuple[Decimal, Decimal | None]
"""From how much on, up to how much; None: without an end."""

_ENDLESS: Final = "inf"
_SCALES: Final[Mapping[Ranges, tuple[tuple[str, Decimal], ...]]] = {
    # AWS counts 1 TB of data as 1,024 GB.
    Ranges.DATA: ((" PB", Decimal(1024 * 1024)), (" TB", Decimal(1024)), (" GB", Decimal(1))),
    Ranges.COUNT: (("B", Decimal(10**9)), ("M", Decimal(10**6)), ("k", Decimal(10**3)), ("", Decimal(1))),
}


def range_of(start: str, end: str) -> Range:
    """Raises ValueError (or decimal's InvalidOperation) where it is none. No start is 0, as for what is paid once."""
    first = Decimal(start or "0")
    last = None if end.lower() in ("", _ENDLESS) else Decimal(end)
    if first < 0 or (last is not None and last <= first):
        raise ValueError(f"from {start} to {end}")
    return first, last


def are_whole(ranges: Sequence[Range]) -> bool:
    """Whether ranges in their order leave nothing out from 0 on, and do not overlap."""
    ends = [Decimal(0), *(end for _, end in ranges)]
    return ends[-1] is None and all(start == end for (start, _), end in zip(ranges, ends[:-1], strict=True))


def tier_names(ranges: Sequence[Range], kind: Ranges, unit: str = "") -> Iterator[str]:
    """`first 10 TB`, `next 40 TB`, `over 50 TB`, for ranges that are whole."""
    for number, (start, end) in enumerate(ranges):
        if end is None:
            yield f"over {_amount(start, kind)}{unit}"
        else:
            yield f"{'next' if number else 'first'} {_amount(end - start, kind)}{unit}"


def _amount(amount: Decimal, kind: Ranges) -> str:
    """In the largest scale of which it is a whole number, or a half or quarter."""
    for suffix, size in _SCALES[kind]:
        count = amount / size
        if count >= 1 and count * 4 == (count * 4).to_integral_value():
            return f"{count.normalize():f}{suffix}"
    return f"{amount.normalize():f}"
