"""`cx deploy` through a control plane."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cygni.control_plane.deployments import OVER
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.control_plane.deployments import Deployment, Deployments
    from cygni.cost_limits import WrittenIncrease
    from cygni.pricing.exchange import Exchange

_AN_HOUR = 3600.0


def order(
    shown: Exchange, *, refresh: bool, max_cost_increase: WrittenIncrease | None, timeout: float
) -> dict[str, Any]:
    """The options of a deployment, as the API has them; amounts are in the currency that is `shown` where they name
    none. Raises UsageError."""
    from cli.connected_plan import allowed_increase

    increase = allowed_increase(max_cost_increase, shown)
    return {"refresh": refresh, "max_cost_increase": increase, **timed(timeout)}


def timed(timeout: float) -> dict[str, int]:
    """`--timeout`, in seconds, as the API takes it: what it says by itself is left out."""
    return {} if timeout == _AN_HOUR else {"timeout": int(timeout)}


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
    shown: Exchange,
) -> None:
    """Deploys by the control plane, and tells how it ended as a deploy here does, with amounts in the currency that is
    `shown`. With `yes` nothing waits for this command, unless the plan is to be an `expected` one. Raises what
    `Following` raises."""
    from cli.connected_plan import add_to_summary, converted, converting_errors, plan_view
    from cli.following import Following
    from cli.terminal import answer, console, interactive

    if detach and not yes and not interactive():
        raise UsageError("--detach asks nobody: add --yes", hint="Or leave out --detach.")
    waits = bool(expected) or not yes
    done = begin(there, app, {**options, "confirm": waits})
    if waits or not detach:
        following = Following(
            there,
            done["id"],
            yes=yes,
            expected=expected,
            as_json=as_json,
            detaches=detach,
            planned=plan_view(shown, tells_unchanged=True),
        )
        with converting_errors(shown):
            done = following.to_its_end()
        add_to_summary(done["plan"], shown)
    if as_json:
        answer(
            {
                "plan": done["plan"] and converted(done["plan"], shown),
                **(done["result"] or {}),
                "deployment": done["id"],
                "status": done["status"],
            }
        )
    elif done["status"] not in OVER:
        attach = f"cx attach {done['id']} -e {there.environment}"
        console().print(f"The deployment goes on there. See it with: {attach}", markup=False, soft_wrap=True)


def _size(count: int) -> str:
    return f"{count / 1024**2:.1f} MiB" if count >= 1024**2 else f"{max(1, count // 1024)} KiB"
