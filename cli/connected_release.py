"""What is asked of deployments and releases at a control plane: going back, steering, ending, looking on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli import terminal
from cli.connected import an_id
from cli.event_view import print_event
from cli.exit_codes import ExitCode, exit_code
from cli.following import Following, who_asked
from cli.terminal import answer, console
from cygni.control_plane.deployments import CANCELLED, OVER, RELEASING, RUN
from cygni.errors import CygniError, NotFound

if TYPE_CHECKING:
    from cygni.control_plane.deployments import Deployment, Deployments
    from cygni.releases.release import Wish

_LOOKED_AT = 20
"""How many of the newest deployments are looked at for the one under way; an environment has one at a time."""


def roll_back_there(there: Deployments, release: int | None, *, as_json: bool) -> None:
    """Goes back to a release, None: the one before. When none is named, a deploy that is releasing is told to go back,
    and a rollback that goes on is followed: asking twice goes back once. Raises what `Following` raises."""
    going_on = _all_going_on(there) if release is None else []
    for one in going_on:
        if one["kind"] == "deploy" and one["status"] == RELEASING:
            abort_there(there, one["id"], yes=True, as_json=as_json)
            return
    going_back = next((one for one in going_on if one["kind"] == "rollback"), None)
    ours = going_back is None
    followed = there.roll_back(release) if going_back is None else going_back
    done = Following(there, followed["id"], ours=ours, as_json=as_json).to_its_end()
    if as_json:
        answer(done["result"])


def steer_there(there: Deployments, wish: Wish, *, as_json: bool, told: str) -> None:
    """Asks something of the release under way. Raises NotFound where there is none."""
    found = _releasing(there)
    if found is None:
        raise NotFound(
            f"no release of {there.project} ({there.environment}) is under way",
            hint=f"The last one: cx attach -e {there.environment}",
        )
    verb, _, full = wish.value.partition("_")
    if verb == "promote":
        there.promote(found["id"], full=bool(full))
    else:
        there.ask(found["id"], verb)
    _tell_asked(found["id"], wish.value, told, as_json=as_json)


def abort_there(there: Deployments, deployment: str | None, *, yes: bool, as_json: bool) -> None:
    """Sends a release back, and cancels a deployment that has not come so far; without a name the one under way, or the
    newest that waits. At a terminal that asks for what is somebody else's, unless `yes` has answered: programs have
    nobody to ask, and may be in a hurry. Raises NotFound where nothing goes on, and Cancelled."""
    found = there.read(_named(there, deployment) if deployment is not None else _going_on(there)["id"])
    named = f"deployment {found['id']}, which {who_asked(found)}"
    goes_back = found["status"] == RELEASING and found["kind"] != RUN
    question = f"Send the release of the {named}, back?" if goes_back else f"Cancel the {named}?"
    terminal.confirm(question, yes=yes or found.get("yours") is not False or not terminal.interactive())
    if goes_back:
        there.ask(found["id"], "abort")
        _tell_asked(found["id"], "abort", f"The release of the {named}, goes back.", as_json=as_json)
        return
    over = there.cancel(found["id"])["status"] == CANCELLED
    done = "is cancelled." if over else "is being cancelled: what is in flight comes to its end."
    _tell_asked(found["id"], "cancel", f"The {named}, {done}", as_json=as_json)


def attach_there(
    there: Deployments, deployment: str | None, *, yes: bool, cancels: bool, as_json: bool
) -> int:
    """Shows a deployment from its beginning, the newest one without a name, and ends as it does. For programs
    `started` comes first and `ended` last, as of this machine. Raises what `Following` raises."""
    identifier = _named(there, deployment) if deployment is not None else _newest(there)
    if not as_json:
        found = there.read(identifier)
        console().print(
            f"This is the deployment {identifier}, which {who_asked(found)}.", markup=False, soft_wrap=True
        )
    following = Following(
        there, identifier, yes=yes, ours=False, cancels=cancels, as_json=as_json, json_lines=as_json
    )
    if not as_json:
        following.to_its_end()
        return ExitCode.OK
    print_event({"event": "started", "doing": "cx deploy", "deployment": identifier})
    error: CygniError | None = None
    try:
        following.to_its_end()
    except CygniError as raised:
        error = raised
    if error is not None and error.details.get("interrupted"):
        raise error  # the deployment goes on
    told = error and {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "details": error.details,
    }
    code = ExitCode.OK if error is None else exit_code(error)
    print_event({"event": "ended", "exit_code": int(code), "error": told})
    if error is not None:
        raise error
    return code


def _named(there: Deployments, deployment: str) -> str:
    """Raises NotFound for what can be no id of one."""
    return an_id("deployment", f"Without an id it is the last one: cx attach -e {there.environment}")(
        deployment
    )


def _newest(there: Deployments) -> str:
    found = there.newest(1)
    if not found:
        raise NotFound(
            f"nothing of {there.project} ({there.environment}) was deployed there yet",
            hint=f"Deploy with: cx deploy -e {there.environment}",
        )
    return str(found[0]["id"])


def _releasing(there: Deployments) -> Deployment | None:
    return next(
        (one for one in _all_going_on(there) if one["status"] == RELEASING and one["kind"] != RUN), None
    )


def _all_going_on(there: Deployments) -> list[Deployment]:
    return [one for one in there.newest(_LOOKED_AT) if one["status"] not in OVER]


def _going_on(there: Deployments) -> Deployment:
    going_on = _all_going_on(there)
    under_way = [one for one in going_on if one["status"] == RELEASING] or going_on
    if not under_way:
        raise NotFound(
            f"no deployment of {there.project} ({there.environment}) is under way",
            hint=f"The last one: cx attach -e {there.environment}",
        )
    return under_way[0]


def _tell_asked(identifier: str, asked: str, told: str, *, as_json: bool) -> None:
    if as_json:
        document: dict[str, Any] = {"deployments": [identifier], "asked": asked}
        answer(document)
    else:
        console().print(told, markup=False, soft_wrap=True)
