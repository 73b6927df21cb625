"""Finding what an interrupted create left behind.

A killed engine leaves a pending "creating" operation in the state and, perhaps, a resource in the cloud. Its
id is found again by what is the same on every attempt: a natural name, or the tag `cygni:urn` that every
resource of a Cygni stack carries. No Pulumi is involved.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cygni.local_cloud.provider import handlers, operations
from cygni.local_cloud.provider.cloud import Cloud, Connection, connection
from cygni.local_cloud.provider.handlers.base import URN_TAG, At, Handler


def lookup(
    token: str,
    inputs: Mapping[str, Any],
    region: str,
    *,
    endpoint: str = "",
    known: Collection[str] = (),
    as_caller: bool = False,
) -> str | None:
    """The id of the cloud resource that a create of `token` with these checked inputs has made; None when
    there is none.

    `endpoint` defaults to AWS_ENDPOINT_URL. `as_caller` asks AWS itself as the caller, see `cloud.Connection`;
    nothing is changed there. `known` names what the state has already under the same URN, by id
    and by ARN: a resource that is being replaced exists beside its successor and must not be taken for it.
    Raises operations.NotServed for a type that is not served, NoEndpoint, and botocore's errors.
    """
    kind = operations.resource_type(token)
    at = _at(region, endpoint, as_caller=as_caller)
    handler = handlers.handler(kind.token)
    found = handler.left(at, inputs, known)
    if found is None:
        return None
    answer = handler.read(at, found, {**inputs, "arn": found}) or {}
    made = str(answer.get("id", found))
    # Revisions of a task definition share their id, and only their ARNs tell the known one from its successor.
    return None if made in known and not handler.has_twins else made


def identify(
    token: str,
    candidates: Collection[str],
    tags: Mapping[str, str],
    region: str,
    *,
    endpoint: str = "",
    as_caller: bool = False,
) -> tuple[str, Mapping[str, Any]] | None:
    """The id and the properties of the resource of type `token` that carries the `cygni:urn` of `tags`; None when none
    does. It may be called by one of `candidates` (parts of its ARN and the like), or is found by its tag.

    Nothing is changed. Raises operations.NotServed for a type that is not served.
    """
    kind = operations.resource_type(token)
    handler = handlers.handler(kind.token)
    at = _at(region, endpoint, as_caller=as_caller)
    tagged = {"tags": dict(tags), "tagsAll": dict(tags), "name": None}
    for candidate in [*candidates, *_found(handler, at, tagged)]:
        try:
            answer = handler.read(at, candidate, {})
        except (BotoCoreError, ClientError, LookupError, ValueError, TypeError):
            continue  # no id of this type
        if answer and (answer.get("tagsAll") or {}).get(URN_TAG) == tags.get(URN_TAG):
            return str(answer.get("id", candidate)), answer
    return None


def _found(handler: Handler, at: At, tagged: Mapping[str, Any]) -> list[str]:
    try:
        return handler.find(at, tagged)
    except (BotoCoreError, ClientError, LookupError, ValueError, TypeError):
        return []  # it is found by a name that only its inputs have


def _at(region: str, endpoint: str, *, as_caller: bool) -> At:
    config: dict[str, Any] = {"region": region}
    if endpoint:
        config["endpoints"] = [{"": endpoint}]
    where = Connection(region, as_caller=True) if as_caller else connection(config, os.environ)
    return At(Cloud(where), region)
