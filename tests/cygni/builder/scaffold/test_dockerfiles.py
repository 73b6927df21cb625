from __future__ import annotations

import json
from pathlib import Path

from cygni.builder.detect import detect
from cygni.builder.images.sources import image_source
from cygni.builder.scaffold.dockerfiles import dockerfiles
from cygni.builder.scaffold.plan import services_of
from cygni.builder.scaffold.text import spec_text
from cygni.spec import parse_spec
from stacks.image_builds import image_build


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def workspace(folder: Path) -> Path:
    """Of npm, with two programs and a package that one of them needs."""
    packages = {
        "package.json": {"name": "shop", "private": True, "workspaces": ["apps/*", "packages/*"]},
        "package-lock.json": {"name": "shop", "lockfileVersion": 3, "packages": {}},
        "apps/web/package.json": {
            "name": "@shop/web", "scripts": {"start": "next start", "build": "next build"},
            "dependencies": {"next": "15", "react": "19", "@shop/ui": "*"},
        },
        "apps/api/package.json": {
            "name": "@shop/api", "scripts": {"start": "node server.js"}, "dependencies": {"express": "4"},
        },
        "packages/ui/package.json": {"name": "@shop/ui", "main": "index.js"},
    }  # fmt: skip
    return write(folder, **{name: json.dumps(one) for name, one in packages.items()})


class TestDockerfiles:
    def test_are_one_for_each_member_of_a_workspace_in_its_folder(self, tmp_path: Path) -> None:
        folder = workspace(tmp_path)
        services, texts = dockerfiles(folder, services_of(detect(folder)))
        assert {one.name: one.dockerfile for one in services} == {
            "web": "apps/web/Dockerfile",
            "api": "apps/api/Dockerfile",
        }
        assert texts.keys() == {Path("apps/web/Dockerfile"), Path("apps/api/Dockerfile")}
        assert 'CMD ["next", "start"]' in texts[Path("apps/web/Dockerfile")]
        assert "WORKDIR /app/apps/api\n" in texts[Path("apps/api/Dockerfile")]

    def test_of_a_member_are_built_from_the_root(self, tmp_path: Path) -> None:
        folder = workspace(tmp_path)
        _, texts = dockerfiles(folder, services_of(detect(folder)))
        write(folder, **{path.as_posix(): text for path, text in texts.items()})
        source = image_source(folder, "apps/api/Dockerfile")
        assert "COPY package.json package-lock.json ./" in source.dockerfile
        assert not source.written

    def test_leave_that_of_a_member_as_it_is(self, tmp_path: Path) -> None:
        folder = write(workspace(tmp_path), **{"apps/api/Dockerfile": "FROM scratch\n"})
        _, texts = dockerfiles(folder, services_of(detect(folder)))
        assert Path("apps/api/Dockerfile") not in texts

    def test_that_a_member_has_for_the_root_is_what_its_image_is_built_by(self, tmp_path: Path) -> None:
        own = "FROM scratch\nCOPY package.json ./apps/api/server.js /\n"
        folder = write(workspace(tmp_path), **{"apps/api/Dockerfile": own})
        services = services_of(detect(folder))
        spec = parse_spec(spec_text("shop", "eu-west-1", services), "cygni.yaml", "local")
        image = image_build(spec, folder, "api")
        assert not image.source.written
        assert image.source.dockerfile.startswith("FROM scratch\n")
        assert image_build(spec, folder, "web").source.written

    def test_that_a_member_has_for_its_own_folder_is_not_built_from_the_root(self, tmp_path: Path) -> None:
        own = "FROM scratch\nCOPY . /apps/api\nCOPY --from=build apps/api /\nCOPY apps/api2 /\n"
        folder = write(workspace(tmp_path), **{"apps/api/Dockerfile": own})
        services = services_of(detect(folder))
        assert {one.name: one.dockerfile for one in services} == {"web": None, "api": None}

    def test_are_one_for_each_process_of_a_procfile(self, tmp_path: Path) -> None:
        folder = write(
            tmp_path,
            **{
                "requirements.txt": "fastapi\nuvicorn\n",
                "main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
                "work.py": "",
                "Procfile": "web: uvicorn main:app --port $PORT\nworker: python work.py\n",
            },
        )
        services, texts = dockerfiles(folder, services_of(detect(folder)))
        assert {one.name: one.dockerfile for one in services} == {
            "web": "Dockerfile",
            "worker": "Dockerfile.worker",
        }
        assert 'CMD ["python", "work.py"]' in texts[Path("Dockerfile.worker")]
        assert "main:app" in texts[Path("Dockerfile")]

    def test_leave_all_to_one_that_is_there(self, tmp_path: Path) -> None:
        folder = write(
            tmp_path,
            Dockerfile="FROM python:3.13\nEXPOSE 80\n",
            **{"main.py": "", "Procfile": "web: python main.py\n"},
        )
        services, texts = dockerfiles(folder, services_of(detect(folder)))
        assert (texts, {one.dockerfile for one in services}) == ({}, {"Dockerfile"})
