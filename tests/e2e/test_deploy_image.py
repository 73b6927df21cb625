"""The image of the control plane's server, built by Buildah on a base that debootstrap makes, and run read-only.

It fetches packages of Debian and of Python, so it is run where Buildah and debootstrap are installed and
CYGNI_TEST_REGISTRIES=1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BASE = "localhost/python:3.11-slim-bookworm"
IMAGE = "localhost/cygni-server:test"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(
        os.environ.get("CYGNI_TEST_REGISTRIES") != "1"
        or not (shutil.which("buildah") and shutil.which("debootstrap")),
        reason="fetches packages, with Buildah and debootstrap: set CYGNI_TEST_REGISTRIES=1",
    ),
]


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of the stage `server`: that of workers adds the engine, which is fetched from where it is published."""
    folder = tmp_path_factory.mktemp("buildah")
    place = pytest.MonkeyPatch()
    configuration = folder / "storage.conf"
    configuration.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/images"\nrunroot = "{folder}/run"\n'
    )
    place.setenv("STORAGE_DRIVER", "vfs")
    place.setenv("BUILDAH_ISOLATION", "chroot")
    place.setenv("CONTAINERS_STORAGE_CONF", str(configuration))
    packages = "python3,python3-venv,ca-certificates,passwd"
    run("debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", str(folder / "base"))
    shutil.copy(CERTIFICATES, folder / "base" / CERTIFICATES.lstrip("/"))  # those of a proxy, if there is one
    trust = f"SSL_CERT_FILE={CERTIFICATES} PIP_CERT={CERTIFICATES} UV_SYSTEM_CERTS=1"
    (folder / "Base").write_text(f"FROM scratch\nCOPY base/ /\nENV {trust}\n")
    run("buildah", "build", "--file", str(folder / "Base"), "--tag", BASE, str(folder))
    python = ("--build-arg", f"PYTHON={BASE}")
    dockerfile = str(ROOT / "deploy/Dockerfile")
    run("buildah", "build", *python, "--file", dockerfile, "--target", "server", "--tag", IMAGE, str(ROOT))
    return IMAGE


def test_serves_as_nobody_special_and_writes_into_its_volume_alone(image: str) -> None:
    container = run("buildah", "from", image).strip()

    def inside(script: str) -> str:
        return run("buildah", "run", container, "--", "/bin/sh", "-c", script).strip()

    try:
        assert inside("id -u") == "10001"
        assert inside("cx --version").startswith("cx ")
        assert inside("touch /opt/cygni/x 2>/dev/null || echo refused") == "refused"
        served = inside(
            "export CYGNI_SERVER_PORT=18947; cx server run >/tmp/log 2>&1 & "
            "for n in $(seq 60); do sleep 1; python3 -c '"
            'import urllib.request as u; print(u.urlopen("http://127.0.0.1:18947/ready").read().decode())'
            "' 2>/dev/null && break; done; kill $!; wait; "
            "ls /data/server; find / -xdev -newer /proc/1/stat -user 10001 -type f "
            "-not -path '/data/*' -not -path '/tmp/*' -not -path '/proc/*' 2>/dev/null || true"
        )
        assert "setup-token" in served
        assert "/opt/" not in served
    finally:
        run("buildah", "rm", container)
