"""People who use a control plane in tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx2
from fastapi.testclient import TestClient

PASSWORD = "correct horse battery staple"


class Person:
    """Somebody who asks: with an account once they took tokens, with an API key, or as nobody."""

    def __init__(self, client: TestClient, email: str = "", bearer: str = "") -> None:
        self._client = client
        self.email = email
        self.password = PASSWORD
        self.access_token = bearer
        self.refresh_token = ""

    def take(self, tokens: dict[str, Any]) -> None:
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]

    def sign_in(self) -> None:
        """Also again, when what they had is over."""
        self.access_token = ""
        answer = self.post("/v1/sessions", email=self.email, password=self.password)
        assert answer.status_code == 201, answer.text
        self.take(answer.json())

    @property
    def id(self) -> str:
        return str(self.get("/v1/user").json()["id"])

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.ask("GET", path, headers=headers)

    def post(self, path: str, /, **body: Any) -> httpx2.Response:
        return self.ask("POST", path, json=body)

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {**options.pop("headers", {})}
        if self.access_token:
            headers.setdefault("Authorization", f"Bearer {self.access_token}")
        return self._client.request(method, path, headers=headers, **options)


class Browser(Person):
    """Somebody who is signed in by cookies, on a page of the server."""

    def __init__(self, client: TestClient, email: str) -> None:
        super().__init__(client, email)
        self.cookies: dict[str, str] = {}
        self.csrf_token = ""

    def sign_in(self) -> None:
        self.receive(self.post("/v1/browser-sessions", email=self.email, password=self.password))

    def receive(self, answer: httpx2.Response) -> None:
        """Keeps what a browser would."""
        assert answer.status_code in {200, 201}, answer.text
        self.csrf_token = answer.json()["csrf_token"]
        for set_cookie in answer.headers.get_list("set-cookie"):
            name, _, value = set_cookie.partition(";")[0].partition("=")
            self.cookies[name] = value

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-CSRF-Token": self.csrf_token,
            "Sec-Fetch-Site": "same-origin",
            **options.pop("headers", {}),
        }
        kept = {name: value for name, value in headers.items() if value}
        return super().ask(method, path, headers=kept, **options)


@dataclass
class Team:
    """The organisation `acme`, and who is in it."""

    client: TestClient
    owner: Person
    members: dict[str, Person] = field(default_factory=dict)

    def invite(
        self, name: str, role: str | None, organization: str = "acme", by: Person | None = None
    ) -> Person:
        """A new member who is signed in."""
        email = f"{name}@example.com"
        asked = (by or self.owner).post(
            f"/v1/organizations/{organization}/invitations", email=email, role=role
        )
        assert asked.status_code == 201, asked.text
        guest = Person(self.client, email)
        taken = guest.post(
            "/v1/invitations/accept", token=asked.json()["token"], name=name.title(), password=guest.password
        )
        assert taken.status_code == 201, taken.text
        guest.take(taken.json())
        self.members[name] = guest
        return guest

    def key(self, organization: str = "acme", **wanted: Any) -> tuple[Person, str]:
        """A program with a new API key, and the key's id."""
        made = self.owner.post(f"/v1/organizations/{organization}/api-keys", **{"name": "ci", **wanted})
        assert made.status_code == 201, made.text
        return Person(self.client, bearer=made.json()["key"]), made.json()["id"]
