"""What every resource handler is made of."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import schema
from cygni.local_cloud.provider.cloud import Cloud, partition_of
from cygni.local_cloud.provider.schema import Property
from cygni.local_cloud.provider.wire import Values

State = Mapping[str, Any]

URN_TAG = "cygni:urn"


@dataclass(frozen=True, slots=True)
class At:
    """Where a handler works: one region of one cloud, in one operation of the engine's."""

    cloud: Cloud
    region: str
    operation: str = field(default_factory=lambda: uuid.uuid4().hex)

    def client(self, service: str) -> Any:
        return self.cloud.client(service, self.region)

    def arn(self, service: str, resource: str) -> str:
        account = self.cloud.account_id()
        return f"arn:{partition_of(self.region)}:{service}:{self.region}:{account}:{resource}"

    def client_token(self, inputs: State) -> str:
        """An idempotency token of 32 characters: the same for all requests of this operation on this resource.

        Not the same for ever: a resource that was deleted and is made again must not get the answer of old.
        """
        urn = (inputs.get("tagsAll") or {}).get(URN_TAG, "")
        return hashlib.sha256(f"{urn} {self.operation}".encode()).hexdigest()[:32]


class Handler:
    """One resource type in the cloud. A handler keeps nothing; all methods may run at the same time.

    Methods raise botocore's ClientError; what they do not find is no error in `read` and `delete`.
    """

    token: ClassVar[str]
    # Whether one program's resource and its successor may be there side by side, and `find` lists both.
    has_twins: ClassVar[bool] = False

    @property
    def properties(self) -> Mapping[str, Property]:
        kind = schema.find(self.token)
        assert kind is not None, self.token
        return kind.properties

    def create(self, at: At, inputs: State) -> str:
        """Make it and return its id at once: what must follow belongs in `complete`, so that no failure
        there loses the id."""
        raise NotImplementedError

    def complete(self, at: At, id: str, inputs: State) -> None:
        """What remains after `create`: attributes, waits."""

    def read(self, at: At, id: str, known: State) -> Values | None:
        """What the cloud has; None when it has no such resource. `known` is empty on import. A key "id" in
        the answer replaces an import id by the real one."""
        raise NotImplementedError

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        """Change in place the top-level inputs named in `changed`."""

    def delete(self, at: At, id: str, known: State) -> None:
        raise NotImplementedError

    def find(self, at: At, inputs: State) -> list[str]:
        """Ids of what these inputs may have made before: by natural name or by the tag `cygni:urn`."""
        return []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """Whether the resource found as `id` was made by this very resource of the program."""
        answer = self.read(at, id, inputs)
        if answer is None:
            return False
        urn = (inputs.get("tagsAll") or {}).get(URN_TAG)
        return urn is not None and (answer.get("tagsAll") or {}).get(URN_TAG) == urn

    def left(self, at: At, inputs: State, known: Collection[str] = ()) -> str | None:
        """The id, as `create` gives it, of what an earlier create with these inputs has made; none of `known`."""
        for candidate in self.find(at, inputs):
            if candidate not in known and self.owned(at, candidate, inputs):
                return candidate
        return None


def code(error: ClientError) -> str:
    """AWS' error code, such as InvalidVpcID.NotFound."""
    return str(error.response.get("Error", {}).get("Code", ""))


def message(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Message", ""))


def is_gone(error: ClientError) -> bool:
    """Whether the code says that the thing (or what it belongs to) does not exist."""
    text = code(error)
    return any(part in text for part in ("NotFound", "NoSuch", "NonExistent", "DoesNotExist")) or text in (
        "404",
        "InvalidGroupId.Malformed",
    )


@contextmanager
def unless_gone() -> Iterator[None]:
    """Swallow the error that says the thing is not there (any more)."""
    try:
        yield
    except ClientError as error:
        if not is_gone(error):
            raise


@contextmanager
def ignoring(*codes: str) -> Iterator[None]:
    """Swallow errors with one of these AWS codes."""
    try:
        yield
    except ClientError as error:
        if code(error) not in codes:
            raise


def tag_list(tags: State | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": str(value)} for key, value in (tags or {}).items()]


def tag_map(tags: list[Mapping[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    return {tag[key]: tag.get(value, "") for tag in tags or []}


def tag_changes(olds: State, news: State) -> tuple[dict[str, str], list[str]]:
    """Tags to put and keys to take away to come from the old to the new `tagsAll`."""
    old, new = olds.get("tagsAll") or {}, news.get("tagsAll") or {}
    put = {key: str(value) for key, value in new.items() if old.get(key) != value}
    return put, [key for key in old if key not in new]
