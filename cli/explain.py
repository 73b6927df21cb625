"""`cx explain`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import Debug, Json
from cygni.errors import NotFound

EXAMPLES = ("cx explain", "cx explain lock_held")
Code = Annotated[
    str | None,
    typer.Argument(metavar="CODE", help="The code of an error; all.", show_default=False),
]


def explain(code: Code = None, as_json: Json = False, debug: Debug = False) -> None:
    """Tell what the code of an error means, and what to do. Errors name theirs; all are in docs/errors.md."""
    from cli.error_reference import exit_codes
    from cli.terminal import answer, console
    from cygni.error_catalogue import EXPLANATIONS, located, reference
    from cygni.settings import Settings

    exits = exit_codes()
    site = Settings.from_environment().docs
    if code is not None and code not in exits:
        raise NotFound(f"there is no error {code}", hint="See all of them with: cx explain")
    wanted = [code] if code is not None else list(exits)
    if as_json:
        documents = [
            {
                "code": one,
                "exit_code": exits[one].value,
                "means": EXPLANATIONS[one].means,
                "do": EXPLANATIONS[one].do,
                "docs": reference(one, site),
            }
            for one in wanted
        ]
        answer(documents[0] if code is not None else {"errors": documents})
        return
    people = console()
    for one in wanted:
        told = EXPLANATIONS[one]
        if code is None:
            people.print(f"{one:<22} {told.means}", markup=False, soft_wrap=True)
            continue
        people.print(f"{one}, exit code {exits[one].value}\n{told.means}", markup=False, soft_wrap=True)
        people.print(f"{told.do}\nMore: {located(f'docs/{told.page}', site)}", markup=False, soft_wrap=True)
