"""The registry of the local cloud, and Buildah: what `cx build --push` pushes is pulled again. No engine, no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from pathlib import Path

import pytest

from cygni.targets.ecr import image_digest, login
from cygni.targets.fargate.clients import Clients
from tests.conftest import aws_clients
from tests.e2e.project import CX

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("buildah") is None, reason="Buildah is not installed"),
]


def test_an_image_is_pushed_by_a_real_tool_and_pulled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = tmp_path / "storage.conf"
    place = f'graphroot = "{tmp_path}/images"\nrunroot = "{tmp_path}/run"\n'
    storage.write_text(f'[storage]\ndriver = "vfs"\n{place}')
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(storage))
    monkeypatch.setenv("STORAGE_DRIVER", "vfs")
    monkeypatch.setenv("BUILDAH_ISOLATION", "chroot")
    project = f"s{uuid.uuid4().hex[:8]}"
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY data /data\n")
    (folder / "data").write_bytes(os.urandom(3 * 1024 * 1024))
    (folder / "cygni.yaml").write_text(
        f"project: {project}\nregion: us-east-1\nservices: {{web: {{kind: worker, build: {{tag: v1}}}}}}\n"
    )
    try:
        endpoint = run(CX, "local", "up", "--json", cwd=folder).partition('"endpoint":')[2].split('"')[1]
        aws_clients(endpoint)("ecr").create_repository(
            repositoryName=f"{project}/local/web", imageTagMutability="IMMUTABLE"
        )
        said = run(CX, "build", "--push", "--tool", "buildah", cwd=folder)
        clients = Clients({"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1", **KEYS})
        digest, given = image_digest(clients, f"{project}/local/web", "v1"), login(clients)
        address = f"{given.registry}/{project}/local/web"
        assert f"pushed as {address}:v1" in said
        credentials = f"--creds={given.user}:{given.password}"
        run("buildah", "rmi", "--all", "--force")
        run("buildah", "pull", "--tls-verify=false", credentials, f"{address}@{digest}")
        run("buildah", "push", f"{address}@{digest}", f"dir:{tmp_path / 'pulled'}")
        assert (tmp_path / "pulled" / "manifest.json").is_file()
        assert "is there already, and stays" in run(CX, "build", "--push", "--tool", "buildah", cwd=folder)
    finally:
        run(CX, "local", "down", cwd=folder)


KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


def run(*command: str, cwd: Path | None = None) -> str:
    """Everything it says, which it has to say in the end."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
