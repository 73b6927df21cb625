from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path

from cygni.builder.images.sources import image_source
from cygni.targets.build_source import write_archive


def test_has_the_dockerfile_and_the_context_as_a_build_sees_it(tmp_path: Path) -> None:
    folder = tmp_path / "web"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "run").write_text("#!/bin/sh\n")
    (folder / "bin" / "run").chmod(0o755)
    (folder / "link").symlink_to("bin/run")
    (folder / ".dockerignore").write_text(".env\n")
    (folder / ".env").write_text("TOKEN=hunter2")
    (folder / "Dockerfile").write_text("FROM scratch\n")
    archives = [tmp_path / "a.zip", tmp_path / "b.zip"]
    for archive in archives:
        write_archive(image_source(folder), archive)
    assert archives[0].read_bytes() == archives[1].read_bytes()
    with zipfile.ZipFile(archives[0]) as sent, sent.open("context.tar.gz") as packed:
        assert sent.read("Dockerfile") == b"FROM scratch\n"
        with tarfile.open(fileobj=packed) as tar:
            found = {one.name: (one.mode, one.linkname, one.uid) for one in tar}
    assert found == {
        ".dockerignore": (0o644, "", 0),
        "Dockerfile": (0o644, "", 0),
        "bin": (0o755, "", 0),
        "bin/run": (0o755, "", 0),
        "link": (0o644, "bin/run", 0),
    }
