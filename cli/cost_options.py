"""Arguments and options that the commands of `cx cost` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.options import increase_option
from cygni.aws_limits import REGIONS
from cygni.cost_limits import WrittenIncrease
from cygni.errors import UsageError
from cygni.wording import did_you_mean

File = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE",
        help="Output of pulumi preview --json or pulumi stack export; - for stdin.",
        show_default=False,
    ),
]
Stack = Annotated[
    str | None,
    typer.Option(
        "--stack",
        metavar="NAME",
        help="Instead of a file: stacks of Cygni's state, such as production, or shop.production.services.",
    ),
]


def _region(text: str) -> str:
    """Raises UsageError for what is none."""
    if text and text not in REGIONS:
        raise UsageError(
            f"--region {text!r} is no region of AWS{did_you_mean(text, REGIONS)}",
            hint="Give it as us-east-1 or eu-central-1.",
        )
    return text


Region = Annotated[
    str,
    typer.Option(
        "--region",
        metavar="REGION",
        help="Region of what the document does not place.",
        show_default="none",
        parser=_region,
    ),
]
Usage = Annotated[
    Path | None,
    typer.Option(
        "--usage",
        metavar="FILE",
        help="What is assumed of use, by resource.",
        show_default="cygni-usage.yaml, if any",
    ),
]
ProfileName = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="small, medium or large: what is assumed where nothing else says it.",
    ),
]
CommentAbove = Annotated[
    WrittenIncrease | None,
    typer.Option(
        "--comment-above",
        metavar="AMOUNT|PERCENT",
        parser=increase_option("--comment-above"),
        help="Print no Markdown and no HTML where the cost differs by no more: for comments on pull requests.",
    ),
]
