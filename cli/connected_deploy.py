"""`cx deploy` and `cx diff` through a control plane."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cygni.control_plane.deployments import OVER
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.control_plane.deployments import Deployment, Deployments
    from cygni.cost_limits import WrittenIncrease


def order(
    *,
    refresh: bool,
    max_cost_increase: WrittenIncrease | None,
    currency: str | None,
    timeout: float,
    default_timeout: float = 3600.0,
) -> dict[str, Any]:
    """The options of a deployment, as the API has them. Raises UsageError for those that mean nothing there."""
    if currency not in (None, "USD"):
        raise UsageError(
            "a control plane tells amounts in USD", hint="Leave out --currency, or add --here to deploy here."
        )
    if timeout != default_timeout:
        raise UsageError(
            "--timeout is of what happens on this machine; at a control plane each phase has a limit",
            hint="Leave it out, or add --here to deploy here.",
        )
    written = max_cost_increase.argument if max_cost_increase is not None else None
    return {"refresh": refresh, "max_cost_increase": written}


def begin(there: Deployments, app: Path | None, options: Mapping[str, Any]) -> Deployment:
    """Sends the project's folder, and begins a deployment with it. Raises UsageError, and what packing and sending
    raise."""
    from cli.session import spec_file
    from cli.terminal import console
    from cygni.control_plane.source import pack_source
    from cygni.spec.loader import FILE_NAME

    file = spec_file(app).resolve()
    if file.name != FILE_NAME:
        raise UsageError(f"a control plane deploys what {FILE_NAME} says, not {file.name}")
    archive = pack_source(file.parent)
    made = there.create(there.send_source(archive), options)
    console().print(
        f"Sent {file.parent} ({_size(len(archive))}) as deployment {made['id']}.",
        markup=False,
        soft_wrap=True,
    )
    return made


def deploy_there(
    there: Deployments,
    app: Path | None,
    options: Mapping[str, Any],
    *,
    yes: bool,
    as_json: bool,
    detach: bool,
    expected: str,
) -> None:
    """Deploys by the control plane, and tells how it ended as a deploy here does. With `yes` nothing waits for this
    command, unless the plan is to be an `expected` one. Raises what `Following` raises."""
    from cli.following import Following
    from cli.terminal import answer, console, interactive

    if detach and not yes and not interactive():
        raise UsageError("--detach asks nobody: add --yes", hint="Or leave out --detach.")
    waits = bool(expected) or not yes
    done = begin(there, app, {**options, "confirm": waits})
    if waits or not detach:
        following = Following(there, done["id"], yes=yes, expected=expected, as_json=as_json, detaches=detach)
        done = following.to_its_end()
    if as_json:
        answer(
            {
                "plan": done["plan"],
                **(done["result"] or {}),
                "deployment": done["id"],
                "status": done["status"],
            }
        )
    elif done["status"] not in OVER:
        attach = f"cx attach {done['id']} -e {there.environment}"
        console().print(f"The deployment goes on there. See it with: {attach}", markup=False, soft_wrap=True)


def diff_there(
    there: Deployments, app: Path | None, options: Mapping[str, Any], *, as_json: bool, markdown: bool
) -> bool:
    """Shows the plan that the control plane makes as a diff here does; whether it changes anything. Raises UsageError
    where `markdown` is wanted, and what `Following` raises."""
    from cli.following import Following
    from cli.terminal import answer

    if markdown:
        raise UsageError(
            "a control plane's plan is not written as Markdown", hint="Add --here to plan on this machine."
        )
    made = begin(there, app, {**options, "plan_only": True})
    plan = Following(there, made["id"], as_json=as_json).to_its_end()["plan"]
    if as_json:
        answer(plan)
    drifted = any(stack["drifted"] for stack in plan["stacks"])
    return bool(plan["releases"] or any(plan["changes"].values()) or drifted)


def _size(count: int) -> str:
    return f"{count / 1024**2:.1f} MiB" if count >= 1024**2 else f"{max(1, count // 1024)} KiB"
