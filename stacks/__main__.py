"""The program of the bare `pulumi` command: runs the stack whose name is selected.

`pulumi stack select hello.staging.foundation` chooses project, environment and part; the specification is
the `cygni.yaml` that `CX_APP` names, or the one found upward from the folder `pulumi` was called in.
"""

from __future__ import annotations

import os
from pathlib import Path

import pulumi

from cygni.errors import CygniError, NotFound
from cygni.naming import Part
from cygni.spec import find_spec, load_spec
from stacks.manifest import empty_inputs, stack_inputs
from stacks.program import program_for


def run(stack: str, start: Path) -> None:
    """Declares the resources of `stack`. Raises NotFound for a name of another shape or project."""
    project, environment, part = _pieces(stack)
    spec = load_spec(start if start.is_file() else find_spec(start), environment)
    if spec.project != project:
        raise NotFound(
            f"stack {stack} is of project {project}, but the specification is of {spec.project}",
            hint="Select a stack of this project, or name another cygni.yaml with CX_APP.",
        )
    inputs = stack_inputs(spec).get(part) or empty_inputs(part, project, environment)
    program_for(stack, inputs, {})()


def _pieces(stack: str) -> tuple[str, str, Part]:
    pieces = stack.split(".")
    if len(pieces) != 3 or pieces[2] not in tuple(Part):
        raise NotFound(
            f"{stack} is not the name of a stack of Cygni",
            hint="A name is PROJECT.ENVIRONMENT.PART, where PART is foundation, data or services.",
        )
    return pieces[0], pieces[1], Part(pieces[2])


if __name__ == "__main__":
    try:
        run(pulumi.get_stack(), Path(os.environ.get("CX_APP") or os.environ.get("PWD") or Path.cwd()))
    except CygniError as error:
        raise pulumi.RunError(f"{error.message}\n{error.hint or ''}".strip()) from None
