"""An image by Buildah, from a Dockerfile that Cygni writes, of a base that debootstrap makes.

It fetches Debian's packages, so it is run where Buildah and debootstrap are installed and CYGNI_TEST_REGISTRIES=1.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from cygni.builder.dockerfile.recipe import HOME
from cygni.builder.images.building import Built, build_source
from cygni.builder.images.sources import image_source
from cygni.builder.images.tools import tool_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        os.environ.get("CYGNI_TEST_REGISTRIES") != "1"
        or not (shutil.which("buildah") and shutil.which("debootstrap")),
        reason="fetches packages, with Buildah and debootstrap: set CYGNI_TEST_REGISTRIES=1",
    ),
]
PROGRAM = """\
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"user {os.getuid()}".encode())

HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""
LARGEST_ADDITION = 1024 * 1024
"""Bytes: of a program of one file, the final stage adds a user and the file."""


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Buildah's storage with the two images of Python 3.11, made from Debian's packages."""
    folder = tmp_path_factory.mktemp("buildah")
    place = pytest.MonkeyPatch()
    place.setenv("STORAGE_DRIVER", "vfs")
    place.setenv("BUILDAH_ISOLATION", "chroot")
    place.setenv("CONTAINERS_STORAGE_CONF", str(_configuration(folder)))
    python = "python3,ca-certificates,passwd,bash"
    run("debootstrap", "--variant=minbase", f"--include={python}", "bookworm", str(folder / "base"))
    (folder / "base/usr/bin/python").symlink_to("python3")
    (folder / "Base").write_text("FROM scratch\nCOPY base/ /\n")
    for tag in ("3.11-bookworm", "3.11-slim-bookworm"):
        run(
            "buildah",
            "build",
            "--file",
            str(folder / "Base"),
            "--tag",
            f"docker.io/library/python:{tag}",
            str(folder),
        )
    return folder


def _configuration(folder: Path) -> Path:
    file = folder / "storage.conf"
    file.write_text(f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/images"\nrunroot = "{folder}/run"\n')
    return file


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def built(folder: Path) -> Built:
    source = image_source(folder)
    return build_source(tool_of("buildah"), source, "localhost/shop/web:1", "linux/amd64", lambda line: None)


def size(image: str) -> int:
    [found] = json.loads(run("buildah", "images", "--json", "--no-trunc", image))
    return (
        int(found["size"])
        if isinstance(found["size"], int)
        else int(float(found["size"].split()[0]) * 1024 * 1024)
    )


def test_an_image_runs_as_nobody_special_is_small_and_is_not_built_twice(
    storage: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "app.py").write_text(PROGRAM)
    (folder / ".python-version").write_text("3.11\n")
    first = built(folder)
    assert first.cached == 0
    container = run("buildah", "from", first.image_id).strip()
    try:
        assert run("buildah", "run", container, "--", "id", "-u").strip() == "10001"
        asked = (
            "PORT=18923 python app.py >/dev/null 2>&1 & "
            "for n in 1 2 3 4 5 6 7 8 9 10; do sleep 0.5; exec 3<>/dev/tcp/127.0.0.1/18923 && break; done 2>/dev/null; "
            "printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3; kill %1"
        )
        answer = run("buildah", "run", container, "--", "bash", "-c", asked)
        assert answer.endswith("user 10001")
    finally:
        run("buildah", "rm", container)
    assert size(first.reference) - size("docker.io/library/python:3.11-slim-bookworm") < LARGEST_ADDITION
    again = built(folder)
    assert again.image_id == first.image_id
    assert again.cached == again.steps
    (folder / "app.py").write_text(PROGRAM + "# changed\n")
    changed = built(folder)
    assert changed.image_id != first.image_id
    assert 0 < changed.cached < changed.steps


def test_no_layer_has_a_secret_of_its_build(storage: Path, tmp_path: Path) -> None:
    secrets = {"TOKEN": b"hunter2-of-a-variable", "npmrc": b"hunter2-of-a-file"}
    folder = tmp_path / "app"
    folder.mkdir()
    used = "sha256sum > /used.$(date +%N)"
    (folder / "Dockerfile").write_text(
        "FROM docker.io/library/python:3.11-slim-bookworm\n"
        "RUN --mount=type=secret,id=TOKEN,required=true "
        'export TOKEN="$(cat /run/secrets/TOKEN)" && echo $TOKEN && echo $TOKEN | grep -q a-variable && '
        f"{used} < /dev/null\n"
        f"RUN --mount=type=secret,id=npmrc,target={HOME}/.npmrc,required=true grep -q a-file {HOME}/.npmrc && {used}"
        f" < {HOME}/.npmrc\n"
    )
    heard: list[str] = []
    source = image_source(folder)
    image = build_source(tool_of("buildah"), source, "localhost/a:1", "linux/amd64", heard.append, secrets)
    run("buildah", "push", image.image_id, f"dir:{tmp_path / 'layers'}")
    files = [file.read_bytes() for file in (tmp_path / "layers").iterdir()]
    contents = [gzip.decompress(file) if file[:2] == b"\x1f\x8b" else file for file in files]
    assert any(b"used." in content for content in contents)
    assert not any(b"hunter2" in content for content in contents)
    assert "[secret]" in "\n".join(heard)
    assert "hunter2" not in "\n".join(heard)
