"""The reference: Cygni's own stack programs run with Pulumi's Automation API as its manual shows it.

`python benchmarks/bare_engine.py OPERATION FOLDER`, where OPERATION is first-preview, preview, up, up-refresh or
destroy, and FOLDER holds `cygni.yaml` and `bare.json` (region, plugin, environment). One `LocalWorkspace` stack
after another in one process, nothing skipped and nothing added. Prints the resources of each stack as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# Run as a file, so that its start costs what a script's start costs.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi import automation as auto

from cygni.naming import Part, stack_name
from cygni.spec import ProjectSpec, load_spec
from stacks.manifest import stack_inputs
from stacks.program import program_for
from stacks.pulumi_project import PULUMI_PROJECT


def run(operation: str, folder: Path) -> dict[str, int]:
    """Does `operation` on every stack of the project in `folder`; returns how many resources each has."""
    settings = json.loads((folder / "bare.json").read_text(encoding="utf-8"))
    spec = load_spec(folder / "cygni.yaml", "local")
    programs = _programs(spec, first=operation == "first-preview")
    work = folder / "bare"
    for needed in (work, work / "state"):
        needed.mkdir(exist_ok=True)
    # Automation's ProjectSettings have no field for plugins; a Pulumi.yaml in the work folder is used as it is.
    project = {
        "name": PULUMI_PROJECT,
        "runtime": "python",
        "backend": {"url": (work / "state").as_uri()},
        "plugins": {"providers": [{"name": "aws", "path": settings["plugin"]}]},
        "config": {"aws:region": settings["region"]},
    }
    (work / "Pulumi.yaml").write_text(json.dumps(project), encoding="utf-8")
    counts = {}
    for part in reversed(programs) if operation == "destroy" else programs:
        stack = _stack(spec, part, programs[part], settings, work)
        counts[str(part)] = _OPERATIONS[operation](stack)
    return counts


def _programs(spec: ProjectSpec, *, first: bool) -> dict[Part, Callable[[], None]]:
    # Before the first deployment no stack has outputs: expected to be none, each one counts as not known.
    upstream: Mapping[str, Mapping[str, Any]] = {part: {} for part in Part} if first else {}
    return {
        part: program_for(stack_name(spec.project, spec.environment, part), inputs, upstream)
        for part, inputs in stack_inputs(spec).items()
    }


def _stack(
    spec: ProjectSpec, part: Part, program: Callable[[], None], settings: Mapping[str, Any], work: Path
) -> auto.Stack:
    return auto.create_or_select_stack(
        stack_name=stack_name(spec.project, spec.environment, part),
        project_name=PULUMI_PROJECT,
        program=program,
        opts=auto.LocalWorkspaceOptions(
            work_dir=str(work),
            pulumi_home=str(work / "home"),
            secrets_provider="passphrase",
            env_vars=settings["environment"],
        ),
    )


def _total(changes: Mapping[Any, int] | None) -> int:
    return sum((changes or {}).values())


_OPERATIONS: Mapping[str, Callable[[auto.Stack], int]] = {
    "first-preview": lambda stack: _total(stack.preview().change_summary),
    "preview": lambda stack: _total(stack.preview().change_summary),
    "up": lambda stack: _total(stack.up().summary.resource_changes),
    "up-refresh": lambda stack: _total(stack.up(refresh=True).summary.resource_changes),
    "destroy": lambda stack: _total(stack.destroy(remove=True).summary.resource_changes),
}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], Path(sys.argv[2]).resolve())))
