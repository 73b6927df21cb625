"""Rotation of the key-encryption keys, stopped and gone on with, while secrets are read."""

from __future__ import annotations

import asyncio
import base64
import json
import multiprocessing
import random
import signal
import uuid
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from moto import mock_aws

from cygni.errors import StateError, UsageError
from platform_api.access.caller import Caller
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope
from platform_api.environments.models import Environment
from platform_api.keys import server_key
from platform_api.secrets import __main__ as rotating
from platform_api.secrets import rotation
from platform_api.secrets.encryption import Place as Bound
from platform_api.secrets.encryption import encrypt
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import Root, ServerKeyRoot, roots_of
from platform_api.secrets.rotation import Rotation
from platform_api.secrets.service import SecretStore
from platform_api.serving import prepare
from platform_api.settings import ServerSettings
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team
from tests.platform_api.server_key import KEY

SHOP = "/v1/organizations/acme/projects/shop"
SECRETS = f"{SHOP}/environments/staging/secrets"
COUNT = 23
KEY_TEXT = base64.b64encode(b"k" * 32).decode()


class Stopped(Exception):
    pass


class Place:
    """A control plane with secrets, and what is done to it outside of requests."""

    def __init__(self, plane: ControlPlane, team: Team) -> None:
        self.plane = plane
        self.team = team
        team.owner.post("/v1/organizations/acme/projects", slug="shop")
        team.owner.post(f"{SHOP}/environments", name="staging")
        for number in range(COUNT):
            team.owner.ask("PUT", f"{SECRETS}/S{number}", json={"value": f"value {number}"})

    def ring(self, *roots: Root) -> KeyRing:
        return KeyRing(list(roots) or [ServerKeyRoot(KEY)], self.plane.clock)

    def rotate(self, ring: KeyRing, *, begin: bool = True) -> int:
        async def do() -> int:
            database = Database(url_as(self.plane.owner_url, self.plane.roles.worker, KEY))
            try:
                turn = Rotation(database, ring)
                if begin:
                    await turn.begin()
                return await turn.go_on()
            finally:
                await database.close()

        return run(do())

    def all_open(self) -> bool:
        values = [
            self.team.owner.get(f"{SECRETS}/S{number}/value").json()["value"] for number in range(COUNT)
        ]
        return values == [f"value {number}" for number in range(COUNT)]

    def keys(self) -> list[str]:
        with psycopg.connect(self.plane.owner_url) as owner:
            return [row[0] for row in owner.execute("SELECT root FROM key_encryption_keys ORDER BY id")]


def run(what: Coroutine[Any, Any, int]) -> int:
    return asyncio.run(what)


@pytest.fixture
def place(control_plane: ControlPlane, team: Team) -> Place:
    return Place(control_plane, team)


class TestRotation:
    def test_rewraps_everything_and_leaves_one_key(self, place: Place) -> None:
        assert place.rotate(place.ring()) == COUNT
        assert place.keys() == ["server-key"]
        assert place.all_open()
        assert place.rotate(place.ring(), begin=False) == 0

    def test_with_a_clock_behind_that_of_the_last_key_is_refused(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        early = uuid.UUID("01000000-0000-7000-8000-000000000000")
        monkeypatch.setattr("platform_api.secrets.key_ring.new_id", lambda: early)
        with pytest.raises(StateError, match="clock of this machine is behind"):
            place.rotate(place.ring())
        monkeypatch.undo()
        assert (len(place.keys()), place.all_open()) == (1, True)
        assert place.rotate(place.ring()) == COUNT

    def test_stopped_at_any_point_goes_on_and_every_secret_opens(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rotation, "BATCH", 4)
        whole = Rotation._rewrap

        for stop_at in (0, 1, 4, 7, 13, 22):
            done = 0

            async def stopping(self: Rotation, *given: Any, stop_at: int = stop_at) -> None:
                nonlocal done
                if done == stop_at:
                    raise Stopped
                done += 1
                await whole(self, *given)

            monkeypatch.setattr(Rotation, "_rewrap", stopping)
            with pytest.raises(Stopped):
                place.rotate(place.ring())
            assert place.all_open(), stop_at
        monkeypatch.setattr(Rotation, "_rewrap", whole)
        assert place.rotate(place.ring(), begin=False) > 0
        assert (place.keys(), place.all_open()) == (["server-key"], True)


class TestCommand:
    """`python -m platform_api.secrets`, as `cx server rotate-key` runs it."""

    def test_killed_ten_times_goes_on_and_no_read_fails(
        self,
        place: Place,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        versions = 6000
        self.fill(place, versions)
        reader = place.team.key(scopes=["project:read", "secret:read"])[0]
        chance = random.Random(7)
        settings = ServerSettings(tmp_path, database_url=place.plane.owner_url, key=KEY_TEXT)
        processes = multiprocessing.get_context("forkserver")
        processes.set_forkserver_preload([rotating.__name__])
        for number in range(1, 11):
            killed = processes.Process(target=rotating.rotated, args=(settings,))
            killed.start()
            while self.rewrapped(place) < versions * number / 12:
                assert killed.exitcode is None
                self.reads(place, reader, chance.randrange(2, versions))
            killed.kill()
            killed.join()
            assert killed.exitcode == -signal.SIGKILL
            self.reads(place, reader, chance.randrange(2, versions))
        monkeypatch.setenv("CYGNI_DATABASE_URL", place.plane.owner_url)
        monkeypatch.setenv("CYGNI_SERVER_KEY", KEY_TEXT)
        assert rotating.main(["--folder", str(tmp_path)]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["resumed"], told["root"], 0 < told["rewrapped"] < versions) == (True, "server-key", True)
        assert (place.keys(), place.all_open()) == (["server-key"], True)

    def fill(self, place: Place, versions: int) -> None:
        """The secret S0 with so many versions; the value of each is its number."""
        ring = place.ring()

        async def current() -> Any:
            database = Database(url_as(place.plane.owner_url, place.plane.roles.worker, KEY))
            try:
                async with database.transaction(Scope()) as session:
                    return await ring.current(session)
            finally:
                await database.close()

        key = asyncio.run(current())
        with psycopg.connect(place.plane.owner_url) as owner:
            row = owner.execute("SELECT organization_id, id FROM secrets WHERE name = 'S0'").fetchone()
            assert row is not None
            with owner.cursor().copy("COPY secret_versions FROM STDIN") as copy:
                for number in range(2, versions):
                    made = encrypt(key, str(number), Bound(row[0], row[1], number))
                    now = place.plane.clock.now()
                    copy.write_row((*row, number, key.id, made.wrapped_key, made.ciphertext, now, "{}"))

    def rewrapped(self, place: Place) -> int:
        """By the newest key, where there is more than one."""
        with psycopg.connect(place.plane.owner_url) as owner:
            keys = owner.execute("SELECT id FROM key_encryption_keys ORDER BY id DESC").fetchall()
            if len(keys) < 2:
                return 0
            query = "SELECT count(*) FROM secret_versions WHERE key_encryption_key_id = %s"
            [count] = owner.execute(query, keys[0]).fetchone() or [0]
            return int(count)

    def reads(self, place: Place, reader: Person, version: int) -> None:
        place.plane.clock.move(timedelta(milliseconds=100))  # within what one may ask in a minute
        answer = reader.get(f"{SECRETS}/S0/value?version={version}")
        assert (answer.status_code, answer.json().get("value")) == (200, str(version))


class TestServerKey:
    def test_is_that_of_the_environment_a_file_or_one_that_is_made(self, tmp_path: Path) -> None:
        (tmp_path / "key-file").write_text(f"{KEY_TEXT}\n")
        given = [{"CYGNI_SERVER_KEY": KEY_TEXT}, {"CYGNI_SERVER_KEY_FILE": str(tmp_path / "key-file")}]
        for environ in given:
            settings = ServerSettings.from_environment({**environ, "CYGNI_DATA_DIR": str(tmp_path)})
            assert server_key(settings).derived("x") == KEY.derived("x")
            assert KEY_TEXT not in repr(settings)
            assert not (tmp_path / "server" / "key").exists()
        made = ServerSettings.from_environment({"CYGNI_DATA_DIR": str(tmp_path)})
        assert server_key(made).derived("x") == server_key(made).derived("x") != KEY.derived("x")
        with pytest.raises(UsageError, match="both set"):
            ServerSettings.from_environment({**given[0], **given[1]})

    @pytest.mark.parametrize("text", ["", "short", "hunter2-hunter2", "é" * 44])
    def test_that_is_none_is_refused_and_not_shown(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "key"
        file.write_text(text)
        for settings in (
            ServerSettings(tmp_path, key=text),
            ServerSettings(tmp_path, key_file=file),
        ):
            with pytest.raises(StateError, match="holds no key of a server") as refused:
                server_key(settings)
            assert not text or text not in refused.value.message


class TestRoots:
    def test_of_kms_take_over_from_the_servers_key(self, place: Place) -> None:
        with mock_aws():
            kms = boto3.client("kms", "us-east-1")
            first, second = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
            assert place.rotate(self.ring(place, CYGNI_SERVER_KMS_KEY=first)) == COUNT
            assert place.keys() == [f"kms {first}"]
            with pytest.raises(StateError, match="which this server does not know"):
                run(self.read(place, place.ring()))
            assert run(self.read(place, self.ring(place, CYGNI_SERVER_KMS_KEY=first))) == 7
            moved = self.ring(place, CYGNI_SERVER_KMS_KEY=second, CYGNI_SERVER_OLD_KMS_KEYS=first)
            assert place.rotate(moved) == COUNT + 1
            assert place.keys() == [f"kms {second}"]
            back = self.ring(place, CYGNI_SERVER_OLD_KMS_KEYS=second)
            assert place.rotate(back) == COUNT + 1
            assert (place.keys(), place.all_open()) == (["server-key"], True)

    def test_that_is_not_known_keeps_a_server_from_starting(self, place: Place, tmp_path: Path) -> None:
        settings = ServerSettings(tmp_path, database_url=place.plane.owner_url, key=KEY_TEXT, port=0)
        with mock_aws():
            arn = boto3.client("kms", "us-east-1").create_key()["KeyMetadata"]["Arn"]
            place.rotate(self.ring(place, CYGNI_SERVER_KMS_KEY=arn))
            with pytest.raises(StateError, match="which this server does not know") as refused:
                prepare(settings)
            assert "CYGNI_SERVER_OLD_KMS_KEYS" in (refused.value.hint or "")
            prepared = prepare(replace(settings, kms_key=arn))
            prepared.listener.close()
        with mock_aws(), pytest.raises(StateError, match="KMS did not decrypt"):  # another account
            prepare(replace(settings, kms_key=arn))

    def test_of_kms_open_only_what_they_wrapped_for_that_key(self) -> None:
        with mock_aws():
            kms = boto3.client("kms", "us-east-1")
            arn = kms.create_key()["KeyMetadata"]["Arn"]
            [root, _] = roots_of(ServerSettings(Path(), kms_key=arn), KEY)
            identifier = uuid.uuid4()
            wrapped = root.wrap(b"s" * 32, identifier)
            assert b"s" * 32 not in wrapped
            assert root.unwrap(wrapped, identifier) == b"s" * 32
            with pytest.raises(StateError, match="KMS did not decrypt"):
                root.unwrap(wrapped, uuid.uuid4())

    def test_without_a_region_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        with pytest.raises(StateError, match="cannot be asked"):
            roots_of(ServerSettings(Path(), kms_key="alias/cygni"), KEY)

    @pytest.fixture(autouse=True)
    def credentials(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")

    def ring(self, place: Place, **environ: str) -> KeyRing:
        return place.ring(*roots_of(ServerSettings.from_environment(environ), KEY))

    async def read(self, place: Place, ring: KeyRing) -> int:
        with psycopg.connect(place.plane.owner_url) as owner:
            row = owner.execute("SELECT organization_id, project_id, id FROM environments").fetchone()
        assert row is not None
        environment = Environment(
            organization_id=row[0],
            project_id=row[1],
            id=row[2],
            name="staging",
            created_at=place.plane.clock.now(),
        )
        database = Database(url_as(place.plane.owner_url, place.plane.roles.application, KEY))
        try:
            async with database.transaction(Scope(organization=row[0])) as session:
                store = SecretStore(session, ring, environment)
                assert await store.read("S7", None) == (1, "value 7")
                await store.write("S7", "value 7", Caller(user=uuid.uuid4()), place.plane.clock.now())
        finally:
            await database.close()
        return 7
