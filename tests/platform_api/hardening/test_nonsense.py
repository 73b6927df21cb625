"""Thousands of requests that make no sense: each is answered, and none with an error of the server."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from platform_api.access import credentials
from platform_api.openapi.document import operations
from tests.platform_api.hardening.fuzzed_plane import PROJECT, FuzzedPlane
from tests.platform_api.hardening.nonsense import TEXTS, body, mangled

REQUESTS = 5_000
"""Of each of the four kinds, in a full run."""
ENDS = {"leave_organization", "sign_out"}
LISTS = [
    "/v1/organizations/acme/projects",
    "/v1/organizations/acme/audit",
    "/v1/organizations/acme/webhooks/{webhook}/deliveries",
    f"{PROJECT}/environments/production/deployments",
]


@pytest.fixture
def count(share: float) -> int:
    return round(REQUESTS * share)


class Answers:
    """Counts what came, and keeps what should not have."""

    def __init__(self) -> None:
        self.count = 0
        self.wrong: list[tuple[Any, ...]] = []

    def add(self, answer: Any, *asked: Any) -> None:
        self.count += 1
        if answer.status_code >= 500 or answer.headers.get("content-type", "").startswith("text/plain"):
            self.wrong.append((answer.status_code, *asked))


def documented(plane: FuzzedPlane) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        one
        for one in operations(plane.client.get("/openapi.json").json())
        if one[2]["operationId"] not in ENDS and one[0] != "delete"
    ]


def header(random: Random, text: str) -> bytes:
    """As much of a text as a header can hold."""
    raw = mangled(random, text.encode("utf-8", "replace"))
    return bytes(one for one in raw if one >= 32 and one != 127).strip()[:4000] or b"x"


def test_bodies(plane: FuzzedPlane, count: int) -> None:
    random, answers = Random(1), Answers()
    asked = [one for one in documented(plane) if "requestBody" in one[2]]
    for _ in range(count):
        method, path, operation = random.choice(asked)
        content = operation["requestBody"]["content"].get("application/json", {})
        sent = body(random, content.get("example", {}))
        kind = random.choice(
            ["application/json"] * 8 + ["text/plain", "application/x-www-form-urlencoded", "x"]
        )
        known = random.random() < 0.9
        answer = plane.ask(
            method, path.format(**plane.there), known=known, content=sent, headers={"Content-Type": kind}
        )
        answers.add(answer, method, path, kind, sent[:300])
    assert (answers.count, answers.wrong) == (count, [])


def cursors(plane: FuzzedPlane, random: Random) -> Iterator[tuple[str, str]]:
    """A list, and what is given to it for a cursor: most were one, of this list or of another."""
    good = []
    for number in range(3):
        plane.owner.post("/v1/organizations/acme/projects", slug=f"more-{number}")
    for path in LISTS:
        found = plane.owner.get(f"{path.format(**plane.there)}?limit=1").json()["next"]
        good += [found] if found else []
    assert len(good) >= 2
    while True:
        cursor = random.choice(good)
        spoiled = mangled(random, cursor.encode()).decode("latin-1") if random.random() < 0.8 else cursor
        yield (
            random.choice(LISTS).format(**plane.there),
            random.choice([spoiled] * 9 + [random.choice(TEXTS)]),
        )


def test_cursors(plane: FuzzedPlane, count: int) -> None:
    random, answers = Random(2), Answers()
    given = cursors(plane, random)
    for _ in range(count):
        path, cursor = next(given)
        sent = quote(cursor.encode("utf-8", "replace")[:2000], safe="")
        limit = random.choice(["1", "100", "0", "101", "-1", "x", "1e3", str(10**30), ""])
        answers.add(plane.ask("GET", f"{path}?limit={limit}&cursor={sent}", known=True), path, cursor, limit)
    assert (answers.count, answers.wrong) == (count, [])


def test_tokens(plane: FuzzedPlane, count: int) -> None:
    """None but those that are whole are taken."""
    random, answers = Random(3), Answers()
    key = credentials.new_credential(credentials.API_KEY).text
    for _ in range(count):
        good = random.choice([plane.owner.access_token, plane.owner.refresh_token, key])
        token = header(random, good)
        scheme = random.choice([b"Bearer "] * 8 + [b"Basic ", b"bearer ", b"", b"Bearer  "])
        answer = plane.ask("GET", "/v1/organizations", known=False, headers={"Authorization": scheme + token})
        whole = token.decode("latin-1").strip() == plane.owner.access_token
        answers.add(answer, token)
        assert answer.status_code == 401 or whole, token
        given = {"refresh_token": mangled(random, plane.owner.refresh_token.encode()).decode("latin-1")}
        if random.random() < 0.2 and credentials.parse(given["refresh_token"], "cxr") is None:
            answers.add(plane.ask("POST", "/v1/sessions/refresh", known=False, json=given), given)
            answers.count -= 1
    assert (answers.count, answers.wrong) == (count, [])


def test_paths_and_headers(plane: FuzzedPlane, count: int) -> None:
    random, answers = Random(4), Answers()
    asked = documented(plane)
    for _ in range(count):
        method, path, _ = random.choice(asked)
        there = dict(plane.there)
        there[random.choice(list(there))] = quote(
            random.choice(TEXTS).encode("utf-8", "replace")[:3000], safe=""
        )
        names = [
            "If-Match",
            "Idempotency-Key",
            "Last-Event-ID",
            "X-Request-ID",
            "Accept-Encoding",
            "Cookie",
            "Origin",
        ]
        headers = {
            name: header(random, random.choice([*TEXTS, '"1"', "1"])) for name in random.sample(names, 3)
        }
        asking = path.format(**there)
        answer = plane.ask(method, asking, known=True, headers=headers, json={})
        answers.add(answer, method, asking, headers)
    assert (answers.count, answers.wrong) == (count, [])
