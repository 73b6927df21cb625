"""A drill: all that a control plane keeps is in a new one afterwards, and it goes on."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cygni.control_plane import backups, process
from cygni.control_plane.api import Api
from cygni.control_plane.files import server_folder
from cygni.control_plane.process import ControlPlane
from cygni.errors import CygniError, DocumentError, NotFound, UsageError
from cygni.settings import Settings
from platform_api.database import embedded
from platform_api.database.roles import roles_of, url_as
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.server_key import KEY
from tests.platform_api.worker import cloud, ledger_runner
from tests.postgres_server import server_on_loopback

Start = Callable[..., ControlPlane]
ADA = {"email": "ada@example.com", "password": "correct horse battery"}
SHOP = ("/v1/organizations", "acme", "projects", "shop")
SECRETS = (*SHOP, "environments", "staging", "secrets")
KEY_TEXT = base64.b64encode(b"k" * 32) + b"\n"
"""Of `KEY`, which the stand-in worker has."""


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Settings]:
    """Of another machine, on which nothing is yet."""
    made = Settings(data_dir=tmp_path / "new", cache_dir=tmp_path / "cache")
    yield made
    process.stop(made)


def environ(settings: Settings, **more: str) -> dict[str, str]:
    return {**os.environ, "CYGNI_DATA_DIR": str(settings.data_dir), "CYGNI_SERVER_WORKER": "off", **more}


def key_of(settings: Settings) -> Path:
    return server_folder(settings.data_dir) / "key"


def give_key(old: Settings, new: Settings) -> None:
    key_of(new).parent.mkdir(parents=True, mode=0o700)
    shutil.copy(key_of(old), key_of(new))


def signed_in(found: ControlPlane) -> Api:
    tokens = Api(found.url).post("/v1/sessions", body=ADA)
    return Api(found.url, lambda: str(tokens["access_token"]))


def filled(found: ControlPlane) -> None:
    """With an account, a project and a secret."""
    wanted: dict[str, Any] = {**ADA, "token": found.setup_token, "name": "Ada"}
    wanted["organization"] = {"slug": "acme", "name": "Acme"}
    Api(found.url).post("/v1/setup", body=wanted)
    api = signed_in(found)
    api.post(*SHOP[:-1], body={"slug": "shop"})
    api.post(*SHOP, "environments", body={"name": "staging"})
    api.put(*SECRETS, "TOKEN", body={"value": "hunter2"})


def under_way(found: ControlPlane, settings: Settings) -> list[str]:
    """A deployment whose worker was lost while it applied, and one that waits for its turn."""
    api, source = signed_in(found), str(uuid.uuid4())
    with psycopg.connect(embedded.start(server_folder(settings.data_dir)), autocommit=True) as owner:
        sent = "INSERT INTO sources SELECT organization_id, %s, id, 'digest', %s, now(), '{}' FROM projects"
        owner.execute(sent, (source, archive()))
        staging = (*SHOP, "environments", "staging", "deployments")
        made = [str(api.post(*staging, body={"source": source})["id"]) for _ in range(2)]
        lost = "UPDATE deployments SET status = 'applying', attempt = 1, fence = 1, worker = 'lost', "
        owner.execute(f"{lost} lease_expires_at = now() - interval '1 hour' WHERE id = %s", (made[0],))
    return made


def statuses(api: Api, deployments: list[str]) -> list[str]:
    listed = api.get(*SHOP, "environments", "staging", "deployments")["items"]
    found = {one["id"]: one["status"] for one in listed}
    return [found[one] for one in deployments]


class TestBackup:
    def test_is_restored_into_a_new_one_that_goes_on(
        self, settings: Settings, start: Start, new: Settings, tmp_path: Path
    ) -> None:
        """The new one has a PostgreSQL of its own, which listens on a port and asks for a password."""
        key_of(settings).parent.mkdir(parents=True, mode=0o700)
        key_of(settings).write_bytes(KEY_TEXT)
        found = start(CYGNI_SERVER_WORKER="off")
        filled(found)
        deployments = under_way(found, settings)
        file = tmp_path / "backup.tar"
        made = backups.back_up(settings, environ(settings), file)
        assert file.stat().st_mode & 0o077 == 0
        content = file.read_bytes()
        assert (b"hunter2" in content, key_of(settings).read_bytes().strip() in content) == (False, False)
        self.needs_the_key_and_an_empty_place(settings, new, file)

        with server_on_loopback("cygni") as elsewhere:
            there = environ(new, CYGNI_DATABASE_URL=elsewhere.url)
            assert backups.restore(new, there, file) == made
            assert not (server_folder(new.data_dir) / "postgres").exists()
            again = process.start(new, there, host=None, port=0)
            self.goes_on(again, deployments, elsewhere.url, tmp_path)
            with pytest.raises(UsageError, match="the control plane serves"):
                backups.restore(new, there, file)
            process.stop(new)
            with pytest.raises(UsageError, match="there is a control plane in the database already"):
                backups.restore(new, there, file)
            twice = tmp_path / "again.tar"
            assert backups.back_up(new, there, twice)["key"] == made["key"]

    def goes_on(self, found: ControlPlane, deployments: list[str], url: str, folder: Path) -> None:
        assert found.setup_token is None
        api = signed_in(found)
        assert api.get(*SECRETS, "TOKEN", "value")["value"] == "hunter2"
        verified = api.get("/v1/organizations", "acme", "audit", "verification")
        assert (verified["broken_at"], verified["entries"] >= 4) == (None, True)
        api.put(*SECRETS, "TOKEN", body={"value": "hunter3"})
        assert [one["version"] for one in api.get(*SECRETS)["items"]] == [2]
        worker = url_as(url, roles_of(url).worker, KEY)
        command = [sys.executable, "-m", ledger_runner.__name__, worker, str(folder), "new", "1", "quick"]
        with subprocess.Popen(command) as working:
            until = time.monotonic() + 90
            while statuses(api, deployments) != ["succeeded", "succeeded"]:
                assert time.monotonic() < until, statuses(api, deployments)
                time.sleep(0.1)
            working.terminate()
        made = cloud.made(folder / "ledger")
        assert all(len(set(made[one])) == len(made[one]) > 0 for one in deployments)

    def needs_the_key_and_an_empty_place(self, old: Settings, new: Settings, file: Path) -> None:
        with pytest.raises(UsageError, match="is not that of the backup"):
            backups.restore(new, environ(new), file)
        key_of(new).unlink()
        shutil.rmtree(key_of(new).parent)
        give_key(old, new)
        with pytest.raises(UsageError, match="is there already"):
            backups.back_up(old, environ(old), file)

    def test_of_nothing_is_refused(self, new: Settings, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match="no control plane here"):
            backups.back_up(new, environ(new), tmp_path / "backup.tar")

    def test_that_is_none_or_damaged_is_refused(
        self, settings: Settings, start: Start, new: Settings, tmp_path: Path
    ) -> None:
        start(CYGNI_SERVER_WORKER="off")
        file = tmp_path / "backup.tar"
        backups.back_up(settings, environ(settings), file)
        give_key(settings, new)
        whole = file.read_bytes()
        half = len(whole) // 2
        changed = whole[:half] + bytes([whole[half] ^ 1]) + whole[half + 1 :]
        cases: list[tuple[bytes, type[CygniError]]] = [
            (b"", DocumentError),
            (b"not a tar at all", DocumentError),
            (whole[:half], DocumentError),
            (changed, DocumentError),
        ]
        for content, kind in cases:
            file.write_bytes(content)
            with pytest.raises(kind):
                backups.restore(new, environ(new), file)
        assert not (server_folder(new.data_dir) / "postgres").exists()  # nothing was begun
