"""A deployment of a control plane, followed to its end as one of this machine: its view, question and exit code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cli.event_file import PLAN
from cli.event_view import showing
from cli.terminal import ask, confirm, console, interactive
from cygni.control_plane.deployments import APPLYING, AWAITING, OVER, asked_by
from cygni.errors import (
    Cancelled,
    ConfirmationRequired,
    CygniError,
    DeadlineExceeded,
    PermissionDenied,
    WorldChanged,
    WrongState,
    rebuilt,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cygni.control_plane.deployments import Deployment, Deployments
    from cygni.control_plane.event_stream import ServerEvent

_AFTER_PLAN = OVER | {AWAITING, APPLYING}


@dataclass
class Following:
    """A deployment with this `identifier`. `yes` has answered the question; `ours` says that this command began it, so
    that a no cancels it; `expected` is the digest of the only plan that is applied, if any. With `detaches` it is left
    alone once the question is answered; with `cancels` Ctrl-C asks nothing and cancels. `wrote` hears each line that a
    job writes, instead of people, and `planned` each plan, instead of the lines that show it there."""

    there: Deployments
    identifier: str
    yes: bool = False
    ours: bool = True
    expected: str = ""
    detaches: bool = False
    cancels: bool = False
    as_json: bool = False
    json_lines: bool = False
    wrote: Callable[[str], None] | None = None
    planned: Callable[[Mapping[str, Any]], None] | None = None
    _known: int = field(default=0, init=False)
    _stopping: bool = field(default=False, init=False)
    _shown: str = field(default="", init=False)

    def to_its_end(self) -> Deployment:
        """How it ended well, or is where it was left alone. Raises the error that it ended with; ConfirmationRequired
        and Cancelled where its plan is not to be applied, or this command ends before it."""
        with showing(as_json=self.json_lines) as show:
            while True:
                try:
                    self._follow(show)
                    break
                except KeyboardInterrupt:
                    self._interrupted()
        return self._ended(self.there.read(self.identifier))

    def _follow(self, show: Callable[[dict[str, Any]], None]) -> None:
        for event in self.there.events(self.identifier, self._lost).after(self._known):
            self._known = event.number
            if event.kind == "wrote" and self.wrote is not None:
                self.wrote(event.data["text"])
                continue
            if self.planned is not None and event.data.get("of") == PLAN:
                continue
            if not self._is_our_question(event):
                show({**event.data, "event": event.kind})
            if self.planned is not None and event.kind == "status" and event.data["status"] in _AFTER_PLAN:
                self._show_plan(self.planned)
            if event.kind == "status" and event.data["status"] == AWAITING:
                self._answer()
                if self.detaches:
                    return

    def _is_our_question(self, event: ServerEvent) -> bool:
        """Whether it says that an approval is waited for where none is: the plan is to be looked at, by whom is asked
        or told next."""
        if self.json_lines or event.kind != "status" or event.data["status"] != AWAITING:
            return False
        return not self.there.read(self.identifier)["needs_approval"]

    def _show_plan(self, planned: Callable[[Mapping[str, Any]], None]) -> None:
        """Once, whatever else becomes of the deployment."""
        plan = self.there.read(self.identifier)["plan"]
        if plan is not None and plan["digest"] != self._shown:
            self._shown = plan["digest"]
            planned(plan)

    def _lost(self, why: str) -> None:
        self._tell(f"The control plane {why}. Trying again; the deployment goes on meanwhile.")

    def _answer(self) -> None:
        """Lets the plan be applied that waits, where somebody is here who wants that."""
        found = self.there.read(self.identifier)
        if found["status"] != AWAITING:  # somebody else was quicker
            return
        if self.expected and found["plan"]["digest"] != self.expected:
            self._cancel()
            raise WorldChanged(
                "what would change is no longer what was shown",
                hint="Something changed after the plan was shown. Run the command again for a new plan.",
            )
        if not self._wanted(found):
            return
        try:
            self.there.accept(found)
        except WrongState:
            pass  # as above
        except PermissionDenied as refused:
            self._tell(f"It waits for somebody else: {refused.message}. They see it with: {self._attach}")

    def _wanted(self, found: Deployment) -> bool:
        if not self.ours and found.get("may_accept") is False:
            self._tell(_waits_for_another(found, self._attach))
            return False
        if not self.yes and not interactive() and not self.ours:
            verb = "Approve it" if found["needs_approval"] else "Let it be applied"
            self._tell(f"{verb} with: {self._attach} --yes")
            return False
        try:
            confirm(
                _question(found, self.there, ours=self.ours),
                yes=self.yes,
                details={"plan": found["plan"]} if self.as_json else {},
            )
        except (Cancelled, ConfirmationRequired):
            if self.ours:
                self._cancel()
                raise
            raise Cancelled("it is not approved, and waits on", hint=f"To end it: {self._abort}") from None
        return True

    def _interrupted(self) -> None:
        """Ctrl-C, or the signal to end. Returns where the deployment is cancelled and followed on. Raises Cancelled."""
        if not self._stopping and (self.cancels or self._asked_to_cancel()):
            self._stopping = True
            self._cancel()
            return
        raise Cancelled(
            "this command stops, and the deployment goes on",
            hint=f"See it with: {self._attach}\nCancel it with: {self._abort}",
            details={"interrupted": True, "deployment": self.identifier},
        ) from None

    def _asked_to_cancel(self) -> bool:
        if not interactive():
            return False
        try:
            return (
                ask("\nCancel the deployment, or leave it going on? (cancel, leave)", "leave").lower()
                == "cancel"
            )
        except Cancelled:
            return False

    def _cancel(self) -> None:
        self.there.cancel(self.identifier)

    def _ended(self, found: Deployment) -> Deployment:
        if found["status"] == "succeeded" or (self.detaches and found["status"] not in OVER):
            return found
        error = _error_of(found)
        if self.as_json and found["plan"]:
            error.details["plan"] = found["plan"]
        raise error

    @property
    def _attach(self) -> str:
        return f"cx attach {self.identifier} -e {self.there.environment}"

    @property
    def _abort(self) -> str:
        return f"cx abort {self.identifier} -e {self.there.environment}"

    def _tell(self, text: str) -> None:
        console().print(text, markup=False, soft_wrap=True)


def _waits_for_another(found: Deployment, attach: str) -> str:
    if found["needs_approval"]:
        return (
            "It waits for an approval, which is not yours to give: an admin or an owner does, or somebody else with "
            f"the permission deployment:approve, with: {attach}"
        )
    return f"It waits for somebody who may deploy: {attach}"


def _question(found: Deployment, there: Deployments, *, ours: bool) -> str:
    subject, told = f"{there.project} ({there.environment})", found["arguments"]
    if not ours:
        subject += f", which {who_asked(found)}"
    match found["kind"]:
        case "destroy":
            return f"Delete all of {subject}?"
        case "run":
            return f"Run the job {told['job']} of {subject}?"
        case "scale":
            counts = ", ".join(f"{name}={count}" for name, count in told["counts"].items())
            return f"Scale {counts} in {subject}?"
    return f"Apply this to {subject}?"


def who_asked(found: Deployment) -> str:
    """`grace@example.com asked for at 2026-11-23T02:11:04Z`."""
    from cli.connected import to_the_second

    return f"{asked_by(found)} asked for at {to_the_second(found['created_at'])}"


def _error_of(found: Deployment) -> CygniError:
    """What a deployment ended with; of one that somebody cancelled it does not matter how its program took that."""
    told = found["error"]
    if found["status"] == "cancelled" and (told is None or told["code"] != DeadlineExceeded.code):
        return Cancelled("the deployment was cancelled")
    return rebuilt(told)
