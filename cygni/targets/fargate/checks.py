"""Requests and commands that try a colour, whether it has traffic or not."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPException, HTTPResponse
from typing import Final
from urllib.parse import urljoin

from cygni.health_check import matches
from cygni.releases.observed import CheckResult, Place
from cygni.releases.settings import HttpCheck
from cygni.targets.fargate.running import Running

COLOUR_HEADER: Final = "x-cygni-colour"
"""A request that names a colour in this header goes there, whatever the weights (components.entrance)."""

_BODY_BYTES: Final = 64 * 1024
_LINES: Final = 10


class PreviewChecks:
    def __init__(self, running: Running) -> None:
        self._running = running

    def http(self, place: Place, check: HttpCheck) -> CheckResult:
        """As `cygni.releases.protocols.Checks`. Redirects are not followed: their status is the answer."""
        url = urljoin(self._running.service(place.service).url, check.path)
        begun = time.monotonic()
        try:
            status, body = _get(url, place, check.timeout)
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            return CheckResult(False, f"GET {check.path}: {reason}", time.monotonic() - begun)
        took = time.monotonic() - begun
        if not matches(status, check.codes):
            return CheckResult(False, f"GET {check.path}: {status}, wanted {check.codes}", took)
        if check.contains and check.contains not in body:
            return CheckResult(False, f"GET {check.path}: {status}, without {check.contains!r}", took)
        return CheckResult(True, f"GET {check.path}: {status}", took)

    def smoke(self, place: Place, command: Sequence[str], timeout: float) -> CheckResult:
        """As `cygni.releases.protocols.Checks`."""
        given = {
            **os.environ,
            "CYGNI_URL": self._running.service(place.service).url,
            "CYGNI_COLOUR": place.colour.value,
            "CYGNI_PREVIEW_HEADER": f"{COLOUR_HEADER}: {place.colour.value}",
        }
        begun = time.monotonic()
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=given,
                start_new_session=True,
                text=True,
                errors="replace",
            )
        except OSError as error:
            return CheckResult(False, f"{command[0]}: {error.strerror}", time.monotonic() - begun)
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            _end(process)
            return CheckResult(False, f"{command[0]}: no end within {timeout:g} s", time.monotonic() - begun)
        except BaseException:
            _end(process)
            raise
        took, passed = time.monotonic() - begun, process.returncode == 0
        lines = "\n".join(said.strip().splitlines()[-_LINES:])
        return CheckResult(passed, f"{command[0]}: exit code {process.returncode}\n{lines}".strip(), took)


def _end(process: subprocess.Popen[str]) -> None:
    """With all that it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


class _Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(_Unfollowed, urllib.request.ProxyHandler({}))


def _get(url: str, place: Place, timeout: float) -> tuple[int, str]:
    headers = {COLOUR_HEADER: place.colour.value, "user-agent": "cygni"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310
    until = time.monotonic() + timeout
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            return answer.status, _beginning(answer, until).decode(errors="replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(_BODY_BYTES).decode(errors="replace")


def _beginning(answer: HTTPResponse, until: float) -> bytes:
    """What is there by then, of a clock that never goes back: a stream of events has no end."""
    found = b""
    while len(found) < _BODY_BYTES and time.monotonic() < until:
        part = answer.read1(_BODY_BYTES - len(found))
        if not part:
            break
        found += part
    return found
