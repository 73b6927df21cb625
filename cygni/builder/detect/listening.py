"""Ports and health paths that commands and programs name (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from cygni.builder.detect.answer import Kind, Program

HEALTH_PATHS: Final = (
    "/health", "/healthz", "/health/", "/health-check", "/healthcheck", "/api/health", "/api/healthz", "/_health",
    "/up", "/livez", "/readyz", "/ready", "/ping", "/api/ping", "/status",
)  # fmt: skip
"""Paths that programs answer about themselves, the most telling first."""

_PORT_OF_COMMAND = re.compile(
    r"(?:^|\s)(?:--?(?:server\.)?port|-p|-l)[=\s]+(?:\$\{PORT:-)?(\d{2,5})\b"
    r"|(?:^|\s)(?:-b|--bind|--address|--addr|--listen|-l)[=\s]+\S*?:(?:\$\{PORT:-)?(\d{2,5})\b"
    r"|\$\{PORT:-(\d{2,5})\}|(?:^|\s)PORT=(\d{2,5})\b"
)
_PORT_OF_PROGRAM = re.compile(
    r"""\bPORT\b["']?[\])]*\s*(?:\)\s*)?(?:\|\||\?\?|,|or|\?:|:)\s*["']?(\d{2,5})\b"""
    r"""|\.listen\(\s*(?:\{\s*port\s*:\s*)?(\d{2,5})\b"""
    r"""|\bListenAndServe\(\s*["`](?:[\w.]*):(\d{2,5})["`]"""
    r"""|\.(?:Run|Start|Listen)\(\s*["`](?:[\w.]*):(\d{2,5})["`]"""
    r"""|Server\(\s*\(\s*["'][^"'\n]*["']\s*,\s*(\d{2,5})\b"""
    r"""|\bbind\(\s*\(?\s*["'][\w.]+(?:["']\s*,\s*|:)(\d{2,5})\b"""
)
_STARTS_LISTENING = re.compile(
    r"\.listen\(|\bListenAndServe|\bBun\.serve\(|\bDeno\.serve\(|\bcreateServer\(|\bHttpServer\b|\bHTTPServer\(|"
    r"\bTCPServer\b|\bTcpListener\b|\bhttp\.Serve\(|\bnet\.Listen\(|\bHttpListener\b|\bserve\(\s*\{"
)


def port_of_command(command: str | None) -> int | None:
    """The port that a start command names: `--port 3000`, `--bind 0.0.0.0:8000`, `${PORT:-5000}`."""
    return _port(_PORT_OF_COMMAND.search(command or ""))


def port_of_program(code: str) -> int | None:
    """The port that a program names itself, or takes where PORT is not set. `code` has no comments."""
    return _port(_PORT_OF_PROGRAM.search(code))


def listens(code: str) -> bool:
    """Whether a program plainly waits for connections. `code` has no comments."""
    return _STARTS_LISTENING.search(code) is not None


def health_path(paths: Iterable[str]) -> str | None:
    """The path that tells of health, among those a program answers."""
    known = set(paths)
    return next((path for path in HEALTH_PATHS if path in known), None)


def paths_in(code: str) -> list[str]:
    """The texts of a program that look like paths. `code` has no comments."""
    return re.findall(r"""["'`](/[\w./-]{1,40})["'`]""", code)


def say_what_listens(draft: Program, file: str, code: str) -> None:
    """Take port, kind and health path from the entry point of a program, `code` without comments."""
    draft.say("port", port_of_program(code), f"{file} listens on it")
    if draft.kind is None and (listens(code) or port_of_program(code) is not None):
        draft.say("kind", Kind.SERVER, f"{file} listens")
    if draft.kind is Kind.SERVER:
        draft.say("health_path", health_path(paths_in(code)), f"{file} answers it")


def _port(found: re.Match[str] | None) -> int | None:
    number = next((int(group) for group in found.groups() if group), 0) if found else 0
    return number if 0 < number < 65536 else None
