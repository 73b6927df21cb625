"""People who use a control plane in tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
from fastapi.testclient import TestClient


class Person:
    """Somebody with an account; signed in once they took tokens."""

    def __init__(self, client: TestClient, email: str, password: str) -> None:
        self._client = client
        self.email = email
        self.password = password
        self.access_token = ""
        self.refresh_token = ""

    def take(self, tokens: dict[str, Any]) -> None:
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    def sign_in(self) -> None:
        answer = self.post("/v1/sessions", email=self.email, password=self.password)
        assert answer.status_code == 201, answer.text
        self.take(answer.json())

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, /, **body: Any) -> httpx2.Response:
        return self.ask("POST", path, json=body)

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {**options.pop("headers", {})}
        if self.access_token:
            headers.setdefault("Authorization", f"Bearer {self.access_token}")
        return self._client.request(method, path, headers=headers, **options)


@dataclass(frozen=True)
class Team:
    owner: Person
