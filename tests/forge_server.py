"""A stand-in for the REST APIs of GitHub, GitLab and Bitbucket, as far as their documents tell of comments.

It asks for a token, cuts lists into pages, refuses what is too long or somebody else's, and fails as it is told to.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "ghs_made0up"
ME, OTHER = 7, 8
LONGEST = {"github": 65_536, "gitlab": 1_000_000, "bitbucket": 32_768}


@dataclass(frozen=True)
class Fault:
    """What is answered once instead; `done` says whether the request was carried out all the same."""

    status: int
    method: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    done: bool = False
    body: str = '{"message": "out of order"}'


@dataclass
class Written:
    """A comment."""

    number: int
    text: str
    author: int = ME
    deleted: bool = False


@dataclass
class Forge:
    """What a forge has, and what it was asked. Its one pull request is number 12 of `acme/shop`, project 34. `personal`
    says of GitHub whether the token is a person's; others are a program's."""

    kind: str
    port: int = 0
    comments: list[Written] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    may_write: bool = True
    personal: bool = False
    page: int = 100

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.comments if not one.deleted]

    def write(self, text: str, *, author: int = ME) -> Written:
        self.comments.append(Written(100 + len(self.comments), text, author))
        return self.comments[-1]

    def environ(self, folder: Any, **more: str) -> dict[str, str]:
        """What its CI sets for a job of the pull request."""
        if self.kind == "github":
            event = folder / "event.json"
            event.write_text(json.dumps({"pull_request": {"number": 12, "head": {"sha": "c0ffee1" * 5}}}))
            return {
                "GITHUB_ACTIONS": "true",
                "GITHUB_API_URL": self.address,
                "GITHUB_REPOSITORY": "acme/shop",
                "GITHUB_EVENT_PATH": str(event),
                "GITHUB_RUN_ID": "99",
                "GITHUB_TOKEN": TOKEN,
                **more,
            }
        if self.kind == "gitlab":
            return {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": self.address,
                "CI_PROJECT_ID": "34",
                "CI_PROJECT_URL": "https://gitlab.test/acme/shop",
                "CI_MERGE_REQUEST_IID": "12",
                "CI_COMMIT_SHA": "c0ffee1" * 5,
                "GITLAB_TOKEN": TOKEN,
                **more,
            }
        return {
            "BITBUCKET_BUILD_NUMBER": "99",
            "BITBUCKET_API_URL": self.address,
            "BITBUCKET_REPO_FULL_NAME": "acme/shop",
            "BITBUCKET_PR_ID": "12",
            "BITBUCKET_COMMIT": "c0ffee1" * 5,
            "BITBUCKET_TOKEN": TOKEN,
            **more,
        }

    def answer(self, method: str, target: str, headers: Any, body: Any) -> tuple[int, dict[str, str], Any]:
        """Status, headers and document."""
        self.asked.append(f"{method} {target}")
        fault = next((one for one in self.faults if one.method in ("", method)), None)
        if fault is not None:
            self.faults.remove(fault)
            if fault.done:
                self._carry_out(method, target, body)
            return fault.status, dict(fault.headers), fault.body
        sent = headers["PRIVATE-TOKEN"] if self.kind == "gitlab" else headers["Authorization"]
        if sent != (TOKEN if self.kind == "gitlab" else f"Bearer {TOKEN}"):
            return 401, {}, {"message": "Bad credentials"}
        if method != "GET" and not self.may_write:
            return 403, {}, {"message": "Resource not accessible by integration"}
        return self._carry_out(method, target, body)

    def _carry_out(self, method: str, target: str, body: Any) -> tuple[int, dict[str, str], Any]:
        url = urlsplit(target)
        lists, one = {
            "github": ("/api/repos/acme/shop/issues/12/comments", "/api/repos/acme/shop/issues/comments/"),
            "gitlab": (
                "/api/projects/34/merge_requests/12/notes",
                "/api/projects/34/merge_requests/12/notes/",
            ),
            "bitbucket": (
                "/api/repositories/acme/shop/pullrequests/12/comments",
                "/api/repositories/acme/shop/pullrequests/12/comments/",
            ),
        }[self.kind]
        if self.kind != "bitbucket" and url.path == "/api/user":
            if self.kind == "github" and not self.personal:
                return 403, {}, {"message": "Resource not accessible by integration"}
            return 200, {}, {"id": ME}
        if url.path == lists and method == "GET":
            return self._page(lists, parse_qs(url.query))
        if url.path == lists and method == "POST":
            return self._written(None, body)
        found = re.fullmatch(re.escape(one) + "([0-9]+)", url.path)
        comment = next((c for c in self.comments if found and c.number == int(found[1])), None)
        if comment is None or comment.deleted:
            return 404, {}, {"message": "Not Found"}
        if self.kind == "bitbucket" and comment.author != ME:
            return 403, {}, {"type": "error", "error": {"message": "only its author may"}}
        if method == "DELETE":
            comment.deleted = True
            return 204, {}, None
        if method != {"github": "PATCH", "gitlab": "PUT", "bitbucket": "PUT"}[self.kind]:
            return 405, {}, None
        return self._written(comment, body)

    def _written(self, comment: Written | None, body: Any) -> tuple[int, dict[str, str], Any]:
        text = body["content"]["raw"] if self.kind == "bitbucket" else body["body"]
        if len(text) > LONGEST[self.kind]:
            return 422, {}, {"message": "Validation Failed: body is too long"}
        if comment is not None:
            comment.text = text
            return 200, {}, self._document(comment)
        return 201, {}, self._document(self.write(text))

    def _page(self, path: str, query: Mapping[str, list[str]]) -> tuple[int, dict[str, str], Any]:
        size = min(self.page, int(query.get("per_page", query.get("pagelen", ["30"]))[0]))
        number = int(query.get("page", ["1"])[0])
        there = [one for one in self.comments if not one.deleted or self.kind == "bitbucket"]
        shown = [self._document(one) for one in there[(number - 1) * size : number * size]]
        more = len(there) > number * size
        after = f"http://127.0.0.1:{self.port}{path}?per_page={size}&pagelen={size}&page={number + 1}"
        if self.kind == "bitbucket":
            return 200, {}, {"values": shown, **({"next": after} if more else {})}
        if self.kind == "gitlab":
            return 200, {"X-Next-Page": str(number + 1) if more else ""}, shown
        return 200, {"Link": f'<{after}>; rel="next", <{after}>; rel="last"'} if more else {}, shown

    def _document(self, one: Written) -> dict[str, Any]:
        address = f"https://{self.kind}.test/acme/shop/12#{one.number}"
        if self.kind == "bitbucket":
            html = {"html": {"href": address}}
            return {"id": one.number, "content": {"raw": one.text}, "deleted": one.deleted, "links": html}
        return {
            "id": one.number,
            "body": one.text,
            "html_url": address,
            "user": {"id": one.author, "type": "Bot" if one.author == ME and not self.personal else "User"},
            "author": {"id": one.author},
            "system": False,
        }


@contextmanager
def forge_server(kind: str) -> Iterator[Forge]:
    """Serves a forge on loopback while the block runs."""
    forge = Forge(kind)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(content) if content else None
            status, headers, document = forge.answer(self.command, self.path, self.headers, body)
            said = (
                document
                if isinstance(document, str)
                else json.dumps(document)
                if document is not None
                else ""
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        forge.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield forge
        finally:
            server.shutdown()
            thread.join()
