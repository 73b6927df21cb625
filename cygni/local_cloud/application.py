"""The WSGI application of the local cloud: its own endpoints, the limits, and moto behind them."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from cygni.local_cloud import aws_answers, moto_fixes
from cygni.local_cloud.aws_calls import AwsCall, CallReader
from cygni.local_cloud.control_plane import endpoints
from cygni.local_cloud.control_plane.alarm import Alarm
from cygni.local_cloud.control_plane.feed import Feed
from cygni.local_cloud.control_plane.supervisor import DataPlaneSupervisor
from cygni.local_cloud.identity import ACCOUNT_ID, Identity
from cygni.local_cloud.inventory import Inventory
from cygni.local_cloud.limits import Limits
from cygni.local_cloud.no_outside import is_loopback
from cygni.local_cloud.registry import section as registry
from cygni.local_cloud.turn import TURN

RESERVED = "/_cygni/"
_READS = ("Describe", "Get", "List", "Head", "Search", "Lookup")

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Environ = dict[str, Any]

log = logging.getLogger(__name__)


class LocalCloudApplication:
    """Answers AWS calls, `GET /_cygni/health`, `GET /_cygni/inventory`, `POST /_cygni/reset`, and the endpoints of the
    data plane (control_plane/endpoints.py).

    AWS calls run one at a time (turn.py): the interpreter runs one thread at a time anyway, so nothing is lost and no
    call sees another half done.
    """

    def __init__(
        self, identity: Identity, data_plane: DataPlaneSupervisor, on_reset: Callable[[], None] = lambda: None
    ):
        moto_fixes.apply()
        self._identity = identity
        self._data_plane = data_plane
        self._alarm = Alarm(self._look)
        self._feed = Feed(identity.instance_id, on_work=data_plane.want, on_due=self._alarm.set)
        self._on_reset = on_reset
        self._moto = DomainDispatcherApplication(_create_backend_app)
        self._calls = CallReader()
        self._limits = Limits()
        self._inventory = Inventory()
        self._inventory.watch()

    def look(self) -> None:
        """Let what the data plane is told be looked at again soon."""
        self._alarm.soon()

    def _look(self) -> None:
        with TURN:
            self._feed.look()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not _is_local(environ):
            return _json(
                start_response, "403 Forbidden", {"error": "the local cloud answers this machine alone"}
            )
        path = environ.get("PATH_INFO", "")
        if path.startswith(RESERVED):
            return self._own(environ["REQUEST_METHOD"], path.removeprefix(RESERVED), environ, start_response)
        if path.startswith("/moto-api"):  # its reset would not renew the identity
            return _json(start_response, "404 Not Found", {"error": "not served here; see /_cygni/health"})
        return self._aws(environ, start_response)

    def _aws(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        begun = time.perf_counter()
        seen: list[str] = []

        def watched(status: str, headers: list[tuple[str, str]]) -> Any:
            seen.append(status)
            return start_response(status, headers)

        call = self._calls.read(environ)
        try:
            refusal = self._limits.check(call) if call else None
            if call and refusal:
                return aws_answers.refuse(call, refusal, watched)
            status, headers, content = self._ask_moto(environ, call)
            if call and _has_no_route(call, status, content):
                return aws_answers.not_implemented(call, None, watched)
            watched(status, headers)
            return [content]
        except NotImplementedError as error:
            return aws_answers.not_implemented(call, error, watched)
        except Exception as error:
            log.exception("%s failed", call)
            return aws_answers.failed(call, error, watched)
        finally:
            _log_call(call, environ, seen[-1] if seen else "-", time.perf_counter() - begun)

    def _ask_moto(self, environ: Environ, call: AwsCall | None) -> tuple[str, list[tuple[str, str]], bytes]:
        answers: list[tuple[str, list[tuple[str, str]]]] = []

        def remember(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
            answers.append((status, headers))

        with TURN:
            content = b"".join(self._moto(environ, remember))
            if call and not call.operation.startswith(_READS):
                self._feed.refresh(call.service)
        return (*answers[-1], content)

    def _own(
        self, method: str, name: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        if (method, name) == ("GET", "health"):
            return _json(start_response, "200 OK", self._health())
        if (method, name) == ("GET", "inventory"):
            with TURN:
                resources = self._inventory.resources()
            return _json(start_response, "200 OK", {"resources": resources})
        if (method, name) == ("POST", "reset"):
            self._data_plane.stop()  # it reports while it ends, which takes the lock
            with TURN:
                self._reset()
            return _json(start_response, "200 OK", self._health())
        found = endpoints.answer(self._feed, TURN, method, name, environ)
        if found is not None:
            return _answer(start_response, *found)
        return _json(
            start_response, "404 Not Found", {"error": f"no such endpoint: {method} {RESERVED}{name}"}
        )

    def _health(self) -> dict[str, Any]:
        me = self._identity
        with TURN:
            counts = self._inventory.counts()
        return {
            "instance_id": me.instance_id,
            "pid": me.pid,
            "port": me.port,
            "version": me.version,
            "account_id": ACCOUNT_ID,
            "started_at": me.started_at,
            "uptime_seconds": me.uptime_seconds,
            "resources": counts,
            "data_plane": self._data_plane.facts,
        }

    def _reset(self) -> None:
        empty_moto()
        self._inventory.forget()
        self._identity.renew()
        self._feed.reset(self._identity.instance_id)
        registry.forget()
        self._on_reset()
        log.info("reset: now %s", self._identity.instance_id)


def empty_moto() -> None:
    """Drop every backend. moto's own reset makes each anew first, only to drop it: nearly a second for EC2's
    machine images and IAM's policies. Backends that must let go of something have a `reset` of their own."""
    from moto.core.base_backend import BackendDict, BaseBackend
    from moto.core.model_instances import reset_model_data

    instances = BackendDict._instances  # noqa: SLF001
    for backends in list(instances):
        for account in list(backends.values()):
            for backend in list(account.values()):
                if type(backend).reset is not BaseBackend.reset:
                    backend.reset()
        backends.clear()
    instances.clear()
    reset_model_data()


def _create_backend_app(service: Any) -> Any:
    moto_fixes.apply_to(str(service))  # first: it may add paths to those that the application serves
    return create_backend_app(service)


def _has_no_route(call: AwsCall, status: str, content: bytes) -> bool:
    """True when moto knows the service but not the path: it then answers with a web page or next to nothing, which
    AWS does for HEAD alone."""
    said = content.strip()
    nothing = said in (b"", b"Not Found") or said[:9].lower() == b"<!doctype"
    return status.startswith("404") and nothing and call.request.method != "HEAD"


def _is_local(environ: Environ) -> bool:
    """False for a web page's request from elsewhere: a foreign name that resolves to this machine, or a foreign
    origin. Without this, any site open in a browser could work on the local cloud."""
    for url in (f"//{environ.get('HTTP_HOST', '')}", environ.get("HTTP_ORIGIN", "")):
        try:
            host = urlsplit(url).hostname
        except ValueError:
            return False
        if not is_loopback(host):
            return False
    return environ.get("HTTP_ORIGIN") != "null"


def _json(start_response: StartResponse, status: str, values: dict[str, Any]) -> Iterable[bytes]:
    return _answer(start_response, status, json.dumps(values).encode())


def _answer(start_response: StartResponse, status: str, content: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [content]


def _log_call(call: AwsCall | None, environ: Environ, status: str, seconds: float) -> None:
    code = status.partition(" ")[0]
    if call and call.operation.startswith(_READS) and code < "400":
        return  # a log of everything that was read hides what was changed
    name = str(call) if call else f"{environ['REQUEST_METHOD']} (an operation not known by name)"
    log.info("%s %s %.1f ms", name, code, seconds * 1000)
