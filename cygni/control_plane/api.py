"""The REST API of a control plane: JSON in and out, and the errors it tells as their own classes.

Redirects are not followed: they would carry the credential to wherever they lead.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, Any, Final
from urllib.parse import quote, urlencode, urlsplit

from cygni import __version__
from cygni.control_plane.address import address
from cygni.control_plane.transport import Http, Https
from cygni.errors import ControlPlaneError, LockHeld, NotFound, RateLimited, UsageError, rebuilt

SECONDS: Final = 30.0
"""That one answer may take."""
SILENCE_SECONDS: Final = 45.0
"""Of a stream after which its connection is dead: the server speaks each fifteen."""
PAUSES: Final = (0.5, 1.0, 2.0)
"""Seconds before each further try of what changes nothing."""
LONGEST_PAUSE: Final = 30.0
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Api:
    """The API at `url`. `bearer` gives what goes into `Authorization`, before each request; None for a stranger."""

    url: str
    bearer: Callable[[], str] | None = None
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        """Raises UsageError for what is no address, or one at which a credential could be read on its way."""
        hint = "It looks like https://cygni.example.com"
        parts = address(self.url, of="the address of the control plane", hint=hint)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise UsageError(
                f"{self.url} is not encrypted: whoever is on the way could read your password",
                hint="Give an address that begins with https://, or use ssh -L to reach the server's own port.",
            )

    def get(self, *path: str, **query: str | int | None) -> Any:
        given = {name: value for name, value in query.items() if value is not None}
        return self._call("GET", path, query=f"?{urlencode(given)}" if given else "")

    def post(self, *path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> Any:
        """With an idempotency `key` it is asked again where no answer comes, and done once. Raises as `get`."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self._call("POST", path, body, headers=headers, again=key is not None)

    def put(self, *path: str, body: Mapping[str, Any]) -> Any:
        return self._call("PUT", path, body)

    def patch(self, *path: str, body: Mapping[str, Any]) -> Any:
        return self._call("PATCH", path, body)

    def delete(self, *path: str) -> Any:
        return self._call("DELETE", path)

    def send(self, *path: str, archive: bytes) -> Any:
        """Sends a gzipped file, which the server keeps once however often it comes. Raises as `get`."""
        return self._call("POST", path, archive, headers={"Content-Type": "application/gzip"}, again=True)

    @contextmanager
    def stream(self, *path: str, last_event_id: int) -> Iterator[Iterator[str]]:
        """The lines of server-sent events, from the one after `last_event_id` on. Raises ConnectionLost where it cannot
        be reached or breaks off, else as `get`."""
        if self.bearer is not None:
            try:
                self.bearer()
            except ControlPlaneError as error:  # a sign-in is renewed at the server, which is away
                why = error.message.removeprefix(f"the control plane at {self.url} ")
                raise ConnectionLost(why) from None
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(last_event_id)}
        with self._opened("GET", self._url(path), None, headers, SILENCE_SECONDS) as found:
            yield self._lines(found)

    def _lines(self, found: IO[bytes]) -> Iterator[str]:
        try:
            for line in found:
                yield line.decode("utf-8").rstrip("\r\n")
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionLost(_why(error)) from None

    def content(self, *path: str) -> bytes:
        """The bytes of an answer that is no document of JSON. Raises as `get`."""
        return self._asked("GET", path)[1]

    def _call(
        self,
        method: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | bytes | None = None,
        query: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> Any:
        """The document of the answer; None where it has none. Raises as `_asked`."""
        return self._document(*self._asked(method, path, body, query, headers=headers, again=again))

    def _asked(
        self,
        method: str,
        path: tuple[str, ...],
        body: Mapping[str, Any] | bytes | None = None,
        query: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        again: bool = False,
    ) -> tuple[int, bytes]:
        """The status and the content of the answer. What reads alone, or may be sent `again`, is asked again while the
        server does not answer or is busy.

        Raises the error that the server tells, by its code; ControlPlaneError where none comes.
        """
        url = self._url(path) + query
        for pause in (*PAUSES, None) if again or method == "GET" else (None,):
            try:
                with self._opened(method, url, body, headers or {}, SECONDS) as found:
                    return found.status, self._content(found)
            except ConnectionLost as lost:
                if pause is None:
                    raise self.silent(lost) from None
                self.sleep(min(lost.pause or pause, LONGEST_PAUSE))
        raise AssertionError("the last try returns or raises")

    def silent(self, lost: ConnectionLost) -> ControlPlaneError:
        """What is told where no answer comes, or none but that there were too many requests."""
        if lost.limited:
            pause = None if lost.pause is None else int(lost.pause)
            return RateLimited(
                f"the control plane at {self.url} {lost.why}",
                hint=f"Try again in {pause} s." if pause else "Try again in a minute.",
                details={"retry_after": pause},
            )
        return ControlPlaneError(
            f"the control plane at {self.url} {lost.why}",
            hint="Is it running? See `cx server status` on its machine, or /ready of its address.",
        )

    def _url(self, path: tuple[str, ...]) -> str:
        """Each part of `path` but a first that begins with a slash is quoted."""
        first, *rest = path
        return "/".join([f"{self.url.rstrip('/')}{first}", *(quote(part, safe="") for part in rest)])

    @contextmanager
    def _opened(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | bytes | None,
        more: Mapping[str, str],
        seconds: float,
    ) -> Iterator[Any]:
        headers = {"User-Agent": f"cygni/{__version__}", "Accept": "application/json"}
        if self.bearer is not None:
            headers["Authorization"] = f"Bearer {self.bearer()}"
        data = body if isinstance(body, bytes) else None
        if body is not None and data is None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode("utf-8")
        request = urllib.request.Request(url, data=data, headers={**headers, **more}, method=method)  # noqa: S310  # see above
        try:
            found = urllib.request.build_opener(_NoRedirect, Http, Https).open(request, timeout=seconds)
        except urllib.error.HTTPError as error:
            with error:
                content = error.read()
            after = error.headers.get("Retry-After", "")
            if error.code in (429, 503):
                said = ": ".join([f"answers {error.code}", *_detail(content)])
                pause = float(after) if after.isdigit() else None
                raise ConnectionLost(said, pause, limited=error.code == 429) from None
            told = self._told(error.code, content)
            if isinstance(told, LockHeld) and "Idempotency-Key" in more:  # the first time is not over yet
                raise ConnectionLost("is still busy with this request") from None
            raise told from None
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionLost(_why(error)) from None
        with found:
            yield found

    def _content(self, found: Any) -> bytes:
        try:
            content: bytes = found.read()
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionLost(_why(error)) from None
        return content

    def _document(self, status: int, content: bytes) -> Any:
        try:
            return json.loads(content) if content else None
        except ValueError:
            raise self._stranger(status) from None

    def _told(self, status: int, content: bytes) -> Exception:
        """The error of an answer: problem details as RFC 9457 has them."""
        try:
            told = json.loads(content)
            if (status, told["detail"]) == (404, HTTPStatus.NOT_FOUND.phrase):  # no route, and nobody's words
                return self._without_route()
            wrong = [
                ": ".join(filter(None, (".".join(one["at"][1:]), one["message"])))
                for one in told.get("errors", [])
            ]
            message = "; ".join(wrong) or told["detail"]
            hint, details = told.get("hint"), {"status": status, **told.get("details", {})}
            if wrong:
                details["errors"] = told["errors"]
            code = UsageError.code if told["code"] == "invalid_request" else told["code"]
            return rebuilt({"code": code, "message": message, "hint": hint, "details": details})
        except (ValueError, KeyError, TypeError, AttributeError):
            return self._stranger(status)

    def _without_route(self) -> NotFound:
        """What is told where the server knows no such path."""
        alone = urlsplit(self.url)._replace(path="").geturl()
        return NotFound(
            f"the control plane at {self.url} has no such path",
            hint=f"Give its address alone: {alone}"
            if urlsplit(self.url).path.strip("/")
            else "It may be of another version than cx: see `cx version` here and where it runs.",
        )

    def _stranger(self, status: int) -> ControlPlaneError:
        return ControlPlaneError(
            f"what answers at {self.url} ({status}) is no control plane of Cygni",
            hint="Check the address; is there a proxy before it?",
        )


class ConnectionLost(Exception):  # no error yet: it is tried again
    """Nothing was done, or nobody knows whether; `pause` is in seconds, where the server asks for one. `limited` is
    where it takes no more requests for so long."""

    def __init__(self, why: str, pause: float | None = None, *, limited: bool = False) -> None:
        super().__init__(why)
        self.why, self.pause, self.limited = why, pause, limited


def _detail(content: bytes) -> Iterator[str]:
    """What problem details say; a proxy may answer with a page."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        yield str(json.loads(content)["detail"])


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return f"does not answer: {getattr(reason, 'strerror', None) or reason}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None
