"""`cx cost`: what a preview, a state or a change between two of them costs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from cli.cost_options import File, ProfileName, Region, Stack, Usage
from cli.cost_usage import app as usage_app
from cli.options import App, Debug, Env, Json
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.pricing.report import CostReport


class _ShowsByDefault(TyperGroup):
    """`cx cost FILE` is `cx cost show FILE`: what is no command of the group is what to show."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="cost",
    cls=_ShowsByDefault,
    help="What a preview or a state costs, of any Pulumi program: cx cost FILE",
    no_args_is_help=True,
)
app.add_typer(usage_app, name="usage")

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
    debug: Debug = False,
) -> None:
    """Show what the resources of a preview or a state cost. Also spelled `cx cost FILE`."""
    from cli.cost_inputs import Source
    from cygni.engine_documents.costs import priced_document
    from cygni.pricing import PriceBook

    how = _format(as_json=as_json, markdown=markdown, html=html)
    source = Source(file, stack, app, env, region)
    report = priced_document(source.read(), PriceBook.load(), source.usage(usage, profile))
    _print(report, how, explain=explain, everything=everything)


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
    debug: Debug = False,
) -> None:
    """Show what B would cost against A: what each has after it."""
    from cli.cost_inputs import STDIN, Source, read_file
    from cygni.engine_documents.costs import priced_comparison
    from cygni.pricing import PriceBook

    if a == b == STDIN:
        raise UsageError("only one of two documents can come from stdin", hint="Name the file of the other.")
    how = _format(as_json=as_json, markdown=markdown, html=html)
    one, other = (a, read_file(a, region)), (b, read_file(b, region))
    report = priced_comparison(one, other, PriceBook.load(), Source().usage(usage, profile))
    _print(report, how, explain=explain, everything=everything)


def _format(**chosen: bool) -> str:
    """The one that was asked for; empty for people. Raises UsageError."""
    found = [name for name, is_chosen in chosen.items() if is_chosen]
    if len(found) > 1:
        raise UsageError("--json, --markdown and --html exclude each other", hint="Give one of them.")
    if found:
        from cli.streams import demand_stdout

        demand_stdout()
    return found[0] if found else ""


def _print(report: CostReport, how: str, *, explain: bool, everything: bool) -> None:
    if how == "as_json":
        from cli.terminal import answer
        from cygni.pricing.report_document import report_document

        answer(report_document(report))
    elif how == "markdown":
        from cygni.pricing.report_markdown import report_markdown

        sys.stdout.write(report_markdown(report, explain=explain))
    elif how == "html":
        from cygni.pricing.report_html import report_html

        sys.stdout.write(report_html(report))
    else:
        from cli.cost_view import show_report
        from cli.terminal import console

        show_report(console(), report, explain=explain, everything=everything)
