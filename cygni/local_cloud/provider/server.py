"""The gRPC service the engine talks to. Decodes, decides nothing, encodes.

The pulumi packages are imported here in the lean way of __main__ when this runs as a plugin.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import wraps
from typing import Any, NoReturn, TypeVar

import grpc  # type: ignore[import-untyped]
from google.protobuf.any_pb2 import Any as AnyMessage  # type: ignore[import-untyped]
from google.protobuf.empty_pb2 import Empty  # type: ignore[import-untyped]
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from cygni.local_cloud.provider import check as checking
from cygni.local_cloud.provider import diff as differing
from cygni.local_cloud.provider import invokes, preview, wire
from cygni.local_cloud.provider.cloud import Cloud, connection, structured
from cygni.local_cloud.provider.operations import (
    InitFailed,
    Kept,
    NotServed,
    Operations,
    describe,
    resource_type,
)
from cygni.local_cloud.provider.schema import ResourceType
from cygni.local_cloud.provider.wire import Path, Values

VERSION = "7.51.1"  # the pulumi-aws release whose types and rules this provider follows
_THREADS = 64
_FINISH_SECONDS = 4.0
_SHORTEST_REDACTED = 4  # shorter secrets would turn messages into noise

Method = TypeVar("Method", bound=Callable[..., Any])


def answering(method: Method) -> Method:
    """Turn what a method raises into a gRPC status, without the texts of secrets in the request."""

    @wraps(method)
    def answer(self: Provider, request: Any, context: Any) -> Any:
        try:
            return method(self, request, context)
        except NotServed as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except InitFailed as error:
            _abort_with_id(context, error, _secret_texts(request))
        except Exception as error:  # noqa: BLE001  whatever it was, the engine gets a message
            text = _redacted(describe(error), _secret_texts(request))
            context.abort(grpc.StatusCode.UNKNOWN, text)

    return answer  # type: ignore[return-value]


def _secret_texts(request: Any) -> frozenset[str]:
    texts: set[str] = set()
    for name in ("properties", "news", "olds", "inputs", "args"):
        struct = getattr(request, name, None)
        if struct is not None and hasattr(struct, "fields"):
            values, secrets = wire.decode(struct)
            texts |= wire.texts_at(values, secrets)
    return frozenset(texts)


def _redacted(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_REDACTED:
            text = text.replace(secret, "[secret]")
    return text


def _abort_with_id(context: Any, error: InitFailed, secrets: frozenset[str]) -> NoReturn:
    """Report a half-made resource so that the engine keeps it in the state."""
    reason = _redacted(error.reason, secrets)
    detail = provider_pb2.ErrorResourceInitFailed(
        id=error.id,
        properties=_encode(error.outputs, (), secrets),
        inputs=_encode(error.inputs, (), secrets),
        reasons=[reason],
    )
    packed = AnyMessage()
    packed.Pack(detail)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason, details=[packed])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
    raise AssertionError("abort returns")


def _encode(values: Mapping[str, Any], paths: Iterable[Path], secrets: frozenset[str]) -> Any:
    """A message in which the paths are secret, and every top-level value that shows a secret text."""
    marked = set(paths)
    for name, value in values.items():
        if any(secret in text for text in wire.texts_at({name: value}, [(name,)]) for secret in secrets):
            marked.add((name,))
    return wire.encode(values, marked)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """One configured provider: what `aws.Provider(...)`, or the default one, is to the engine."""

    def __init__(self) -> None:
        self._operations = self._configured({})

    def _configured(self, config: Mapping[str, Any]) -> Operations:
        where = connection(config, os.environ)
        default = structured(config.get("defaultTags")) or {}
        ignored = structured(config.get("ignoreTags")) or {}
        setting = checking.Setting(
            region=where.region,
            default_tags=default.get("tags") or {},
            ignored_keys=frozenset(ignored.get("keys") or ()),
            ignored_prefixes=tuple(ignored.get("keyPrefixes") or ()),
        )
        return Operations(Cloud(where), setting)

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version=VERSION)

    def Attach(self, request: Any, context: Any) -> Any:
        return Empty()

    def GetSchema(self, request: Any, context: Any) -> Any:
        return provider_pb2.GetSchemaResponse(schema=f'{{"name":"aws","version":"{VERSION}"}}')

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    @answering
    def DiffConfig(self, request: Any, context: Any) -> Any:
        same = wire.decode(request.old_inputs)[0] == wire.decode(request.news)[0]
        kind = provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=kind)

    @answering
    def Configure(self, request: Any, context: Any) -> Any:
        config = {name.rpartition(":")[2]: value for name, value in request.variables.items()}
        config |= wire.decode(request.args)[0]
        self._operations = self._configured(config)
        return provider_pb2.ConfigureResponse(
            acceptSecrets=True,
            supportsPreview=True,
            acceptResources=False,
            acceptOutputs=False,
            supports_autonaming_configuration=True,
        )

    @answering
    def Check(self, request: Any, context: Any) -> Any:
        kind = resource_type(_token(request.urn))
        news, secrets = wire.decode(request.news)
        olds, _ = wire.decode(request.olds)
        naming = _naming(request)
        inputs, failures = checking.check(kind, olds, news, self._operations.setting, naming)
        return provider_pb2.CheckResponse(
            inputs=_encode(inputs, _paths(kind, inputs, secrets), frozenset()),
            failures=[
                provider_pb2.CheckFailure(
                    property=failure.property,
                    reason=_redacted(failure.reason, wire.texts_at(news, secrets)),
                )
                for failure in failures
            ],
        )

    @answering
    def Diff(self, request: Any, context: Any) -> Any:
        kind = resource_type(_token(request.urn))
        found = _difference(kind, request)
        response = provider_pb2.DiffResponse
        detailed = {
            change.path: provider_pb2.PropertyDiff(
                kind=getattr(
                    provider_pb2.PropertyDiff, f"{change.kind}_REPLACE" if change.replace else change.kind
                ),
                inputDiff=True,
            )
            for change in found.changes
        }
        return response(
            changes=response.DIFF_SOME if found.changes else response.DIFF_NONE,
            diffs=found.properties,
            replaces=found.replaces,
            deleteBeforeReplace=found.delete_before_replace,
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    @answering
    def Create(self, request: Any, context: Any) -> Any:
        kind = resource_type(_token(request.urn))
        inputs, secrets = wire.decode(request.properties)
        texts = wire.texts_at(inputs, secrets)
        if request.preview:
            outputs = preview.created(kind, inputs)
            properties = _encode(outputs, _paths(kind, outputs, secrets), texts)
            return provider_pb2.CreateResponse(properties=properties)
        self._refuse_when_stopping()
        kept = self._operations.create(kind, inputs)
        properties = _encode(kept.outputs, _paths(kind, kept.outputs, secrets), texts)
        return provider_pb2.CreateResponse(id=kept.id, properties=properties)

    @answering
    def Read(self, request: Any, context: Any) -> Any:
        kind = resource_type(_token(request.urn))
        self._refuse_when_stopping()
        inputs, input_secrets = wire.decode(request.inputs)
        outputs, output_secrets = wire.decode(request.properties)
        kept = self._operations.read(kind, request.id, inputs, outputs)
        if kept is None:
            return provider_pb2.ReadResponse()
        return self._read_response(kind, kept, input_secrets, output_secrets, inputs)

    def _read_response(
        self, kind: ResourceType, kept: Kept, ins: Iterable[Path], outs: Iterable[Path], olds: Values
    ) -> Any:
        texts = wire.texts_at(olds, ins)
        return provider_pb2.ReadResponse(
            id=kept.id,
            properties=_encode(kept.outputs, _paths(kind, kept.outputs, (*ins, *outs)), texts),
            inputs=_encode(kept.inputs, _paths(kind, kept.inputs, ins), frozenset()),
        )

    @answering
    def Update(self, request: Any, context: Any) -> Any:
        kind = resource_type(_token(request.urn))
        olds, _ = wire.decode(request.olds)
        news, secrets = wire.decode(request.news)
        changed = set(_difference(kind, request).properties)
        if request.preview:
            outputs = preview.updated(kind, olds, news, changed)
        else:
            self._refuse_when_stopping()
            outputs = self._operations.update(kind, request.id, olds, news, changed)
        texts = wire.texts_at(news, secrets)
        return provider_pb2.UpdateResponse(properties=_encode(outputs, _paths(kind, outputs, secrets), texts))

    @answering
    def Delete(self, request: Any, context: Any) -> Any:
        kind = resource_type(_token(request.urn))
        self._refuse_when_stopping()
        outputs, _ = wire.decode(request.properties)
        self._operations.delete(kind, request.id, outputs)
        return Empty()

    @answering
    def Invoke(self, request: Any, context: Any) -> Any:
        args, secrets = wire.decode(request.args)
        found = self._operations.invoke(request.tok, args)
        paths = {(name,) for name in invokes.SENSITIVE.get(request.tok, ()) if name in found}
        values = _encode(found, paths, wire.texts_at(args, secrets))
        return provider_pb2.InvokeResponse(**{"return": values})

    def Cancel(self, request: Any, context: Any) -> Any:
        self._operations.cloud.stop()
        return Empty()

    def _refuse_when_stopping(self) -> None:
        if self._operations.cloud.stopping:
            raise RuntimeError("the provider is stopping: nothing new is begun")


def _token(urn: str) -> str:
    """The type of a URN `urn:pulumi:stack::project::parent$type::name`."""
    return urn.split("::")[2].rpartition("$")[2]


def _naming(request: Any) -> checking.Naming:
    options = request.autonaming if request.HasField("autonaming") else None
    return checking.Naming(
        resource=request.name or request.urn.split("::")[-1],
        seed=request.randomSeed,
        proposed=options.proposed_name if options else "",
        mode=type(options).Mode.Name(options.mode) if options else "",
    )


def _difference(kind: ResourceType, request: Any) -> differing.Difference:
    olds, _ = wire.decode(request.olds)
    old_inputs, _ = wire.decode(request.old_inputs)
    news, _ = wire.decode(request.news)
    return differing.diff(kind, old_inputs or olds, olds, news)


def _paths(kind: ResourceType, values: Mapping[str, Any], secrets: Iterable[Path]) -> set[Path]:
    """Secret paths for `values`: those given, `tagsAll` beside `tags`, and what is sensitive by nature."""
    paths = set(wire.without_indices(secrets))
    paths |= {("tagsAll", *path[1:]) for path in paths if path[0] == "tags"}
    paths |= {(name,) for name, prop in kind.properties.items() if prop.sensitive and name in values}
    return {path for path in paths if path and path[0] in values}


def serve() -> None:
    """Serve on a free port of 127.0.0.1, print it, and end with the engine that started this process."""
    parent = os.getppid()
    server = grpc.server(
        ThreadPoolExecutor(_THREADS),
        options=[("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)],
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # The engine's way to say that it is done: what it still waits for may finish, nothing new is taken.
    # Without an answer it would wait five seconds before it kills.
    signal.signal(signal.SIGINT, lambda *_: server.stop(grace=_FINISH_SECONDS))
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
    sys.stdout.flush()
    os._exit(0)  # idle worker threads would only hold it up


def _end_with(parent: int) -> None:
    """End at once when the parent does. Whatever is under way is left to the next run to find: finishing it
    unseen by any state file would be worse."""
    watched: list[int] = []
    # Linux tells at once when a process ends; where it cannot (another system, an old kernel), asking often does.
    with suppress(OSError, AttributeError):
        watched = [os.pidfd_open(parent)]
    while os.getppid() == parent:
        select.select(watched, [], [], 5.0 if watched else 0.2)
    os._exit(0)
