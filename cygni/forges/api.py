"""One forge's REST API: asked again where that helps, and errors that say what to do.

Redirects are not followed: they would carry the token to wherever they lead.
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final
from urllib.parse import urlsplit

from cygni import __version__
from cygni.engine_documents.values import printable
from cygni.errors import AuthError, NotFound, ResourceFailed, Unreachable

PAUSES: Final = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each further try, where the forge does not say how long."""
LONGEST_PAUSE: Final = 60.0
"""Seconds that are waited where the forge asks for it; it may ask for an hour."""
_SECONDS: Final = 30.0
"""That one answer may take."""
_SAID: Final = 200
"""Characters of what a forge says of an error that are told on."""
_BUSY: Final = (500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have names in lower case; `document` is the JSON of the body, None where it has none."""

    status: int
    headers: Mapping[str, str]
    document: Any


@dataclass(frozen=True, slots=True)
class Api:
    """The API of `forge` at `base`. `headers` carry the token; `permissions` says what the token needs."""

    forge: str
    base: str
    headers: Mapping[str, str]
    permissions: str
    sleep: Callable[[float], None] = time.sleep

    def call(self, method: str, address: str, body: Mapping[str, Any] | None = None) -> Answer:
        """The answer to one request; `address` is a path, or a whole address of this API, such as the next page.

        Too many requests (429, and GitHub's 403 with the same meaning) are asked again, after the pause that the forge
        asks for. So is what fails on the forge's side, but for a POST, which may have done its work all the same:
        that raises Unreachable at once. Raises AuthError, NotFound, ResourceFailed and Unreachable.
        """
        url = self._url(address)
        for pause in (*PAUSES, None):
            try:
                answer = self._ask(method, url, body)
            except (OSError, http.client.HTTPException) as error:
                if pause is None or method == "POST":
                    raise Unreachable(
                        f"{self.forge} does not answer: {_reason(error)}", hint=_LATER
                    ) from None
                self.sleep(pause)
                continue
            limited = _is_limited(answer)
            again = limited or (answer.status in _BUSY and method != "POST")
            if again and pause is not None:
                self.sleep(self._pause(answer, pause))
                continue
            self._check(answer, limited=limited)
            return answer
        raise AssertionError("the last try returns or raises")

    def _url(self, address: str) -> str:
        url = address if "://" in address else f"{self.base.rstrip('/')}/{address.lstrip('/')}"
        if urlsplit(url)[:2] != urlsplit(self.base)[:2] or urlsplit(url).scheme not in ("http", "https"):
            raise ResourceFailed(f"{self.forge} leads elsewhere than to its API at {self.base}")
        return url

    def _ask(self, method: str, url: str, body: Mapping[str, Any] | None) -> Answer:
        data = None if body is None else json.dumps(body).encode("utf-8")
        headers = {"User-Agent": f"cygni/{__version__}", "Content-Type": "application/json", **self.headers}
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310  # see _url
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS) as found:
                return _answer(found.status, found.headers, found.read())
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.headers, error.read())

    def _pause(self, answer: Answer, usual: float) -> float:
        """Seconds. Raises Unreachable where the forge asks for more than anybody waits."""
        asked = answer.headers.get("retry-after", "")
        reset = answer.headers.get("x-ratelimit-reset", "")
        pause = usual
        if asked.isdigit():
            pause = float(asked)
        elif answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
            pause = max(usual, float(reset) - time.time())
        if pause > LONGEST_PAUSE:
            raise Unreachable(f"{self.forge} takes no more requests for {pause:.0f} s", hint=_LATER)
        return pause

    def _check(self, answer: Answer, *, limited: bool) -> None:
        status, said = answer.status, _said(answer.document)
        if 200 <= status < 300:
            return
        if limited or status in _BUSY:
            raise Unreachable(f"{self.forge} answers {status}{said}, again and again", hint=_LATER)
        if status == 401:
            raise AuthError(
                f"{self.forge} does not know the token{said}",
                hint=self.permissions,
                details={"status": status},
            )
        if status == 403:
            raise AuthError(
                f"{self.forge} does not allow the token to comment{said}",
                hint=self.permissions,
                details={"status": status},
            )
        if status == 404:
            raise NotFound(f"{self.forge} shows the token no such pull request{said}", hint=self.permissions)
        raise ResourceFailed(f"{self.forge} answers {status}{said}", hint=None if said else _LATER)


_LATER: Final = "Run the job again later."


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _answer(status: int, headers: Message, content: bytes) -> Answer:
    try:
        document = json.loads(content) if content else None
    except ValueError:  # a page of a proxy
        document = None
    return Answer(status, {name.lower(): value for name, value in headers.items()}, document)


def _is_limited(answer: Answer) -> bool:
    headers = answer.headers
    return answer.status == 429 or (
        answer.status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0")
    )


def _said(document: Any) -> str:
    """What the forge says of an error: GitHub as `message`, GitLab also as `error`, Bitbucket as `error.message`."""
    if not isinstance(document, Mapping):
        return ""
    error = document.get("error")
    found = document.get("message") or (error.get("message") if isinstance(error, Mapping) else error)
    return f": {printable(' '.join(str(found).split()))[:_SAID]}" if found else ""


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
