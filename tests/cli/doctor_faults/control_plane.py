"""Faults of the control plane that a machine is signed in to."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from cygni.control_plane import sign_in
from cygni.settings import Settings
from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import World

ACME = {
    "items": [{"slug": "acme"}],
    "scopes": ["deployment:create", "deployment:read", "environment:read", "project:read"],
}
"""What both paths that are asked have."""
UNKNOWN = {"code": "unauthenticated", "detail": "the key has expired", "hint": "Sign in with: cx login URL"}


def signed_in(world: World) -> None:
    """With an API key, which a stand-in for the control plane takes."""
    _sign_in(world, _server(200, ACME))


def _sign_in(world: World, url: str) -> None:
    sign_in.store(Settings.from_environment(), sign_in.of_api_key(url, "cxk_right"))
    for fix in ("Sign in with: cx login", "cx org create", "cx token create", "Is it running?"):
        world.typed[fix] = lambda line: signed_in(world)


def _server(status: int, document: object) -> str:
    """The address of one that always answers so; it ends with the process."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def gone(world: World) -> None:
    _sign_in(world, "http://127.0.0.1:9")


def unknown(world: World) -> None:
    _sign_in(world, _server(401, UNKNOWN))


def in_none(world: World) -> None:
    _sign_in(world, _server(200, {**ACME, "items": []}))


def may_only_read(world: World) -> None:
    _sign_in(world, _server(200, {**ACME, "scopes": ["deployment:read", "environment:read", "project:read"]}))


FAULTS = [
    Fault("control-plane-answers", "the control plane at http://127.0.0.1:9", gone, signed_in),
    Fault("control-plane-login", "the key has expired", unknown, signed_in),
    Fault("control-plane-login", "in no organization", in_none, signed_in, id="no-organization"),
    Fault("control-plane-scopes", "may not deployment:create", may_only_read, signed_in, status="warn"),
]
