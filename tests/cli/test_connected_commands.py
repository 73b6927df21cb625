"""Commands about a control plane, with a real one: each person has a machine, which is a data folder, of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli import login as login_command
from cli import passwords, terminal
from cli import secrets as secrets_command
from cli.connected_release import abort_there, attach_there
from cygni.control_plane.api import Api
from cygni.control_plane.deployments import Deployments
from cygni.control_plane.process import ControlPlane
from cygni.errors import ConfirmationRequired, NotFound
from tests.cli.machines import PASSWORD, Machine, serving
from tests.platform_api.webhooks.receiver import receiver


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ControlPlane, Path]]:
    networks = {"CYGNI_WEBHOOK_NETWORKS": "127.0.0.1", "CYGNI_SERVER_SLACK_HOSTS": "127.0.0.1"}
    with serving(tmp_path_factory.mktemp("server"), **networks) as found:
        yield found


class TestLogin:
    def test_keeps_what_its_owner_alone_may_read(self, ada: Machine) -> None:
        assert ada.kept.stat().st_mode & 0o077 == 0
        assert PASSWORD not in ada.kept.read_text()
        told = ada.does("whoami")
        assert (told["user"]["email"], told["organizations"]) == ("ada@example.com", ["acme"])
        assert "Ada <ada@example.com> at http://127.0.0.1:" in ada("whoami").err

    def test_says_no_to_another_password_and_to_nobody(
        self, server: tuple[ControlPlane, Path], ada: Machine, machine: Callable[[str], Machine]
    ) -> None:
        stranger = machine("stranger")
        wrong = stranger(
            "login", server[0].url, "--email", "ada@example.com", "--password-stdin", stdin="wrong\n"
        )
        assert (wrong.code, "wrong" in wrong.err) == (3, True)
        assert not stranger.kept.exists()
        nobody = stranger("whoami")
        assert (nobody.code, "cx login URL" in nobody.err) == (3, True)
        assert stranger("login", server[0].url).code == 2  # nobody can be asked
        assert "which control plane?" in stranger("login").err

    def test_ends_with_logout_on_the_server_too(self, ada: Machine) -> None:
        before = ada.kept.read_text()
        assert "Signed out of" in ada("logout").err
        assert not ada.kept.exists()
        ada.kept.write_text(before)
        assert ada("whoami").code == 3
        assert "Nobody was signed in" in (ada("logout"), ada("logout"))[1].err

    def test_renews_itself_and_tells_when_that_is_not_possible(self, ada: Machine) -> None:
        def access_has_ended() -> None:
            kept = json.loads(ada.kept.read_text())
            ada.kept.write_text(json.dumps({**kept, "access_ends": "2001-01-01T00:00:00+00:00"}))

        first = json.loads(ada.kept.read_text())["refresh_token"]
        access_has_ended()
        assert ada("whoami").code == 0
        kept = json.loads(ada.kept.read_text())
        assert kept["refresh_token"] != first
        ada.kept.write_text(json.dumps({**kept, "refresh_token": first}))  # used already: the session ends
        access_has_ended()
        ended = ada("whoami")
        assert (ended.code, "cx login" in ended.err) == (3, True)

    def test_of_a_damaged_file_is_told(self, ada: Machine) -> None:
        ada.kept.write_text("{")
        ended = ada("whoami")
        assert (ended.code, "holds no sign-in" in ended.err) == (1, True)
        assert "cx login https://" in ended.err
        again = ada("login")
        assert (again.code, "which control plane?" in again.err, "cx login https://" in again.err) == (
            2,
            True,
            True,
        )


class TestAccounts:
    NEW = "another horse, another battery"

    def test_get_other_passwords_and_are_disabled(
        self, server: tuple[ControlPlane, Path], ada: Machine, machine: Callable[[str], Machine]
    ) -> None:
        token, email = ada.does("member", "invite", "pat@example.com")["token"], "pat@example.com"
        pat, laptop, here = machine("pat"), machine("laptop"), Machine(server[1], ada.monkeypatch, ada.capsys)
        with ada.monkeypatch.context() as patch:
            patch.setenv(login_command.INVITATION_TOKEN, token)
            pat.signs_in(server[0].url, email, "--invitation", "--name", "Pat")
        laptop.signs_in(server[0].url, email)

        wrong = pat("password", "--password-stdin", stdin=f"wrong horse battery\n{self.NEW}\n")
        assert (wrong.code, "not the password of pat@example.com" in wrong.err) == (3, True)
        missing = pat("password", "--password-stdin", stdin=f"{PASSWORD}\n")
        assert (missing.code, "error: the new password is missing" in missing.err) == (2, True)
        changed = pat("password", "--password-stdin", stdin=f"{PASSWORD}\n{self.NEW}\n")
        assert (changed.code, "Your password is changed" in changed.err) == (0, True), changed.err
        assert (pat("whoami").code, laptop("whoami").code) == (0, 3)

        for given, said in (("-h", "is no email address"), ("a@b\udcff", "is no email address")):
            refused = here("server", "user", "disable", "--", given)
            assert (refused.code, said in refused.err) == (2, True), refused.err
        garbled = here(
            "server", "user", "reset-password", email, "--password-stdin", stdin=b"\xff\xfeabcdefghijklmn\n"
        )
        assert (garbled.code, "is no text in UTF-8" in garbled.err) == (2, True)
        weak = here("server", "user", "reset-password", email, "--password-stdin", stdin="short\n")
        assert (weak.code, "12 to 256" in weak.err) == (2, True)
        assert (
            here("server", "user", "reset-password", email, "--password-stdin", stdin=f"{PASSWORD}\n").code
            == 0
        )
        assert pat("whoami").code == 3
        laptop.signs_in(server[0].url, email)

        assert here.does("server", "user", "disable", email)["disabled"] is True
        assert "already" in here("server", "user", "disable", email).err
        assert laptop("whoami").code == 3
        listed = {one["email"]: one["disabled"] for one in here.does("server", "user", "list")["items"]}
        assert (listed[email], listed["ada@example.com"]) == (True, False)
        assert "may sign in again" in here("server", "user", "enable", email).err
        laptop.signs_in(server[0].url, email)
        assert here("server", "user", "enable", "nobody@example.com").code == 6
        assert ada("member", "remove", email).code == 0


class TestPeople:
    def test_are_invited_get_roles_and_leave(
        self, server: tuple[ControlPlane, Path], ada: Machine, machine: Callable[[str], Machine]
    ) -> None:
        token = ada.does("member", "invite", "grace@example.com")["token"]
        grace = machine("grace")
        begun = ("login", server[0].url, "--invitation", "--name", "Grace", "--password-stdin")
        untold = grace(*begun, stdin=PASSWORD)
        assert (untold.code, "Set CYGNI_INVITATION_TOKEN to it" in untold.err) == (2, True)
        with ada.monkeypatch.context() as patch:
            patch.setenv(login_command.INVITATION_TOKEN, token)
            grace.signs_in(server[0].url, "grace@example.com", "--invitation", "--name", "Grace")
        assert ada.does("member", "invitations")["items"] == []
        members = ada.does("member", "list")["items"]
        assert {(one["email"], one["role"]) for one in members} == {
            ("ada@example.com", "owner"),
            ("grace@example.com", "developer"),
        }
        refused = grace("member", "set-role", "grace@example.com", "owner")
        assert (refused.code, "permission_denied" in grace("token", "list", "--json").out) == (3, True)
        assert ada("member", "set-role", "Grace@example.com", "viewer").code == 0
        assert ada.does("role", "create", "deployer", "--allow", "project:read")["name"] == "deployer"
        assert ada("role", "grant", "grace@example.com", "deployer").code == 0
        assert "cx member set-role EMAIL ROLE" in ada("role", "delete", "deployer").err
        assert ada("role", "delete", "deployer").code == 7, "somebody has it"
        self.have_roles_in_one_project(ada)
        assert "deployer" in {one["name"] for one in ada.does("role", "list")["items"]}
        assert ada("role", "create", "viewer", "--allow", "project:read").code == 2
        assert ada("member", "remove", "nobody@example.com").code == 6
        assert ada("member", "remove", "grace@example.com").code == 0
        assert grace.does("whoami")["organizations"] == []
        assert "you are in no organization" in grace("project", "list").err

    def have_roles_in_one_project(self, ada: Machine) -> None:
        inside, grace = ("--project", "tried"), "Grace@example.com"
        ada.does("project", "create", "tried")
        assert "Nobody has a role in tried alone" in ada("member", "list", *inside).err
        assert ada("role", "revoke", grace, *inside).code == 6
        assert ada("role", "grant", grace, "deployer", *inside).code == 0
        listed = ada.does("member", "list", *inside)["items"]
        assert [(one["email"], one["role"]) for one in listed] == [("grace@example.com", "deployer")]
        assert "grace@example.com    deployer" in ada("member", "list", *inside).err
        assert ada("member", "set-role", grace, "viewer").code == 0
        assert "cx role revoke EMAIL --project PROJECT" in ada("role", "delete", "deployer").err
        assert ada("role", "revoke", grace, *inside).code == 0
        assert ada.does("member", "list", *inside)["items"] == []

    def test_who_were_invited_are_told_and_do_not_come_where_that_is_withdrawn(
        self, server: tuple[ControlPlane, Path], ada: Machine, machine: Callable[[str], Machine]
    ) -> None:
        tokens = [ada.does("member", "invite", "mary@example.com", "--role", "viewer")["token"] for _ in "12"]
        assert ada("member", "invitations").err.count("mary@example.com    viewer") == 1, "the newest"
        assert ada("member", "withdraw", "Mary@example.com").code == 0
        again = ada("member", "withdraw", "mary@example.com")
        assert (again.code, "cx member invitations" in again.err) == (6, True)
        assert ada.does("member", "invitations")["items"] == []
        for token in tokens:
            with ada.monkeypatch.context() as patch:
                patch.setenv(login_command.INVITATION_TOKEN, token)
                begun = ("login", server[0].url, "--invitation", "--name", "Mary", "--password-stdin")
                assert "Ask for another one." in machine("mary")(*begun, stdin=PASSWORD).err


class TestOrganizations:
    def test_are_made_and_chosen(self, ada: Machine) -> None:
        made = ada.does("org", "create", "second")
        assert made["slug"] == "second"
        several = ada("project", "list")
        assert (several.code, "cx org use" in several.err) == (2, True)
        assert ada.does("project", "list", "--org", "second") == {"items": []}
        assert ada("org", "use", "nowhere").code == 6
        assert ada("org", "use", "second").code == 0
        assert ada.does("whoami")["organization"] == "second"
        assert ada.does("project", "list") == {"items": []}
        assert {one["slug"] for one in ada.does("org", "list")["items"]} >= {"acme", "second"}


class TestProjects:
    def test_have_environments_with_secrets_that_are_never_arguments(self, ada: Machine) -> None:
        inside = ("--org", "acme")
        assert ada.does("project", "create", "shop", *inside)["slug"] == "shop"
        again = ada("project", "create", "shop", *inside, "--json")
        assert (again.code, json.loads(again.out)["error"]["code"]) == (1, "already_exists")
        for approval in ("--no-approval", "--approval"):  # makes it, and changes it
            ada("project", "set-environment", "shop", "production", approval, *inside)
        unsaid = ada("project", "set-environment", "shop", "production", *inside)
        assert "waits for an approval" in unsaid.err, "what is not given stays"
        nowhere = ada("project", "set-environment", "shop", "qa", *inside)
        assert (nowhere.code, 'no environment "qa"' in nowhere.err) == (6, True), nowhere.err
        assert "local, staging, production" in nowhere.err, "nothing can be deployed to another one"
        [environment] = ada.does("project", "environments", "shop", *inside)["items"]
        assert (environment["name"], environment["needs_approval"]) == ("production", True)

        of_shop = ("--project", "shop", *inside)
        written = ada.does("secrets", "set", "API_TOKEN", *of_shop, stdin="hunter2\n")
        assert (written["name"], written["version"]) == ("API_TOKEN", 1)
        listed = ada("secrets", "list", *of_shop)
        assert ("API_TOKEN" in listed.err, "hunter2" in listed.err + listed.out) == (True, False)
        assert ada("secrets", "get", "API_TOKEN", *of_shop).out == "hunter2\n"
        for nothing in ("", "\n"):
            refused = ada("secrets", "set", "API_TOKEN", *of_shop, stdin=nothing)
            assert (refused.code, "--allow-empty" in refused.err) == (2, True), refused.err
        assert ada("secrets", "get", "API_TOKEN", *of_shop).out == "hunter2\n"
        assert ada.does("secrets", "set", "API_TOKEN", "--allow-empty", *of_shop, stdin="")["version"] == 2
        assert ada("secrets", "get", "API_TOKEN", *of_shop).out == "\n"
        assert ada("secrets", "delete", "API_TOKEN", *of_shop).code == 0
        assert ada("secrets", "get", "API_TOKEN", *of_shop).code == 6

        assert ada("project", "delete", "shop", *inside).code == 2  # nobody can be asked
        assert ada("project", "delete", "shop", *inside, "--yes").code == 0
        assert ada("project", "delete", "shop", *inside, "--yes").code == 6

    def test_take_a_secret_from_a_person_at_a_terminal(self, ada: Machine) -> None:
        inside = ("--org", "acme", "--project", "asked")
        ada.does("project", "create", "asked", "--org", "acme")
        ada("project", "set-environment", "asked", "production", "--org", "acme")
        with ada.monkeypatch.context() as patch:
            patch.setattr(secrets_command, "interactive", lambda: True)
            patch.setattr(secrets_command, "ask_secret", lambda question: f"typed for {question}")
            assert ada("secrets", "set", "TYPED", *inside).code == 0
        assert ada("secrets", "get", "TYPED", *inside).out == "typed for Value of TYPED\n"

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            (b"x" * 70_000, "it may have 65536 bytes"),
            (b"a\0b", "a NUL byte"),
            (b"\xff\xfe", "no text in UTF-8"),
        ],
    )
    def test_say_what_cannot_be_a_secret(self, ada: Machine, value: bytes, words: str) -> None:
        ended = ada("secrets", "set", "BIG", "--project", "none", "--org", "acme", stdin=value)
        assert (ended.code, words in ended.err) == (2, True)


class TestKeys:
    def test_are_rotated_while_it_serves(self, server: tuple[ControlPlane, Path], ada: Machine) -> None:
        inside = ("--project", "rotated", "--org", "acme")
        ada.does("project", "create", *inside[1:])
        ada("project", "set-environment", "rotated", "production", "--org", "acme")
        ada.does("secrets", "set", "API_TOKEN", *inside, stdin="hunter2\n")
        here = Machine(server[1], ada.monkeypatch, ada.capsys)
        told = here.does("server", "rotate-key")
        assert (told["rewrapped"] >= 1, told["resumed"], told["root"]) == (True, False, "server-key")
        assert "a key that server-key wraps" in here("server", "rotate-key").err
        assert ada("secrets", "get", "API_TOKEN", *inside).out == "hunter2\n"
        assert ada("server", "rotate-key").code == 6  # her machine has no control plane


class TestTokens:
    def test_let_a_pipeline_in_until_they_are_revoked(
        self, server: tuple[ControlPlane, Path], ada: Machine, machine: Callable[[str], Machine]
    ) -> None:
        inside = ("--org", "acme")
        made = ada.does("token", "create", "ci", "--scope", "project:read", "--days", "30", *inside)
        pipeline = {"CYGNI_API_URL": server[0].url, "CYGNI_API_KEY": made["key"]}
        job = machine("job")
        assert job("whoami", **pipeline).err.startswith("an API key at ")
        assert job("project", "list", **pipeline).code == 0
        assert job("project", "create", "x", **pipeline).code == 3
        assert job("whoami", CYGNI_API_URL=server[0].url).code == 2
        assert not job.data_dir.exists() or not job.kept.exists()
        machines = machine("elsewhere")
        assert machines("login", server[0].url, "--with-key", stdin=made["key"] + "\n").code == 0
        assert machines("project", "list").code == 0
        shown = ada("token", "list", *inside)
        assert (made["public_id"] in shown.err, made["key"] in shown.err) == (True, False)
        keeper = ada.does("token", "create", "keeper", "--scope", "api_key:manage", *inside)["key"]
        of_others = job("token", "list", **{**pipeline, "CYGNI_API_KEY": keeper}).err
        assert ("ada@example.com" in of_others, "ada@example.com" in shown.err) == (True, False)
        assert ada("token", "revoke", made["public_id"], *inside).code == 0
        assert ada("token", "revoke", "nothing", *inside).code == 6
        assert machines("project", "list").code == 3
        assert machines("login", server[0].url, "--with-key", stdin=made["key"] + "\n").code == 3


class TestWebhooks:
    def test_are_delivered_by_the_worker_beside_the_server(self, ada: Machine) -> None:
        inside = ("--org", "acme")
        with receiver() as listening:
            made = ada.does("webhook", "create", listening.url, "--event", "webhook.ping", *inside)
            assert made["secret"].startswith("whsec_")
            assert made["id"] in ada("webhook", "list", *inside).err
            assert ada("webhook", "ping", made["id"], *inside).code == 0
            until = time.monotonic() + 60
            while not listening.got:
                assert time.monotonic() < until
                time.sleep(0.05)
            [delivery] = ada.does("webhook", "deliveries", made["id"], *inside)["items"]
            assert ada("webhook", "replay", made["id"], delivery["id"], *inside).code == 0
            assert len(ada.does("webhook", "deliveries", made["id"], *inside)["items"]) == 2
        replaced = ada("webhook", "replace-secret", made["id"], *inside)
        assert replaced.out.strip() != made["secret"]
        assert ada("webhook", "delete", made["id"], *inside).code == 0
        assert ada("webhook", "deliveries", made["id"], *inside).code == 6
        refused = ada("webhook", "create", "ftp://x", *inside)
        assert (refused.code, "url: " in refused.err) == (2, True)


class TestNotifications:
    def test_are_sent_by_the_worker_beside_the_server(self, ada: Machine) -> None:
        inside = ("--org", "acme")
        with receiver() as listening:
            url = f"http://127.0.0.1:{listening.port}/services/hunter2"
            made = ada.does("notification", "slack", "--on", "failed", *inside, stdin=f"{url}\n")
            tried = ada("notification", "test", made["id"], *inside)
            assert (tried.code, tried.err.startswith("Queued: a worker sends it.")) == (0, True)
            until = time.monotonic() + 60
            while not listening.got:
                assert time.monotonic() < until
                time.sleep(0.05)
        assert b"Cygni is watched" in listening.got[0][1]
        listed = ada("notification", "list", *inside).err
        assert ("failed" in listed, "hunter2" in listed) == (True, False)
        [delivery] = ada.does("notification", "deliveries", made["id"], *inside)["items"]
        assert delivery["occasion"] == "test"
        mail = ada("notification", "email", "ada@example.com", *inside)
        assert "is made" in mail.err
        assert ada("notification", "delete", made["id"], *inside).code == 0
        assert ada("notification", "test", made["id"], *inside).code == 6
        refused = ada("notification", "slack", *inside, stdin="https://evil.example/hunter2\n")
        assert (refused.code, "hunter2" in refused.err) == (2, False)


class TestDomains:
    def test_tell_the_records_to_set_and_are_removed(self, ada: Machine) -> None:
        inside = ("--project", "named", "--org", "acme")
        ada.does("project", "create", *inside[1:])
        assert ada("domains", "add", "shop.example.com", *inside).code == 6
        for name in ("production", "staging"):
            ada.does("project", "set-environment", "named", name, *inside[2:])
        added = ada("domains", "add", "shop.example.com", *inside)
        assert added.out.startswith('_cygni.shop.example.com. TXT "cygni-domain-verification=')
        assert "shop.example.com of production is pending" in added.err
        assert ada("domains", "check", "shop.example.com", *inside).out == added.out
        assert ada("domains", "show", "shop.example.com", *inside).out == added.out
        moved = ada("domains", "move", "shop.example.com", "--env", "staging", *inside)
        assert "shop.example.com of staging is pending" in moved.err
        [listed] = ada.does("domains", "list", *inside)["items"]
        assert (listed["environment"], listed["verified_at"]) == ("staging", None)
        assert ada("domains", "add", "shop.example.com", *inside).code == 1
        removed = ada("domains", "remove", "shop.example.com", *inside)
        assert (removed.code, removed.err) == (0, "It is gone.\n")
        assert ada("domains", "remove", "shop.example.com", *inside).code == 6


class TestAudit:
    def test_tells_who_did_what_and_that_nothing_was_changed(self, ada: Machine) -> None:
        inside = ("--org", "acme")
        ada.does("project", "create", "audited", *inside)
        entries = ada.does("audit", "list", "--limit", "3", *inside)["items"]
        assert (len(entries) <= 3, entries[0]["action"], entries[0]["subject"]) == (
            True,
            "project.create",
            "audited",
        )
        assert entries[0]["actor_name"] == "ada@example.com"
        key = ada.does("token", "create", "robot", "--scope", "project:create", *inside)["key"]
        url = json.loads(ada.kept.read_text())["url"]
        wanted = {"slug": "by-a-robot", "name": "Robot"}
        Api(url, lambda: key).post("/v1/organizations", "acme", "projects", body=wanted)
        listed = ada("audit", "list", *inside).err.splitlines()
        by_name, by_key = (
            next(one.split() for one in listed if f" {of} " in one) for of in ("audited", "by-a-robot")
        )
        assert (by_name[2], by_key[2:5]) == ("ada@example.com", ["api", "key", "robot"])
        ada.does("member", "invite", "mary@example.com", "--role", "viewer", *inside)
        assert "mary@example.com as viewer" in ada("audit", "list", "--limit", "1", *inside).err
        told = ada.does("audit", "verify", *inside)
        [newest] = ada.does("audit", "list", "--limit", "1", *inside)["items"]
        assert (told["entries"], told["broken_at"]) == (newest["number"], None)
        assert told["last_hash"] in ada("audit", "verify", *inside).err


def test_a_terminal_is_needed_where_a_secret_is_asked_for(machine: Callable[[str], Machine]) -> None:
    with pytest.raises(ConfirmationRequired, match="no terminal to ask at: Password"):
        terminal.ask_secret("Password")


class TestIds:
    @pytest.mark.parametrize(
        ("arguments", "listed"),
        [
            (("webhook", "deliveries", "nope"), "cx webhook list"),
            (("webhook", "replay", "0198c9a1-7f3e-7c55-9d5a-0a6f2f6d1b11", "nope"), "cx webhook deliveries"),
            (("notification", "test", "nope"), "cx notification list"),
            (("credit", "void", "nope"), "cx credit list"),
            (("invoices", "show", "a-b-c-d-e"), "cx invoices list"),
            (("invoices", "show", "nope"), "cx invoices list"),
        ],
    )
    def test_that_are_none_are_not_found(self, ada: Machine, arguments: tuple[str, ...], listed: str) -> None:
        ended = ada(*arguments, "--org", "acme")
        assert (ended.code, listed in ended.err, "nope" in ended.err or "a-b" in ended.err) == (6, True, True)

    def test_of_a_deployment_that_is_none_is_not_found(self) -> None:
        there = Deployments(Api("http://127.0.0.1:1"), "acme", "shop", "production")
        with pytest.raises(NotFound, match='there is no deployment "nope"') as raised:
            attach_there(there, "nope", yes=False, cancels=False, as_json=False)
        assert "cx attach -e production" in str(raised.value.hint)
        with pytest.raises(NotFound, match="nope"):
            abort_there(there, "nope", yes=False, as_json=False)

    def test_of_what_is_upcoming_are_found_where_there_is_something(self, ada: Machine) -> None:
        for verb in (("explain", "upcoming", "builds"), ("pay", "upcoming"), ("show", "upcoming")):
            ended = ada("invoices", *verb, "--org", "acme")
            assert (ended.code, "no invoice is to come" in ended.err) == (6, True)


def test_a_password_of_a_new_account_is_asked_for_twice(
    server: tuple[ControlPlane, Path], ada: Machine, machine: Callable[[str], Machine]
) -> None:
    token = ada.does("member", "invite", "mary@example.com", "--org", "acme")["token"]
    mary = machine("mary")
    typed = iter((PASSWORD, "another one of mine", PASSWORD, PASSWORD))
    with ada.monkeypatch.context() as patch:
        patch.setenv(login_command.INVITATION_TOKEN, token)
        patch.setattr(passwords, "ask_secret", lambda question: next(typed))
        begun = ("login", server[0].url, "--invitation", "--name", "Mary")
        assert "two different passwords" in mary(*begun).err
        assert mary(*begun).code == 0
