"""What `cx prices` shows to people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cygni.pricing.book_difference import BookDifference, PriceChange
from cygni.pricing.book_summary import PlaceSummary
from cygni.pricing.discounts import Discounts
from cygni.pricing.price_list.problems import Problem
from cygni.pricing.price_list.synchronising import SyncReport

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 20
"""Lines of a kind that are shown without `--all`."""


def show_report(people: Console, report: SyncReport) -> None:
    """What was read, and what was not as expected."""
    for problem in report.problems:
        _line(people, f"warning: {problem}", style="yellow")
    places = ", ".join(report.regions)
    _line(people, f"{report.prices:,} prices of {places} and of no region, read on {report.read_on}")
    stays = [problem for problem in report.problems if problem.kind.keeps_older_price]
    if stays:
        _line(people, f"{_count(stays)} not as expected: older prices stay there", style="dim")


def show_difference(people: Console, found: BookDifference, *, everything: bool) -> None:
    """Changed prices one by one, new and gone ones too, as far as there is room."""
    limit = None if everything else SHOWN
    for change in found.changed[:limit]:
        _line(people, f"{change.name}: {_figures(change)}")
    _rest(people, len(found.changed) - SHOWN, limit)
    lost = "as shipped" if found.with_shipped else "gone"
    for word, changes in (("new", found.added), (lost, found.removed)):
        for change in changes[:limit] if everything else ():
            _line(people, f"{word}: {change.name}: {change.row.usd:f}/{change.row.unit}")
    counts = f"{len(found.changed):,} changed, {len(found.added):,} new, {len(found.removed):,} {lost}"
    _line(people, f"{counts}, {found.same:,} the same", style="bold")


def show_summary(
    people: Console, places: Iterable[PlaceSummary], file: Path | None, kept: Sequence[str]
) -> None:
    """A table of services and regions."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("Service", "Region", "Prices", "Synchronised", "Oldest", "Newest"):
        table.add_column(column, overflow="fold")
    for one in places:
        days = (one.oldest or "not recorded", one.newest or "not recorded")
        table.add_row(one.service, one.region, f"{one.prices:,}", f"{one.synced:,}", *days)
    people.print(table)
    _line(people, f"in use: {file}, and what ships for the rest" if file else "in use: the book that ships")
    if kept:
        _line(people, f"as shipped, for their lists are not read: {', '.join(kept)}", style="dim")


def show_discounts(people: Console, discounts: Discounts | None, unused: Sequence[str]) -> None:
    """What is paid less than list price, and the rates that fit no price."""
    if discounts is None:
        return
    own = (f"{name} less {percent:f} %" for name, percent in discounts.services.items())
    said = ", ".join((f"less {discounts.percent:f} %", *own, f"{len(discounts.rates)} rates of your own"))
    _line(people, f"paid: list prices {said}")
    for price in unused:
        _line(people, f"warning: the rate for {price} fits no price", style="yellow")


def _figures(change: PriceChange) -> str:
    before, after = change.before, change.after
    assert before is not None
    assert after is not None
    percent = f" ({change.percent:+f} %)" if change.percent is not None else ""
    return f"{before.usd:f}/{before.unit} → {after.usd:f}/{after.unit}{percent}"


def _rest(people: Console, left: int, limit: int | None) -> None:
    if limit is not None and left > 0:
        _line(people, f"… and {left:,} more, with --all", style="dim")


def _count(problems: Sequence[Problem]) -> str:
    return "1 thing was" if len(problems) == 1 else f"{len(problems)} things were"


def _line(people: Console, text: str, style: str = "") -> None:
    people.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
