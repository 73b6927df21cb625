"""The deployments of one environment, as a control plane has them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cygni.control_plane.api import Api
from cygni.control_plane.event_stream import EventStream, ServerEvent

Deployment = Mapping[str, Any]
"""As the API describes it: `id`, `status`, `plan`, `result`, `error`, ..."""

AWAITING: Final = "awaiting_approval"
APPLYING: Final = "applying"
RELEASING: Final = "releasing"
DESTROY: Final = "destroy"
RUN: Final = "run"
CANCELLED: Final = "cancelled"
OVER: Final = frozenset({"succeeded", "failed", CANCELLED, "needs_attention"})


def asked_by(deployment: Mapping[str, Any]) -> str:
    """Who asked for it, by the name that the server has: an email address, that of an API key, or whose doing it is."""
    actor = deployment["actor"]
    return actor.get("name") or f"{actor['kind'].replace('_', ' ')} {actor['id']}"


@dataclass(frozen=True, slots=True)
class Deployments:
    """Of an environment that the control plane at `api` has. What changes something is sent with a key of its own, so
    that it is done once where an answer is lost. Each raises the errors that the server tells."""

    api: Api
    organization: str
    project: str
    environment: str

    @property
    def _project(self) -> tuple[str, ...]:
        return ("/v1/organizations", self.organization, "projects", self.project)

    @property
    def _environment(self) -> tuple[str, ...]:
        return (*self._project, "environments", self.environment)

    def send_source(self, archive: bytes) -> str:
        """Sends a project's folder, as source.py packs it; what it is called there."""
        return str(self.api.send(*self._project, "sources", archive=archive)["id"])

    def create(self, source: str, options: Mapping[str, Any]) -> Deployment:
        """Begins one with that folder; `options` as the API has them."""
        return self._post("deployments", body={"source": source, **options})

    def newest(self, count: int) -> Sequence[Deployment]:
        """The newest first, without their plans; a hundred at most."""
        found: list[Deployment] = self.api.get(*self._environment, "deployments", limit=count)["items"]
        return found

    def read(self, deployment: str) -> Deployment:
        found: Deployment = self.api.get(*self._environment, "deployments", deployment)
        return found

    def accept(self, deployment: Deployment) -> None:
        """Lets the plan be applied that it has, or what has none be done: approves it where its environment asks for
        that."""
        verb = "approve" if deployment["needs_approval"] else "apply"
        plan = deployment["plan"]
        self._post("deployments", deployment["id"], verb, body={"plan": plan and plan["digest"]})

    def cancel(self, deployment: str) -> Deployment:
        return self._post("deployments", deployment, "cancel")

    def roll_back(self, release: int | None) -> Deployment:
        return self._post("rollback", body={"release": release})

    def operate(self, verb: str, told: Mapping[str, Any]) -> Deployment:
        """Begins what is done with the environment as it was deployed last: `scale`, `restart`, `run` or `destroy`;
        `told` as the API has it."""
        return self._post(verb, body=told)

    def promote(self, deployment: str, *, full: bool) -> None:
        self._post("deployments", deployment, "promote", body={"full": full})

    def ask(self, deployment: str, verb: str) -> None:
        """`pause`, `resume` or `abort` of its release."""
        self._post("deployments", deployment, verb)

    def ask_of(self, kind: str, told: Mapping[str, Any]) -> str:
        """Asks something of the environment (`status`, `releases`, `outputs` or `logs`); what the question is called
        there."""
        made: Mapping[str, Any] = self.api.post(*self._environment, "inquiries", kind, body=told)
        return str(made["id"])

    def answer(self, inquiry: str, on_loss: Callable[[str], None]) -> Iterator[ServerEvent]:
        """The lines of its answer as they come: `wrote`, `said`, and `ended` of the last one."""
        return EventStream(self.api, (*self._environment, "inquiries", inquiry), on_loss).after(0)

    def events(self, deployment: str, on_loss: Callable[[str], None]) -> EventStream:
        path = (*self._environment, "deployments", deployment, "events")
        return EventStream(self.api, path, on_loss)

    def _post(self, *path: str, body: Mapping[str, Any] | None = None) -> Deployment:
        made: Deployment = self.api.post(*self._environment, *path, body=body, key=str(uuid.uuid4()))
        return made
