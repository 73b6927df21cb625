"""Signing in by cookies, as pages in browsers do, and what keeps other sites' pages from using them."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from fastapi.testclient import TestClient

from platform_api.application import create_app
from platform_api.database.roles import Roles
from platform_api.edge.settings import EdgeSettings
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import PASSWORD, Browser, Team
from tests.platform_api.server_key import KEY

SESSIONS = "/v1/browser-sessions"
PAGE = "https://app.example.com"


@pytest.fixture
def browser(team: Team) -> Browser:
    found = Browser(team.client, team.owner.email)
    found.sign_in()
    return found


def creates(browser: Browser, slug: str, **headers: str) -> int:
    """The status of a request that changes something."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.ask(
        "POST", "/v1/organizations", json={"slug": slug, "name": slug}, headers=named
    ).status_code


class TestCookies:
    def test_are_of_this_host_alone_over_tls_and_for_no_script(self, team: Team) -> None:
        answer = team.client.post(SESSIONS, json={"email": team.owner.email, "password": PASSWORD})
        found = SimpleCookie()
        for one in answer.headers.get_list("set-cookie"):
            found.load(one)
        assert set(found) == {"__Host-cygni_access", "__Host-cygni_refresh", "__Host-cygni_csrf"}
        for name, cookie in found.items():
            assert cookie["secure"], name
            assert (cookie["path"], cookie["domain"]) == ("/", "")
            assert cookie["samesite"].lower() == "strict"
            assert bool(cookie["httponly"]) is (name != "__Host-cygni_csrf")
        assert set(answer.json()) == {"csrf_token", "access_ends"}, "no token is in the body"
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("host", ["127.0.0.1:8420", "localhost:8420"])
    def test_do_without_tls_on_this_machine(self, team: Team, host: str) -> None:
        given = {"email": team.owner.email, "password": PASSWORD}
        answer = team.client.post(SESSIONS, json=given, headers={"Host": host})
        set_cookies = answer.headers.get_list("set-cookie")
        assert all(one.startswith("cygni_") and "Secure" not in one for one in set_cookies)
        token = set_cookies[0].partition(";")[0]
        assert team.client.get("/v1/user", headers={"Host": host, "Cookie": token}).status_code == 200
        assert team.client.get("/v1/user", headers={"Cookie": token}).status_code == 401, (
            "elsewhere a subdomain may have planted it"
        )

    def test_sign_somebody_in(self, browser: Browser, team: Team) -> None:
        assert browser.get("/v1/user").json()["email"] == team.owner.email
        assert creates(browser, "beta") == 201

    def test_say_the_same_whatever_is_wrong(self, team: Team) -> None:
        given = {"email": "nobody@example.com", "password": PASSWORD}
        answer = team.client.post(SESSIONS, json=given)
        assert (answer.status_code, answer.json()["detail"]) == (
            401,
            "the email address or the password is wrong",
        )


class TestRefreshing:
    def test_gets_the_next_cookies_and_ends_the_session_of_a_copied_one(self, browser: Browser) -> None:
        copied = dict(browser.cookies)
        browser.receive(browser.ask("POST", f"{SESSIONS}/refresh"))
        assert browser.cookies["__Host-cygni_refresh"] != copied["__Host-cygni_refresh"]
        assert browser.get("/v1/user").status_code == 200
        browser.cookies = copied
        assert browser.ask("POST", f"{SESSIONS}/refresh").status_code == 401
        assert browser.get("/v1/user").status_code == 401

    def test_needs_the_proof_and_leaves_the_session_without_it(self, browser: Browser) -> None:
        refused = browser.ask("POST", f"{SESSIONS}/refresh", headers={"X-CSRF-Token": ""})
        assert refused.status_code == 403
        assert browser.ask("POST", f"{SESSIONS}/refresh").status_code == 200

    def test_is_for_those_with_a_session(self, control_plane: ControlPlane) -> None:
        assert control_plane.client.post(f"{SESSIONS}/refresh").status_code == 401


class TestSigningOut:
    def test_ends_the_session_and_takes_the_cookies_back(self, browser: Browser) -> None:
        answer = browser.ask("DELETE", f"{SESSIONS}/current")
        assert answer.status_code == 204
        assert all("Max-Age=0" in one for one in answer.headers.get_list("set-cookie"))
        assert browser.get("/v1/user").status_code == 401


class TestOtherPages:
    def test_change_nothing_without_the_proof(self, browser: Browser, team: Team) -> None:
        other = Browser(team.client, team.invite("eve", "owner").email)
        other.sign_in()
        for wrong in ("", "x", other.csrf_token):
            assert creates(browser, "beta", X_CSRF_Token=wrong) == 403
        assert team.owner.get("/v1/organizations/beta").status_code == 404

    @pytest.mark.parametrize(
        "headers",
        [
            {"Sec_Fetch_Site": "cross-site"},
            {"Sec_Fetch_Site": "same-site"},
            {"Sec_Fetch_Site": "", "Origin": "https://evil.example"},
            {"Sec_Fetch_Site": "", "Origin": "null"},
        ],
    )
    def test_change_nothing_even_with_it(self, browser: Browser, headers: dict[str, str]) -> None:
        assert creates(browser, "beta", **headers) == 403

    def test_may_be_browsers_that_say_little(self, browser: Browser) -> None:
        assert creates(browser, "beta", Sec_Fetch_Site="", Origin="http://testserver") == 201
        assert creates(browser, "gamma", Sec_Fetch_Site="") == 201

    def test_sign_nobody_in(self, team: Team) -> None:
        given = {"email": team.owner.email, "password": PASSWORD}
        answer = team.client.post(SESSIONS, json=given, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)

    def test_that_are_named_may(self, team: Team, migrated: tuple[str, Roles]) -> None:
        with TestClient(create_app(migrated[0], KEY, edge=EdgeSettings((PAGE,)))) as client:
            there = {"Sec-Fetch-Site": "cross-site", "Origin": PAGE}
            given = {"email": team.owner.email, "password": PASSWORD}
            assert client.post(SESSIONS, json=given, headers=there).status_code == 201

    def test_do_not_matter_to_what_is_sent_as_bearer(self, team: Team, browser: Browser) -> None:
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        headers = {"Cookie": cookies, "Sec-Fetch-Site": "cross-site"}
        made = team.owner.ask(
            "POST", "/v1/organizations", json={"slug": "beta", "name": "B"}, headers=headers
        )
        assert made.status_code == 201
