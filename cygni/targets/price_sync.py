"""Synchronises the price book of this machine with AWS's price list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cygni.errors import NotFound, PriceBookError
from cygni.pricing.book_file import Row
from cygni.pricing.book_sources import RowsInFolder, RowSource
from cygni.pricing.books import prices_folder, rows_in_use, synced_book
from cygni.pricing.price_book import SHIPPED
from cygni.pricing.price_list.matching import Found
from cygni.pricing.price_list.problems import Problem, ProblemKind
from cygni.pricing.price_list.rules import Offer
from cygni.pricing.price_list.synchronising import SyncReport, report_of, synced_rows
from cygni.pricing.synced_book import write_synced
from cygni.settings import Settings
from cygni.targets.price_list import PriceLists, Progress


def synchronise(
    settings: Settings, offers: Sequence[Offer], regions: Sequence[str], today: date, progress: Progress
) -> SyncReport:
    """Reads the offers for the regions, and puts the book in its place once all of them are read.

    What was synchronised before of other regions and offers stays, and so does what the list has changed the shape of.
    A book that is damaged is made anew. Raises NotFound for a region that no offer has, Unreachable where the list does
    not answer, and OSError where the book cannot be written: then nothing has changed.
    """
    read_on = today.isoformat()
    before, book = _known(settings)
    found, failures = PriceLists(settings.price_list).read(offers, regions, read_on, progress)
    _check_regions(regions, found, failures)
    report = report_of(found, failures, tuple(regions), read_on, book)
    if report.prices:
        settings.make_data_dir()
        folder = prices_folder(settings)
        folder.mkdir(exist_ok=True)
        write_synced(folder, synced_rows(before, found))
    return report


def _check_regions(regions: Sequence[str], found: Sequence[Found], failures: Sequence[Problem]) -> None:
    absent = {one.region for one in failures if one.kind is ProblemKind.MISSING} - {
        one.region for one in found
    }
    unknown = [region for region in regions if region in absent]
    if unknown:
        raise NotFound(
            f"AWS's price list has nothing of {', '.join(unknown)}, so no price is renewed",
            hint="Name regions as AWS does, as in: cx prices sync --region eu-west-1",
        )


def _known(settings: Settings) -> tuple[tuple[Row, ...], RowSource]:
    """What was synchronised before, and the book in use."""
    synced = synced_book(settings)
    try:
        return (synced.all_rows() if synced is not None else ()), rows_in_use(settings)
    except PriceBookError:
        return (), RowsInFolder(SHIPPED)
