"""What the server's machine does to accounts, and what those who have them notice."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from argon2 import PasswordHasher

from cygni.errors import NotFound, UsageError
from platform_api.access.passwords import Passwords
from platform_api.accounts.administration import Administration
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope
from platform_api.operators.auditing import ServerAuditing
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Team
from tests.platform_api.server_key import KEY

ADA, GRACE = "ada@example.com", "grace@example.com"
Did = Callable[[Callable[[Administration], Awaitable[Any]]], Any]


@pytest.fixture
def did(control_plane: ControlPlane) -> Did:
    """What became of something, in a transaction of its own."""

    def carry_out(what: Callable[[Administration], Awaitable[Any]]) -> Any:
        async def do() -> Any:
            database = Database(url_as(control_plane.owner_url, control_plane.roles.application, KEY))
            now = control_plane.clock.now()
            try:
                async with database.transaction(Scope()) as session:
                    log = ServerAuditing(session, {"kind": "server", "id": "a test"}, "1", now)
                    return await what(Administration(session, log, now))
            finally:
                await database.close()

        return asyncio.run(do())

    return carry_out


def logged(team: Team) -> list[tuple[str, str]]:
    """The oldest first."""
    items = team.owner.get("/v1/operators/audit").json()["items"]
    return [(one["action"], one["subject"]) for one in reversed(items)]


class TestDisabling:
    def test_ends_sessions_and_keys_until_it_is_undone(self, team: Team, did: Did) -> None:
        grace = team.invite("grace", "admin")
        made = grace.post("/v1/organizations/acme/api-keys", name="ci", scopes=["project:read"]).json()
        path, bearer = "/v1/organizations/acme/projects", {"Authorization": f"Bearer {made['key']}"}
        assert team.client.get(path, headers=bearer).status_code == 200

        told = did(lambda accounts: accounts.disable("Grace@example.com"))
        assert (told["email"], told["disabled"], told["changed"]) == (GRACE, True, True)
        assert grace.get("/v1/user").status_code == 401
        assert grace.post("/v1/sessions", email=GRACE, password=grace.password).status_code == 401
        assert team.client.get(path, headers=bearer).status_code == 401
        assert did(lambda accounts: accounts.disable(GRACE))["changed"] is False

        assert did(lambda accounts: accounts.enable(GRACE))["changed"] is True
        assert did(lambda accounts: accounts.enable(GRACE))["changed"] is False
        assert grace.get("/v1/user").status_code == 401, "the session has ended"
        grace.sign_in()
        assert team.client.get(path, headers=bearer).status_code == 200
        assert logged(team) == [("user.disable", GRACE), ("user.enable", GRACE)]

    def test_takes_back_the_invitations_that_they_sent(self, team: Team, did: Did) -> None:
        grace = team.invite("grace", "admin")
        sent = grace.post("/v1/organizations/acme/invitations", email="eve@example.com", role="admin").json()
        eve = {"token": sent["token"], "name": "Eve", "password": grace.password}
        did(lambda accounts: accounts.disable(GRACE))
        refused = team.client.post("/v1/invitations/accept", json=eve)
        assert (refused.status_code, "may not give that role" in refused.json()["detail"]) == (401, True)
        did(lambda accounts: accounts.enable(GRACE))
        assert team.client.post("/v1/invitations/accept", json=eve).status_code == 201

    def test_of_an_owner_does_not_let_the_last_other_one_go(self, team: Team, did: Did) -> None:
        grace = team.invite("grace", "admin")
        role = f"/v1/organizations/acme/members/{grace.id}"
        assert team.owner.ask("PATCH", role, json={"role": "owner"}).status_code == 204
        did(lambda accounts: accounts.disable(GRACE))
        left = team.owner.ask("DELETE", f"/v1/organizations/acme/members/{team.owner.id}")
        assert (left.status_code, "the last owner" in left.json()["detail"]) == (422, True)

    @pytest.mark.parametrize("what", ["disable", "reset_password"])
    def test_refuses_who_is_signing_in_meanwhile(
        self, team: Team, did: Did, monkeypatch: pytest.MonkeyPatch, what: str
    ) -> None:
        grace = team.invite("grace", "viewer")
        looking, goes_on = threading.Event(), threading.Event()

        def slowly(*_: object) -> bool:
            looking.set()
            return goes_on.wait(60)

        monkeypatch.setattr(PasswordHasher, "verify", slowly)
        given: list[str] = [] if what == "disable" else ["another hash"]
        with ThreadPoolExecutor(1) as others:
            signing_in = others.submit(grace.post, "/v1/sessions", email=GRACE, password=grace.password)
            try:
                assert looking.wait(60)
                did(lambda accounts: getattr(accounts, what)(GRACE, *given))
            finally:
                goes_on.set()
            assert signing_in.result(60).status_code == 401

    def test_leaves_one_operator_who_can_sign_in(self, team: Team, did: Did) -> None:
        team.invite("grace", "viewer")
        with pytest.raises(UsageError, match="the last operator"):
            did(lambda accounts: accounts.disable(ADA))
        did(lambda accounts: accounts.make_operator(GRACE))
        did(lambda accounts: accounts.disable(ADA))
        with pytest.raises(UsageError, match="the last operator"):
            did(lambda accounts: accounts.disable(GRACE))
        with pytest.raises(UsageError, match="is disabled"):
            did(lambda accounts: accounts.make_operator(ADA))


class TestPasswords:
    def test_are_replaced_and_sessions_end(self, team: Team, did: Did) -> None:
        grace = team.invite("grace", "viewer")
        made = asyncio.run(Passwords().hashed("given by whoever runs it"))
        did(lambda accounts: accounts.reset_password(GRACE, made))
        assert grace.get("/v1/user").status_code == 401
        assert grace.post("/v1/sessions", email=GRACE, password=grace.password).status_code == 401
        grace.password = "given by whoever runs it"
        grace.sign_in()
        assert team.owner.get("/v1/user").status_code == 200, "others stay signed in"
        assert logged(team) == [("user.password", GRACE)]


class TestAll:
    def test_is_who_has_an_account(self, team: Team, did: Did) -> None:
        team.invite("grace", "viewer")
        found = did(lambda accounts: accounts.all())
        assert [(one["email"], one["operator"], one["disabled"]) for one in found] == [
            (ADA, True, False),
            (GRACE, False, False),
        ]

    def test_is_what_a_wrong_address_is_told_to_look_at(self, did: Did, team: Team) -> None:
        assert team.owner.email == ADA
        with pytest.raises(NotFound, match="nobody@example.com has no account here"):
            did(lambda accounts: accounts.enable("nobody@example.com"))
