"""How a cluster knows who asks: a token, or what a program answers that gives one (an exec plugin, as EKS has it).

Source: Kubernetes reference, "Client Authentication (v1)": a program is told what it is for in KUBERNETES_EXEC_INFO,
and answers with an ExecCredential on standard output.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from cygni.errors import AuthError

_API: Final = "client.authentication.k8s.io/v1"
_SECONDS: Final = 60.0
_EARLY: Final = timedelta(minutes=1)
"""A token is renewed before it expires: the cluster's clock may be another."""


class Token(Protocol):
    def __call__(self) -> str | None:
        """The bearer token of a request; None where there is none. Raises AuthError."""


@dataclass(frozen=True, slots=True)
class WrittenToken:
    """A token that is written down, or none."""

    value: str | None = field(default=None, repr=False)

    def __call__(self) -> str | None:
        return self.value


@dataclass(frozen=True, slots=True)
class TokenFile:
    """A token in a file, which somebody renews, as the kubelet does in a pod."""

    path: Path

    def __call__(self) -> str | None:
        """Raises AuthError where it cannot be read."""
        try:
            return self.path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise AuthError(f"the cluster's token {self.path} cannot be read: {error}") from error


@dataclass
class ProgramToken:
    """A token that a program gives, until it expires. `command` are its words, `environ` what it is given besides."""

    command: Sequence[str]
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    api: str = _API
    hint: str | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _token: str | None = field(default=None, repr=False)
    _until: datetime | None = None

    def __call__(self) -> str | None:
        """Raises AuthError where the program gives none."""
        expired = self._until is not None and self.now() >= self._until - _EARLY
        if self._token is None or expired:
            status = self._asked()
            token, until = status.get("token"), status.get("expirationTimestamp")
            if not isinstance(token, str) or not token:
                raise self._failed("gave no token; certificates from programs are not supported")
            self._token = token
            self._until = datetime.fromisoformat(until) if isinstance(until, str) else None
        return self._token

    def _asked(self) -> Mapping[str, Any]:
        told = {"apiVersion": self.api, "kind": "ExecCredential", "spec": {"interactive": False}}
        environ = {**os.environ, **self.environ, "KUBERNETES_EXEC_INFO": json.dumps(told)}
        try:
            done = subprocess.run(
                list(self.command),
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise self._failed(f"does not answer: {error}") from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise self._failed(f"ended with {done.returncode}{f': {said[-1]}' if said else ''}")
        try:
            status = json.loads(done.stdout)["status"]
        except (ValueError, KeyError, TypeError):
            status = None
        if not isinstance(status, Mapping):
            raise self._failed("answered with no ExecCredential")
        return status

    def _failed(self, what: str) -> AuthError:
        return AuthError(f"{self.command[0]}, which lets into the cluster, {what}", hint=self.hint)
