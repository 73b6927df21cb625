"""Signing in, staying signed in, and signing out, as clients do it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import psycopg
import pytest
from argon2 import PasswordHasher

from platform_api.access.credentials import Credential
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import PASSWORD, Person, Team


class TestSigningIn:
    def test_gives_tokens_that_name_the_person(self, team: Team) -> None:
        team.owner.sign_in()
        assert team.owner.get("/v1/user").json()["email"] == "ada@example.com"

    def test_is_over_at_once_where_the_account_is_disabled(
        self, team: Team, control_plane: ControlPlane
    ) -> None:
        assert team.owner.get("/v1/user").status_code == 200
        with psycopg.connect(control_plane.owner_url) as owner:
            owner.execute("UPDATE users SET disabled_at = now()")
        answer = team.owner.get("/v1/user")
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            ("ada@example.com", "wrong horse battery staple"),
            ("bob@example.com", "correct horse battery staple"),
        ],
    )
    def test_says_the_same_whatever_is_wrong(self, team: Team, email: str, password: str) -> None:
        answer = team.owner.post("/v1/sessions", email=email, password=password)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.json()["detail"] == "the email address or the password is wrong"
        assert answer.headers["content-type"] == "application/problem+json"

    def test_holds_up_nobody_else_while_a_password_is_looked_at(
        self, team: Team, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looking, goes_on = threading.Event(), threading.Event()

        def slowly(*_: object) -> bool:
            looking.set()
            return goes_on.wait(60)

        monkeypatch.setattr(PasswordHasher, "verify", slowly)
        database = control_plane.client.app.state.wiring.database  # type: ignore[attr-defined]
        with ThreadPoolExecutor(2) as others:
            signing_in = others.submit(team.owner.sign_in)
            try:
                assert looking.wait(30)
                assert others.submit(control_plane.client.get, "/health").result(20).status_code == 200
                assert database.pool_use.used == 0
            finally:
                goes_on.set()
            signing_in.result(30)

    def test_knows_nobody_without_a_token(self, control_plane: ControlPlane) -> None:
        answer = control_plane.client.get("/v1/user")
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


class TestPasswords:
    NEW = "another horse, another battery"

    def change(self, person: Person, password: str, new: str) -> httpx2.Response:
        return person.post("/v1/user/password", email=person.email, password=password, new_password=new)

    def test_are_changed_by_who_knows_the_one_until_now_and_everybody_else_is_signed_out(
        self, team: Team
    ) -> None:
        elsewhere = Person(team.client, team.owner.email)
        elsewhere.sign_in()
        answer = self.change(team.owner, PASSWORD, self.NEW)
        assert answer.status_code == 200, answer.text
        assert elsewhere.get("/v1/user").status_code == 401
        assert team.owner.get("/v1/user").status_code == 401
        team.owner.take(answer.json())
        assert team.owner.get("/v1/user").status_code == 200
        assert (
            elsewhere.post("/v1/sessions/refresh", refresh_token=elsewhere.refresh_token).status_code == 401
        )
        assert team.owner.post("/v1/sessions", email=team.owner.email, password=PASSWORD).status_code == 401
        elsewhere.password = self.NEW
        elsewhere.sign_in()
        [entry] = team.owner.get("/v1/operators/audit?limit=1").json()["items"]
        assert (entry["action"], entry["subject"]) == ("user.password", team.owner.email)

    def test_stay_where_the_one_until_now_is_wrong_or_the_new_one_weak(
        self, team: Team, control_plane: ControlPlane
    ) -> None:
        refused = self.change(team.owner, "wrong horse battery staple", self.NEW)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
        weak = self.change(team.owner, PASSWORD, "short")
        assert (weak.status_code, "12 to 256" in weak.json()["detail"]) == (422, True)
        assert team.owner.get("/v1/user").status_code == 200
        with psycopg.connect(control_plane.owner_url) as owner:
            owner.execute("UPDATE users SET disabled_at = now()")
        assert self.change(team.owner, PASSWORD, self.NEW).status_code == 401

    def test_changed_twice_at_once_are_changed_once(self, team: Team) -> None:
        with ThreadPoolExecutor(4) as pool:
            answers = list(
                pool.map(lambda one: self.change(team.owner, PASSWORD, f"{self.NEW} {one}"), range(4))
            )
        assert sorted(one.status_code for one in answers) == [200, 401, 401, 401]


class TestAccessTokens:
    def test_live_ten_minutes(self, team: Team, control_plane: ControlPlane) -> None:
        control_plane.clock.move(timedelta(minutes=10))
        assert team.owner.get("/v1/user").status_code == 200, "clocks may be half a minute apart"
        control_plane.clock.move(timedelta(seconds=31))
        assert team.owner.get("/v1/user").status_code == 401

    def test_end_with_their_session(self, team: Team) -> None:
        assert team.owner.ask("DELETE", "/v1/sessions/current").status_code == 204
        assert team.owner.get("/v1/user").status_code == 401


class TestRefreshTokens:
    def refresh(self, person: Person, token: str) -> int:
        return person.post("/v1/sessions/refresh", refresh_token=token).status_code

    def test_get_the_next_two_tokens(self, team: Team) -> None:
        before = team.owner.refresh_token
        team.owner.take(team.owner.post("/v1/sessions/refresh", refresh_token=before).json())
        assert team.owner.refresh_token != before
        assert team.owner.get("/v1/user").status_code == 200

    def test_used_twice_end_their_session(self, team: Team) -> None:
        first = team.owner.refresh_token
        team.owner.take(team.owner.post("/v1/sessions/refresh", refresh_token=first).json())
        assert self.refresh(team.owner, first) == 401
        assert self.refresh(team.owner, team.owner.refresh_token) == 401
        assert team.owner.get("/v1/user").status_code == 401

    def test_used_at_once_have_one_child_at_most(self, team: Team) -> None:
        token = team.owner.refresh_token
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda _: self.refresh(team.owner, token), range(16)))
        assert codes.count(200) == 1

    def test_are_over_when_nobody_uses_them(self, team: Team, control_plane: ControlPlane) -> None:
        control_plane.clock.move(timedelta(days=14))
        assert self.refresh(team.owner, team.owner.refresh_token) == 401

    def test_do_not_live_for_ever(self, team: Team, control_plane: ControlPlane) -> None:
        for _ in range(9):
            control_plane.clock.move(timedelta(days=9, hours=23))
            team.owner.take(
                team.owner.post("/v1/sessions/refresh", refresh_token=team.owner.refresh_token).json()
            )
        control_plane.clock.move(timedelta(days=1))
        assert self.refresh(team.owner, team.owner.refresh_token) == 401

    @pytest.mark.parametrize(
        "token",
        [
            "",
            "cxr_x_y",
            "cxk_000000000000_" + "0" * 38,
            "\0",
            "ü" * 60,
            Credential("cxr", "00000000000\0", "0" * 32).text,  # whose checksum is right
        ],
    )
    def test_that_are_none_are_refused(self, team: Team, token: str) -> None:
        assert self.refresh(team.owner, token) == 401
