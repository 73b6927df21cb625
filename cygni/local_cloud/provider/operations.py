"""Create, read, update, delete and invoke with plain values: handlers on one side, state on the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cygni.local_cloud.provider import handlers, invokes, schema, state
from cygni.local_cloud.provider.check import DEFAULTS, Setting
from cygni.local_cloud.provider.cloud import Cloud, WaitedTooLong
from cygni.local_cloud.provider.schema import ResourceType
from cygni.local_cloud.provider.unanswered import Unanswered, may_have_arrived
from cygni.local_cloud.provider.wire import Values

_FOUND_WITHIN = 10.0  # seconds until what a create made, whose answer was lost, shows up in look-ups
_READABLE_WITHIN = 30.0  # seconds until something just made must be readable


class NotServed(LookupError):
    """The local cloud has no such type or function."""


class InitFailed(Exception):
    """The resource exists, but something that must follow its creation failed. Its id must not be lost."""

    def __init__(self, id: str, outputs: Values, inputs: Values, reason: str) -> None:
        super().__init__(reason)
        self.id = id
        self.outputs = outputs
        self.inputs = inputs
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Kept:
    """A resource as the state is to keep it."""

    id: str
    outputs: Values
    inputs: Values


def resource_type(token: str) -> ResourceType:
    """The type of a token or alias. Raises NotServed."""
    kind = schema.find(token)
    if kind is None or kind.token not in handlers.tokens():
        raise NotServed(_not_served(token, "resource type", handlers.tokens()))
    return kind


def _not_served(token: str, what: str, served: Iterable[str]) -> str:
    names = ", ".join(sorted(_short(other) for other in served))
    return (
        f"the local cloud does not serve the {what} {token}. "
        f"Leave it out of stacks for the local target, or deploy to AWS. It serves: {names}"
    )


def _short(token: str) -> str:
    """aws:ec2/vpc:Vpc -> ec2.Vpc"""
    _, module, name = token.split(":")
    return f"{module.split('/')[0]}.{name}"


class Operations:
    """All that can be done to resources of one cloud. Safe to use from many threads."""

    def __init__(self, cloud: Cloud, setting: Setting) -> None:
        self.cloud = cloud
        self.setting = setting

    def _at(self, *sources: Mapping[str, Any]) -> Any:
        from cygni.local_cloud.provider.handlers.base import At

        region = next((source["region"] for source in sources if source.get("region")), None)
        return At(self.cloud, str(region or self.setting.region))

    def create(self, kind: ResourceType, inputs: Values) -> Kept:
        """Raises InitFailed once the resource exists, anything else before."""
        handler = handlers.handler(kind.token)
        at = self._at(inputs)
        plain = _plain(inputs)
        id = self._make(kind, at, plain)
        try:
            handler.complete(at, id, plain)
            remote = self._read_new(kind, at, id, plain)
        except Exception as error:
            raise InitFailed(id, plain, inputs, describe(error)) from error
        id = remote.pop("id", id)
        return Kept(id, state.settle(kind, plain, remote, self.setting), inputs)

    def _make(self, kind: ResourceType, at: Any, inputs: Values) -> str:
        """The id of what was made. Raises Unanswered when the connection broke and nothing is found."""
        handler = handlers.handler(kind.token)
        twins = frozenset(handler.find(at, inputs)) if handler.has_twins else frozenset()
        try:
            return handler.create(at, inputs)
        except Exception as error:
            if not may_have_arrived(error):
                raise
            broken = error
        what = f"what the create of {_short(kind.token)} has made"
        try:
            return self.cloud.await_(what, lambda: handler.left(at, inputs, twins), seconds=_FOUND_WITHIN)
        except WaitedTooLong:
            raise Unanswered(
                f"the connection broke before {_short(kind.token)} was answered for, and nothing new of it is to be "
                f"found; deploy again. {describe(broken)}"
            ) from broken

    def _read_new(self, kind: ResourceType, at: Any, id: str, inputs: Values) -> Values:
        handler = handlers.handler(kind.token)
        what = f"{_short(kind.token)} {id} to become readable"
        found: Values = self.cloud.await_(
            what, lambda: handler.read(at, id, inputs), seconds=_READABLE_WITHIN
        )
        return found

    def read(self, kind: ResourceType, id: str, inputs: Values, outputs: Values) -> Kept | None:
        """Refresh, or import where there are no inputs; None when the cloud has no such resource."""
        known = {**_plain(inputs), **outputs}
        importing = not known
        remote = handlers.handler(kind.token).read(self._at(known), id, known)
        if remote is None:
            return None
        id = remote.pop("id", id)
        if importing and "region" in kind.properties:
            remote.setdefault("region", self.setting.region)
        fresh = state.settle(kind, known, remote, self.setting)
        return Kept(id, fresh, state.inputs_of(kind, inputs, fresh))

    def update(
        self, kind: ResourceType, id: str, olds: Values, news: Values, changed: Iterable[str]
    ) -> Values:
        """Outputs after the update."""
        handler = handlers.handler(kind.token)
        at = self._at(news)
        plain = _plain(news)
        handler.update(at, id, olds, plain, frozenset(changed))
        known = {**{name: value for name, value in olds.items() if self._stays(kind, name)}, **plain}
        remote = self._read_updated(kind, at, id, known)
        remote.pop("id", None)
        return state.settle(kind, known, remote, self.setting)

    def _stays(self, kind: ResourceType, name: str) -> bool:
        prop = kind.properties.get(name)
        return prop is not None and prop.computed

    def _read_updated(self, kind: ResourceType, at: Any, id: str, known: Values) -> Values:
        remote = handlers.handler(kind.token).read(at, id, known)
        if remote is None:
            raise WaitedTooLong(f"{_short(kind.token)} {id} was gone after its update")
        return remote

    def delete(self, kind: ResourceType, id: str, outputs: Values) -> None:
        handlers.handler(kind.token).delete(self._at(outputs), id, outputs)

    def invoke(self, token: str, args: Values) -> Values:
        """The result of a function. Raises NotServed."""
        try:
            function = invokes.function(token)
        except KeyError:
            raise NotServed(_not_served(token, "function", invokes.tokens())) from None
        return function(self.cloud, args)


def _plain(inputs: Mapping[str, Any]) -> Values:
    return {name: value for name, value in inputs.items() if name != DEFAULTS}


def describe(error: BaseException) -> str:
    """One line for people: AWS' code and message where there is one."""
    answer = getattr(error, "response", None)
    if isinstance(answer, dict) and "Error" in answer:
        code, text = answer["Error"].get("Code", "Unknown"), answer["Error"].get("Message", "")
        operation = getattr(error, "operation_name", "")
        return f"{operation}: {code}: {text}" if operation else f"{code}: {text}"
    text = str(error) or type(error).__name__
    if isinstance(error, KeyError):
        text = f"missing {text}"
    return re.sub(r"\s+", " ", text)
