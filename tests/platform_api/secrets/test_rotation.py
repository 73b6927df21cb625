"""Rotation of the key-encryption keys, stopped and gone on with, while secrets are read."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine
from typing import Any

import boto3
import psycopg
import pytest
from moto import mock_aws

from cygni.errors import StateError
from platform_api.access.caller import Caller
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope
from platform_api.environments.models import Environment
from platform_api.secrets import rotation
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import KmsRoot, Root, ServerKeyRoot
from platform_api.secrets.rotation import Rotation
from platform_api.secrets.service import SecretStore
from tests.platform_api.conftest import KEY, ControlPlane
from tests.platform_api.people import Team

SHOP = "/v1/organizations/acme/projects/shop"
SECRETS = f"{SHOP}/environments/staging/secrets"
COUNT = 23


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


class TestRoots:
    def test_of_kms_take_over_from_the_servers_key(self, place: Place) -> None:
        with mock_aws():
            kms = boto3.client("kms", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
            key = KmsRoot(kms, kms.create_key()["KeyMetadata"]["Arn"])
            assert place.rotate(place.ring(key, ServerKeyRoot(KEY))) == COUNT
            assert place.keys() == [key.name]
            with pytest.raises(StateError, match="which this server does not know"):
                run(self.read(place, place.ring()))
            assert run(self.read(place, place.ring(key))) == 7

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
