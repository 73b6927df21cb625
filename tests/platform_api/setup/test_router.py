"""The first run, which a stranger cannot win."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from platform_api.access.credentials import SETUP_TOKEN, new_credential
from platform_api.setup.service import setup_token
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.server_key import KEY

WANTED: dict[str, Any] = {
    "token": setup_token(KEY).text,
    "email": "ada@example.com",
    "name": "Ada",
    "password": "correct horse battery staple",
    "organization": {"slug": "acme", "name": "Acme"},
}


class TestSetup:
    def test_makes_an_owner_who_is_signed_in(self, control_plane: ControlPlane) -> None:
        client = control_plane.client
        assert client.get("/v1/setup").json() == {"done": False}
        answer = client.post("/v1/setup", json=WANTED)
        assert answer.status_code == 201
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        [organization] = client.get("/v1/organizations", headers=bearer).json()["items"]
        assert organization["slug"] == "acme"
        assert client.get("/v1/setup").json() == {"done": True}

    def test_is_refused_to_a_stranger(self, control_plane: ControlPlane) -> None:
        guess = {**WANTED, "token": new_credential(SETUP_TOKEN).text}
        assert control_plane.client.post("/v1/setup", json=guess).status_code == 401
        assert control_plane.client.get("/v1/setup").json() == {"done": False}

    def test_happens_once_however_many_try_at_once(self, control_plane: ControlPlane) -> None:
        def try_it(number: int) -> int:
            wanted = {
                **WANTED,
                "email": f"ada{number}@example.com",
                "organization": {"slug": f"acme{number}", "name": "A"},
            }
            return control_plane.client.post("/v1/setup", json=wanted).status_code

        with ThreadPoolExecutor(6) as pool:
            codes = sorted(pool.map(try_it, range(6)))
        assert codes == [201, 409, 409, 409, 409, 409]

    def test_asks_for_a_password_that_is_one(self, control_plane: ControlPlane) -> None:
        answer = control_plane.client.post("/v1/setup", json={**WANTED, "password": "short"})
        assert (answer.status_code, answer.json()["code"]) == (422, "usage")
        assert "short" not in answer.text
