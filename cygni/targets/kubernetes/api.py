"""Asks the API of a cluster: objects as JSON, and logs by line.

Source: Kubernetes documentation, "Kubernetes API Concepts": what is refused is told by an object of kind Status.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from cygni.errors import AuthError, CygniError, NotFound, ResourceFailed, Unreachable
from cygni.targets.kubernetes.kubeconfig import ClusterAccess

_SECONDS: Final = 30.0
_AGAIN: Final = "Run the same command again."


class ClusterApi:
    """What a cluster is asked, as whoever `access` names."""

    def __init__(self, access: ClusterAccess) -> None:
        self._access = access

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """An object, or a list. Raises NotFound, AuthError, Unreachable, ResourceFailed."""
        return self._asked("GET", path, query=query)

    def create(self, path: str, body: Mapping[str, Any]) -> Any:
        """What was made. Raises as `get` does."""
        return self._asked("POST", path, body)

    def delete(self, path: str, body: Mapping[str, Any]) -> None:
        """`body` has the DeleteOptions. Raises as `get` does."""
        self._asked("DELETE", path, body)

    def lines(self, path: str, query: Mapping[str, str], seconds: float) -> Iterator[str]:
        """The lines of a log while it is written. It ends with the log, where the connection does, and after `seconds`
        without a byte. Raises as `get` does, before the first line."""
        with (
            self._answer("GET", f"{path}?{urlencode(query)}", None, seconds) as answer,
            contextlib.suppress(OSError, HTTPException),  # whoever reads goes on from there
        ):
            for line in answer:
                yield line.decode("utf-8", "replace").rstrip("\n")

    def _asked(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        target = f"{path}?{urlencode(query)}" if query else path
        with self._answer(method, target, body, _SECONDS) as answer:
            try:
                return json.load(answer)
            except (OSError, HTTPException) as error:
                raise self._unreachable(error) from error
            except ValueError as error:
                raise ResourceFailed(f"{self._access.name} answered with no JSON") from error

    @contextlib.contextmanager
    def _answer(
        self, method: str, target: str, body: Mapping[str, Any] | None, seconds: float
    ) -> Iterator[HTTPResponse]:
        token = self._access.token()
        headers = {"Accept": "application/json", "Connection": "close"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        content = json.dumps(body) if body is not None else None
        with contextlib.closing(self._connection(seconds)) as connection:
            try:
                connection.request(method, f"{urlsplit(self._access.server).path}{target}", content, headers)
                answer = connection.getresponse()
                problem = self._problem(answer) if answer.status >= 300 else None
            except (OSError, HTTPException) as error:
                raise self._unreachable(error) from error
            if problem is not None:
                raise problem
            yield answer

    def _connection(self, seconds: float) -> HTTPConnection:
        place = urlsplit(self._access.server)
        if self._access.tls is None:
            return HTTPConnection(place.netloc, timeout=seconds)
        return HTTPSConnection(place.netloc, timeout=seconds, context=self._access.tls)

    def _unreachable(self, error: Exception) -> Unreachable:
        return Unreachable(f"the cluster {self._access.name} does not answer: {error}", hint=_AGAIN)

    def _problem(self, answer: HTTPResponse) -> CygniError:
        try:
            said = str(json.loads(answer.read())["message"])
        except (ValueError, KeyError, TypeError):
            said = answer.reason
        what = f"the cluster {self._access.name} answered {answer.status}: {said}"
        if answer.status in (401, 403):
            return AuthError(what, hint="What a build may have to do there is told in docs/images.md.")
        if answer.status == 404:
            return NotFound(what)
        if answer.status == 429 or answer.status >= 500:
            return Unreachable(what, hint=_AGAIN)
        return ResourceFailed(what)


def named(base: str, *words: str) -> str:
    """A path of the API with words in it that somebody wrote."""
    return "/".join([base, *(quote(word, safe="") for word in words)])
