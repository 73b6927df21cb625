"""`cx prices`: the list prices that costs are made of, and AWS's price list to renew them from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import App, Debug, Json
from cygni.errors import NotFound, PriceListError, Unreachable, UsageError
from cygni.pricing.price_list.problems import ProblemKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cygni.pricing.price_list.synchronising import SyncReport
    from cygni.settings import Settings

EXAMPLES = (
    "cx prices status",
    "cx prices sync --region eu-west-1",
)

app = typer.Typer(
    name="prices",
    help="The price book: renew it from AWS's price list, and see what is in it.",
    no_args_is_help=True,
)

Regions = Annotated[
    list[str] | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="Read the prices of this region. Repeatable.",
        show_default="those of cygni.yaml, and those read before",
    ),
]
Services = Annotated[
    list[str] | None,
    typer.Option(
        "--service",
        metavar="SERVICE",
        help="Read the prices of this service alone, such as AmazonRDS. Repeatable.",
        show_default="all that can be read",
    ),
]
Shipped = Annotated[
    bool, typer.Option("--shipped", help="Compare with the book that ships, not with the one before.")
]
All = Annotated[bool, typer.Option("--all", help="Show every price that differs.")]


@app.command()
def sync(
    region: Regions = None,
    service: Services = None,
    app: App = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Read AWS's price list for the regions in use, and price with it from then on.

    No credentials are needed. What the list does not have, or has in another shape than expected, is named and keeps
    its older price. Exit code 1 if an offer could not be understood at all, 4 if nobody answered for it;
    the others are renewed all the same.
    """
    from datetime import UTC, datetime

    from cli.prices_view import show_report
    from cli.terminal import answer, console
    from cygni.pricing.price_list.offers import offers_of
    from cygni.settings import Settings
    from cygni.targets.price_sync import synchronise

    settings = Settings.from_environment()
    offers = offers_of(service or ())
    regions = tuple(dict.fromkeys(region)) if region else _regions_in_use(settings, app)
    people = console()

    def tell(offer: str, place: str) -> None:
        if not as_json:
            people.print(f"reading {offer} {place}", style="dim", markup=False)

    report = synchronise(settings, offers, regions, datetime.now(UTC).date(), tell)
    if report.failed:
        if not as_json:
            show_report(people, report)
        raise _failed(report)
    if as_json:
        answer(report.to_dict())
    else:
        show_report(people, report)


@app.command()
def diff(
    shipped: Shipped = False, everything: All = False, as_json: Json = False, debug: Debug = False
) -> None:
    """Show what the last synchronisation changed: prices that differ, that are new, that went."""
    from cli.prices_view import show_difference
    from cli.terminal import answer, console
    from cygni.pricing.books import last_change
    from cygni.settings import Settings

    found = last_change(Settings.from_environment(), shipped=shipped)
    if as_json:
        answer(found.to_dict())
    else:
        show_difference(console(), found, everything=everything)


@app.command()
def status(as_json: Json = False, debug: Debug = False) -> None:
    """Show which prices are in use: by service and region how many, of which days, which were synchronised; and what
    the account pays less."""
    from cli.prices_view import show_discounts, show_summary
    from cli.terminal import answer, console
    from cygni.pricing.book_sources import RowsInFolder
    from cygni.pricing.book_summary import book_summary
    from cygni.pricing.books import discounts_in_use, rows_in_use, synced_book
    from cygni.pricing.price_book import SHIPPED
    from cygni.pricing.price_list.offers import READABLE
    from cygni.settings import Settings

    settings = Settings.from_environment()
    synced = synced_book(settings)
    places = book_summary(rows_in_use(settings), RowsInFolder(SHIPPED), synced)
    kept = sorted({one.service for one in places} - READABLE)
    discounts = discounts_in_use(settings)
    unused = discounts.unused(rows_in_use(settings)) if discounts is not None else ()
    if as_json:
        answer(
            {
                "file": str(synced.path) if synced is not None else None,
                "prices": [one.to_dict() for one in places],
                "shipped_only": kept,
                "discounts": discounts.to_dict() if discounts is not None else None,
                "unused_rates": list(unused),
            }
        )
    else:
        show_summary(console(), places, synced.path if synced is not None else None, kept)
        show_discounts(console(), discounts, unused)


def _regions_in_use(settings: Settings, app: Path | None) -> tuple[str, ...]:
    """Those of the environments of the project, and those that were synchronised before. Raises UsageError."""
    from cygni.pricing.books import regions_synced

    found = dict.fromkeys((*_regions_of_project(app), *regions_synced(settings)))
    if not found:
        raise UsageError(
            "there is no cygni.yaml here that says which regions are in use",
            hint="Name them, as in: cx prices sync --region eu-west-1",
        )
    return tuple(found)


def _regions_of_project(app: Path | None) -> Iterator[str]:
    from cli.session import load_project, spec_file
    from cygni.spec.loader import written_environments
    from stacks.target import LOCAL

    try:
        file = spec_file(app)
    except NotFound:
        if app is not None:
            raise
        return
    for environment in (LOCAL, *written_environments(file)):
        yield load_project(app, environment).region


def _failed(report: SyncReport) -> PriceListError | Unreachable:
    renewed = f"{report.prices} other prices are renewed" if report.prices else "no price is renewed"
    stay = f"so the older prices stay; {renewed}"
    failed = [one for one in report.problems if one.kind.is_change and one.offer in report.failed]
    silent = list(dict.fromkeys(one.offer for one in failed if one.kind is ProblemKind.SILENT))
    if silent:
        return Unreachable(
            f"AWS's price list of {', '.join(silent)} could not be read, {stay}",
            hint=f"{failed[0].text}. Read them again: cx prices sync {' '.join(f'--service {one}' for one in silent)}",
            details=report.to_dict(),
        )
    return PriceListError(
        f"AWS's price list of {', '.join(report.failed)} is not what it was, {stay}",
        hint=f"{failed[0].text}. A newer Cygni may know its new shape.",
        details=report.to_dict(),
    )
