"""`cx cost`: what a preview, a state or a change between two of them costs."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cli.cost_actual import actual
from cli.cost_options import CommentAbove, File, ProfileName, Region, Stack, Usage
from cli.cost_savings import savings
from cli.cost_usage import app as usage_app
from cli.options import App, Currency, Debug, Env, Json, MaxCostIncrease
from cygni.cost_limits import CostLimits, Increase, WrittenIncrease
from cygni.errors import CostGuard, UsageError

if TYPE_CHECKING:
    from cygni.pricing.exchange import Exchange
    from cygni.pricing.report import CostReport

EXAMPLES = (
    "cx cost preview.json",
    "cx cost compare before.json after.json",
    "cx cost savings -e production",
)


class _ShowsByDefault(TyperGroup):
    """`cx cost FILE` is `cx cost show FILE`: what is no command of the group is what to show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="cost",
    cls=_ShowsByDefault,
    help="What a preview or a state costs, of any Pulumi program: cx cost FILE",
)
app.add_typer(usage_app, name="usage")
app.command()(actual)
app.command()(savings)

Markdown = Annotated[bool, typer.Option("--markdown", help="Print Markdown for a pull request on stdout.")]
Html = Annotated[bool, typer.Option("--html", help="Print an HTML page on stdout.")]
Explain = Annotated[
    bool, typer.Option("--explain", help="Say of every line what was assumed, and where its price is from.")
]
All = Annotated[bool, typer.Option("--all", help="Show every resource, also such as do not change.")]


@app.command()
def show(
    file: File = None,
    stack: Stack = None,
    app: App = None,
    env: Env = "local",
    region: Region = "",
    usage: Usage = None,
    profile: ProfileName = None,
    as_json: Json = False,
    markdown: Markdown = False,
    html: Html = False,
    explain: Explain = False,
    everything: All = False,
    max_cost_increase: MaxCostIncrease = None,
    comment_above: CommentAbove = None,
    currency: Currency = None,
    debug: Debug = False,
) -> None:
    """Show what the resources of a preview or a state cost. Also spelled `cx cost FILE`."""
    from cli.cost_inputs import Source
    from cygni.engine_documents.costs import priced_document
    from cygni.pricing.books import book_in_use

    how = _format(as_json=as_json, markdown=markdown, html=html)
    source = Source(file, stack, app, env, region)
    terms = _terms(currency, max_cost_increase, comment_above)
    with _keeping():
        report = priced_document(source.read(), book_in_use(), source.usage(usage, profile))
    _print(report, how, terms, explain=explain, everything=everything)


@app.command()
def compare(
    a: Annotated[
        str, typer.Argument(metavar="A", help="A preview or a state; - for stdin.", show_default=False)
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="Another one.", show_default=False)],
    region: Region = "",
    usage: Usage = None,
    profile: ProfileName = None,
    as_json: Json = False,
    markdown: Markdown = False,
    html: Html = False,
    explain: Explain = False,
    everything: All = False,
    max_cost_increase: MaxCostIncrease = None,
    comment_above: CommentAbove = None,
    currency: Currency = None,
    debug: Debug = False,
) -> None:
    """Show what B would cost against A: what each has after it."""
    from cli.cost_inputs import STDIN, Source, read_file
    from cygni.engine_documents.costs import priced_comparison
    from cygni.pricing.books import book_in_use

    if a == b == STDIN:
        raise UsageError("only one of two documents can come from stdin", hint="Name the file of the other.")
    how = _format(as_json=as_json, markdown=markdown, html=html)
    terms = _terms(currency, max_cost_increase, comment_above)
    with _keeping():
        one, other = (a, read_file(a, region)), (b, read_file(b, region))
        report = priced_comparison(one, other, book_in_use(), Source().usage(usage, profile))
    _print(report, how, terms, explain=explain, everything=everything)


@contextmanager
def _keeping() -> Iterator[None]:
    """Without looking for garbage in cycles meanwhile: there is none, and to look among all that is kept takes a fifth
    of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _format(**chosen: bool) -> str:
    """The one that was asked for; empty for people. Raises UsageError."""
    found = [name for name, is_chosen in chosen.items() if is_chosen]
    if len(found) > 1:
        raise UsageError("--json, --markdown and --html exclude each other", hint="Give one of them.")
    if found:
        from cli.streams import demand_stdout

        demand_stdout()
    return found[0] if found else ""


@dataclass(frozen=True)
class _Terms:
    """The most that the cost may grow, the difference up to which a comment is not worth it, and what amounts are shown
    in."""

    increase: Increase | None
    comment_above: Increase | None
    exchange: Exchange

    @property
    def is_of_everything(self) -> bool:
        """Whether something in it is a share of all there is."""
        return any(one is not None and one.percent is not None for one in (self.increase, self.comment_above))

    @property
    def limits(self) -> CostLimits:
        return CostLimits(() if self.increase is None else (self.increase,))

    def demand_fit(self, report: CostReport) -> None:
        """Raises UsageError for what nobody could hold this report to."""
        from cygni.pricing.report import ReportKind

        if report.kind is ReportKind.STATE and (self.increase is not None or self.comment_above is not None):
            raise UsageError(
                "a state is no change, so there is no difference to hold to a limit",
                hint="Give a preview, or two documents: cx cost compare before.json after.json",
            )
        if report.hidden and self.is_of_everything:
            raise UsageError(
                f"a percentage is of everything there is, and {report.hidden} resources are not listed in the preview",
                hint="Preview with --show-sames, or give an amount of money.",
            )
        if self.increase is not None and report.repricing:
            raise UsageError(
                f"{report.repricing[0]} changes what others are priced by, and {report.hidden} resources are not "
                "listed in the preview",
                hint="Preview with --show-sames.",
            )

    def warned(self, report: CostReport) -> CostReport:
        """The report with what is to be told of the limit among its warnings."""
        from cygni.pricing.guards import idle_limits

        return replace(report, warnings=(*report.warnings, *idle_limits(report.diff, self.limits)))

    def hold(self, report: CostReport) -> None:
        """Raises CostGuard."""
        from cygni.pricing.guards import guard_increase

        guard_increase(report.diff, self.limits, self.exchange)

    def is_quiet(self, report: CostReport) -> bool:
        """Whether a report is not worth a comment."""
        from cygni.pricing.guards import worth_telling

        if self.comment_above is None or report.repricing:
            return False
        above = self.comment_above.allowed(report.diff.before.monthly, anything=True) or Decimal(0)
        return not worth_telling(report.diff, above)


def _terms(
    currency: str | None, increase: WrittenIncrease | None, comment_above: WrittenIncrease | None
) -> _Terms:
    """Raises UsageError."""
    from cli.currency import judged, shown_in

    exchange = shown_in(currency)
    return _Terms(
        judged(increase, "--max-cost-increase", exchange),
        judged(comment_above, "--comment-above", exchange),
        exchange,
    )


def _print(report: CostReport, how: str, terms: _Terms, *, explain: bool, everything: bool) -> None:
    """Prints the report, then holds it to its limit. Raises CostGuard: for programs, with the report as `cost`."""
    from cygni.pricing.conversion import report_in

    terms.demand_fit(report)
    shown = report_in(terms.warned(report), terms.exchange)
    if how == "as_json":
        from cli.terminal import answer
        from cygni.pricing.report_document import report_document

        document = report_document(shown)
        try:
            terms.hold(report)
        except CostGuard as error:
            error.details["cost"] = document
            raise
        answer(document)
        return
    if how and terms.is_quiet(report):
        _say_quiet(shown)
    elif how == "markdown":
        from cygni.pricing.report_markdown import report_markdown

        sys.stdout.write(report_markdown(shown, explain=explain))
    elif how == "html":
        from cygni.pricing.report_html import report_html

        sys.stdout.write(report_html(shown))
    else:
        from cli.cost_view import show_report
        from cli.terminal import console

        show_report(console(), shown, explain=explain, everything=everything)
    terms.hold(report)


def _say_quiet(report: CostReport) -> None:
    from cli.terminal import console
    from cygni.pricing.wording import delta_text

    console().print(
        f"the cost differs by {delta_text(report.diff)} a month: not worth a comment", markup=False
    )
