"""What is done with an environment as it was deployed last, through a control plane."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cli.following import Following
from cli.terminal import answer
from cygni.control_plane.deployments import DESTROY
from cygni.errors import RunFailed

if TYPE_CHECKING:
    from cygni.control_plane.deployments import Deployments
    from cygni.pricing.exchange import Exchange


def operate_there(there: Deployments, verb: str, told: Mapping[str, Any], *, as_json: bool) -> None:
    """Does it, and tells how it ended as it would here; where that needs an approval, it is the word of who has the
    right. Raises what `Following` raises."""
    done = Following(there, there.operate(verb, told)["id"], yes=True, as_json=as_json).to_its_end()
    if as_json:
        answer(done["result"])


def run_there(there: Deployments, job: str, *, wait: bool, as_json: bool) -> None:
    """Runs a job, whose lines are this command's as they would be here. Raises what `Following` raises."""
    written: list[str] = []

    def shown(line: str) -> None:
        if as_json:
            written.append(line)
        else:
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    begun = there.operate("run", {"job": job, "wait": wait})
    try:
        done = Following(there, begun["id"], yes=True, as_json=as_json, wrote=shown).to_its_end()
    except RunFailed as failed:
        if not as_json:  # a person has seen the lines
            failed.details["lines"] = []
        raise
    if as_json:
        answer({**done["result"], "lines": written})


def destroy_there(
    there: Deployments, told: Mapping[str, Any], *, yes: bool, as_json: bool, expected: str, shown: Exchange
) -> None:
    """Shows what would be deleted, with amounts as they are `shown`, asks, and deletes it; `told` as the API has it.
    Raises what `Following` raises."""
    from cli.connected_plan import converted, converting_errors, plan_view

    begun = there.operate(DESTROY, {**told, "confirm": bool(expected) or not yes})
    view = plan_view(shown, tells_unchanged=False)
    following = Following(there, begun["id"], yes=yes, expected=expected, as_json=as_json, planned=view)
    with converting_errors(shown):
        done = following.to_its_end()
    if as_json:
        answer({"plan": done["plan"] and converted(done["plan"], shown), **(done["result"] or {})})
