"""Which price book is in use on this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from cygni.errors import NotFound, PriceBookError, UsageError
from cygni.pricing.book_difference import BookDifference, book_difference
from cygni.pricing.book_sources import NewestRows, RowsInFolder, RowSource
from cygni.pricing.discounts import Discounts, PaidRows, parse_discounts
from cygni.pricing.price_book import SHIPPED, PriceBook
from cygni.pricing.price_list.rules import GLOBAL
from cygni.pricing.synced_book import FILE, PREVIOUS, SyncedBook
from cygni.settings import Settings


def prices_folder(settings: Settings) -> Path:
    """Where synchronised books lie."""
    return settings.data_dir / "prices"


def synced_book(settings: Settings) -> SyncedBook | None:
    """The book that was synchronised on this machine, if one was. It is not read yet."""
    path = prices_folder(settings) / FILE
    return SyncedBook(path) if path.exists() else None


def rows_in_use(settings: Settings) -> RowSource:
    """The newest reading of every price: what was synchronised, and what ships for the rest."""
    shipped, synced = RowsInFolder(SHIPPED), synced_book(settings)
    return shipped if synced is None else NewestRows(synced, shipped)


def regions_synced(settings: Settings) -> tuple[str, ...]:
    """The regions that were synchronised on this machine; none of a damaged book, which is about to be made anew."""
    synced = synced_book(settings)
    try:
        services = synced.services() if synced is not None else ()
        found = {region for service in services for region in synced.regions(service)} if synced else set()
    except PriceBookError:
        return ()
    return tuple(sorted(found - {GLOBAL}))


def last_change(settings: Settings, *, shipped: bool) -> BookDifference:
    """What the last synchronisation changed, or what all of them did to the book that ships, where that is asked or
    there was one alone. Raises NotFound where there was none, and PriceBookError for a damaged book."""
    synced = synced_book(settings)
    if synced is None:
        raise NotFound("no prices were synchronised on this machine yet", hint="Run: cx prices sync")
    after, previous = synced.all_rows(), prices_folder(settings) / PREVIOUS
    if not shipped and previous.exists():
        return book_difference(SyncedBook(previous).all_rows(), after)
    folder = RowsInFolder(SHIPPED)
    places = dict.fromkeys((row.service, row.region) for row in after)
    found = book_difference((row for place in places for row in folder.rows(*place)), after)
    return replace(found, with_shipped=True)


def book_in_use(settings: Settings | None = None) -> PriceBook:
    """The book to price with, at what the account pays; of the environment's settings unless given. Raises UsageError
    for wrong settings and wrong discounts.

    A damaged one raises PriceBookError when the first price is asked for.
    """
    known = settings if settings is not None else Settings.from_environment()
    listed, discounts = rows_in_use(known), discounts_in_use(known)
    return PriceBook(listed if discounts is None else PaidRows(listed, discounts))


def discounts_in_use(settings: Settings) -> Discounts | None:
    """What the account pays less, by the file that the settings name; None without one. Raises UsageError."""
    path = settings.discounts
    if path is None:
        return None
    try:
        found = parse_discounts(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the discounts in {path} cannot be read: {getattr(error, 'strerror', None) or error}",
            hint="CYGNI_DISCOUNTS names the file; unset it to price at list price.",
        ) from None
    if found.services:
        found.demand_services(_priced_services(), str(path))
    return found


def _priced_services() -> frozenset[str]:
    """The services that anything is priced by, in the book that ships or not."""
    from cygni.pricing.estimators import all_estimators  # all of them, which few need

    declared = {charge.service for estimator in all_estimators() for charge in estimator.charges}
    return frozenset(declared | set(RowsInFolder(SHIPPED).services()))
