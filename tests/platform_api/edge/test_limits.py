"""How much a request may send, and how long it may take."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from platform_api import problems
from platform_api.edge.body_limits import (
    LARGEST_BY_NOBODY,
    LARGEST_JSON,
    LARGEST_SOURCE,
    BodyLimits,
    limit_of,
)
from platform_api.edge.time_limits import TimeLimits
from platform_api.openapi.document import operations
from tests.platform_api.people import Team


class TestBodies:
    def chunks(self, size: int) -> Iterator[bytes]:
        """Whose length is not told."""
        for _ in range(0, size, 1 << 16):
            yield b" " * (1 << 16)

    def test_of_json_are_small(self, team: Team) -> None:
        answer = team.owner.ask("POST", "/v1/organizations", content=b" " * (LARGEST_JSON + 1))
        assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")
        assert answer.headers["content-type"] == "application/problem+json"

    def test_are_counted_where_no_length_is_told(self, team: Team) -> None:
        answer = team.owner.ask("POST", "/v1/organizations", content=self.chunks(LARGEST_JSON + 1))
        assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")

    def test_that_lie_about_their_length_are_counted_too(self) -> None:
        app = FastAPI()
        problems.install(app)

        @app.post("/read")
        async def read(request: Request) -> int:
            return len(await request.body())

        app.add_middleware(BodyLimits)
        sent = TestClient(app).post(
            "/read", content=self.chunks(LARGEST_JSON + 1), headers={"Content-Length": "5"}
        )
        assert sent.status_code == 413

    def test_that_just_fit_are_taken(self, team: Team) -> None:
        body = b'{"slug": "beta", "name": "Beta"}'
        kind = {"Content-Type": "application/json"}
        answer = team.owner.ask("POST", "/v1/organizations", content=body.ljust(LARGEST_JSON), headers=kind)
        assert answer.status_code == 201

    def test_of_those_whom_nobody_knows_are_smaller(self, team: Team) -> None:
        found = {
            (path, limit_of(method.upper(), path))
            for method, path, one in operations(team.client.get("/openapi.json").json())
            if "requestBody" in one and not one.get("security")
        }
        assert found
        assert {limit for _, limit in found} == {LARGEST_BY_NOBODY}
        for path, most in found:
            answer = team.client.post(path, content=b" " * (most + 1))
            assert (answer.status_code, answer.json()["code"]) == (413, "content_too_large")
            assert answer.json()["detail"] == "a request to this path has at most 16 KiB"

    def test_of_sources_alone_may_be_large(self, team: Team) -> None:
        found = {
            (method.upper(), path)
            for method, path, _ in operations(team.client.get("/openapi.json").json())
            if limit_of(method.upper(), path) == LARGEST_SOURCE
        }
        assert found == {("POST", "/v1/organizations/{organization}/projects/{project}/sources")}

    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("PATCH", "/v1/organizations/acme/projects/sources"),
            ("PUT", "/v1/organizations/acme/projects/shop/environments/staging/secrets/sources"),
            ("PUT", "/v1/organizations/acme/projects/shop/sources"),
            ("POST", "/elsewhere/v1/organizations/acme/projects/shop/sources"),
            ("POST", "/v1/organizations/acme/projects/shop/sources/sources"),
        ],
    )
    def test_of_what_is_only_called_sources_are_small(self, method: str, path: str) -> None:
        assert limit_of(method, path) == LARGEST_JSON


class TestTime:
    @pytest.fixture
    def client(self) -> TestClient:
        app = FastAPI()

        @app.get("/slow")
        async def slow() -> None:
            await asyncio.sleep(60)

        @app.get("/broken")
        async def broken() -> None:
            raise TimeoutError

        @app.get("/stream")
        async def stream() -> StreamingResponse:
            async def told() -> AsyncIterator[bytes]:
                yield b"begun "
                await asyncio.sleep(1.5)
                yield b"and ended"

            return StreamingResponse(told())

        app.add_middleware(TimeLimits, seconds=1.0)
        return TestClient(app)

    def test_is_over_for_what_is_slow(self, client: TestClient) -> None:
        answer = client.get("/slow")
        assert (answer.status_code, answer.json()["code"]) == (504, "timeout")

    def test_does_not_end_an_answer_that_has_begun(self, client: TestClient) -> None:
        assert client.get("/stream").text == "begun and ended"

    def test_is_not_blamed_for_other_timeouts(self, client: TestClient) -> None:
        with pytest.raises(TimeoutError):
            client.get("/broken")
