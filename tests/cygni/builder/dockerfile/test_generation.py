"""What is written for each project of the corpus of detection, and what is special about some of them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cygni.builder.detect import detect
from cygni.builder.detect.answer import Kind
from cygni.builder.dockerfile.generation import dockerfile_of, known_dockerfile
from cygni.builder.dockerfile.recipe import HOME
from cygni.errors import UsageError
from tests.cygni.builder.detect.test_corpus import cases, write

UNKNOWN = {
    "blazor", "http4s", "pedestal", "wisp", "gleam", "flutter", "scotty", "servant", "zap", "conda", "pixi", "yew", None,
}  # fmt: skip
"""Frameworks and tools that Cygni has no image for; None is a program that nothing is known of but its command."""

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
FASTAPI = "from fastapi import FastAPI\napp = FastAPI()\n"


def written(folder: Path) -> str:
    return dockerfile_of(folder, detect(folder))


def folder_with(tmp_path: Path, files: Mapping[str, str]) -> Path:
    folder = tmp_path / "project"
    write({"files": files}, folder)
    return folder


@pytest.mark.parametrize("case", [one for one in cases() if "encoding" not in one.values[0]])
def test_starts_what_was_detected_and_ends_small_and_not_as_root(
    case: Mapping[str, Any], tmp_path: Path
) -> None:
    """Read back by detection, the Dockerfile tells the port, and a command that starts the program."""
    folder = folder_with(tmp_path, case["files"])
    program = detect(folder).program
    text = known_dockerfile(folder, program)
    if text is None:
        assert (
            not program.deployable or {program.framework, program.package_manager, program.language} & UNKNOWN
        )
        return
    for name in ("Dockerfile", "Containerfile", "Procfile"):
        (folder / name).unlink(missing_ok=True)
    (folder / "Dockerfile").write_text(text)
    read = detect(folder).program
    assert read.start_command is not None
    assert program.kind is Kind.WORKER or read.port == (program.port or 8080)
    building, final = text.split("\nFROM ")[1:]
    assert " AS build" in building
    assert "\nUSER 10001:10001\n" in final
    assert "COPY . ." not in final
    assert f"target={HOME}" not in final  # caches of package managers belong to the first stage


class TestPython:
    def test_fetches_packages_before_the_program_is_there(self, tmp_path: Path) -> None:
        folder = folder_with(tmp_path, {"requirements.txt": "fastapi\nuvicorn\n", "main.py": FASTAPI})
        lines = written(folder).splitlines()
        assert lines.index("COPY requirements.txt ./") < lines.index("COPY . .")

    @pytest.mark.parametrize("line", ["-e .", "./vendored", "shop @ file:./shop", "-r ../shared.txt"])
    def test_copies_all_first_where_a_requirement_is_a_folder_of_the_project(
        self, line: str, tmp_path: Path
    ) -> None:
        folder = folder_with(tmp_path, {"requirements.txt": f"flask\n{line}\n", "app.py": FLASK})
        assert "COPY requirements.txt" not in written(folder)

    def test_has_what_requirements_include(self, tmp_path: Path) -> None:
        files = {"requirements.txt": "-r requirements/base.txt\nflask\n", "requirements/base.txt": "redis\n",
                 "app.py": FLASK}  # fmt: skip
        assert "COPY requirements/ ./requirements/" in written(folder_with(tmp_path, files))

    def test_takes_the_version_the_project_asks_for(self, tmp_path: Path) -> None:
        folder = folder_with(
            tmp_path, {".python-version": "3.11.9\n", "requirements.txt": "flask\n", "app.py": FLASK}
        )
        assert "FROM python:3.11-bookworm AS build" in written(folder)

    @pytest.mark.parametrize(
        ("lock", "alone"),
        [("uv.lock", "--no-install-project"), ("poetry.lock", "--no-root"), ("pdm.lock", "--no-self")],
    )
    def test_installs_packages_apart_from_the_project(self, lock: str, alone: str, tmp_path: Path) -> None:
        tool = "[tool.poetry]\nname = 'a'\n" if lock == "poetry.lock" else ""
        manifest = f"[project]\nname = 'a'\ndependencies = ['fastapi', 'uvicorn']\n{tool}"
        folder = folder_with(tmp_path, {"pyproject.toml": manifest, lock: "", "main.py": FASTAPI})
        text = written(folder)
        assert (
            text.index(alone)
            < text.index("COPY . .")
            < text.rindex("sync" if lock == "uv.lock" else "install")
        )


class TestNode:
    PACKAGE = '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "5"}, "devDependencies": {"jest": "1"}}'

    def test_starts_the_program_without_a_package_manager_in_between(self, tmp_path: Path) -> None:
        folder = folder_with(tmp_path, {"package.json": self.PACKAGE, "server.js": "app.listen(3000)"})
        assert 'CMD ["node", "server.js"]' in written(folder)

    def test_leaves_out_what_developers_need(self, tmp_path: Path) -> None:
        folder = folder_with(tmp_path, {"package.json": self.PACKAGE, "server.js": ""})
        assert "npm prune --omit=dev" in written(folder)

    @pytest.mark.parametrize(
        "start", ["tsx server.ts", "node -r ts-node/register server.ts", "node --import tsx a.ts"]
    )
    def test_keeps_it_where_the_start_needs_it(self, start: str, tmp_path: Path) -> None:
        package = f'{{"scripts": {{"start": "{start}"}}, "dependencies": {{"express": "5"}}, "devDependencies": {{"tsx": "4"}}}}'
        folder = folder_with(tmp_path, {"package.json": package, "server.ts": ""})
        assert "prune" not in written(folder)

    def test_leaves_scripts_of_several_commands_to_npm(self, tmp_path: Path) -> None:
        package = (
            '{"scripts": {"start": "node migrate.js && node server.js"}, "dependencies": {"express": "5"}}'
        )
        folder = folder_with(tmp_path, {"package.json": package, "pnpm-lock.yaml": "", "server.js": ""})
        assert 'CMD ["npm", "run", "start"]' in written(folder)

    @pytest.mark.parametrize(
        "more",
        [
            {"package.json": '{"workspaces": ["packages/*"], "scripts": {"start": "node a.js"}, "dependencies": {"a": "1"}}'},
            {"package.json": '{"scripts": {"start": "node a.js", "postinstall": "node b.js"}, "dependencies": {"a": "1"}}'},
            {"package.json": '{"scripts": {"start": "node a.js"}, "dependencies": {"a": "file:./a"}}'},
            {"patches/a.patch": ""},
        ],
    )  # fmt: skip
    def test_copies_all_first_where_the_install_needs_it(
        self, more: Mapping[str, str], tmp_path: Path
    ) -> None:
        folder = folder_with(tmp_path, {"package.json": self.PACKAGE, "a.js": "", "server.js": "", **more})
        assert "COPY package.json" not in written(folder)


class TestCompiled:
    def test_keeps_what_a_program_reads_and_not_its_sources(self, tmp_path: Path) -> None:
        folder = folder_with(
            tmp_path, {"go.mod": "module a\ngo 1.23\n", "main.go": "package main\nfunc main() {}"}
        )
        text = written(folder)
        assert "find . -type f \\( -name '*.go'" in text
        assert "COPY --from=build /etc/ssl/certs/ca-certificates.crt" in text

    def test_takes_what_rust_builds_out_of_the_cache(self, tmp_path: Path) -> None:
        manifest = '[package]\nname = "tram"\n[dependencies]\naxum = "0.8"\n'
        folder = folder_with(tmp_path, {"Cargo.toml": manifest, "src/main.rs": "fn main() {}"})
        assert "cp /target/release/tram target/release/" in written(folder)

    def test_copies_all_first_where_a_module_is_in_the_project(self, tmp_path: Path) -> None:
        module = "module a\ngo 1.23\nreplace example.org/b => ./b\n"
        folder = folder_with(tmp_path, {"go.mod": module, "main.go": "package main\nfunc main() {}"})
        assert "COPY go.mod" not in written(folder)


class TestOthers:
    def test_a_site_is_served_by_a_server_of_files(self, tmp_path: Path) -> None:
        folder = folder_with(tmp_path, {"index.html": "<p>hello"})
        text = written(folder)
        assert "COPY --from=build /app/ /srv" in text
        assert "caddy file-server --root /srv --listen :$PORT" in text

    def test_a_jar_goes_into_an_image_without_a_compiler(self, tmp_path: Path) -> None:
        pom = (
            "<project><artifactId>bill</artifactId><version>1</version><parent>"
            "<groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId>"
            "<version>3.3.0</version></parent><dependencies><dependency><groupId>org.springframework.boot</groupId>"
            "<artifactId>spring-boot-starter-web</artifactId></dependency></dependencies></project>"
        )
        text = written(folder_with(tmp_path, {"pom.xml": pom}))
        assert "-jre\n" in text.split("\nFROM ")[2]
        assert "COPY --from=build /app/target/bill-1.jar /app/target/bill-1.jar" in text

    def test_a_start_of_cygni_yaml_that_names_the_port_is_left_as_it_is(self, tmp_path: Path) -> None:
        folder = folder_with(tmp_path, {"shop.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web" />'})
        start = "sh -c 'exec env ASPNETCORE_URLS=http://0.0.0.0:${PORT} dotnet out/shop.dll'"
        text = dockerfile_of(folder, detect(folder), start)
        [command] = re.findall(r"^CMD (.*)$", text, re.MULTILINE)
        assert json.loads(command) == shlex.split(start)

    def test_extensions_of_php_are_in_both_stages(self, tmp_path: Path) -> None:
        composer = '{"require": {"slim/slim": "4", "ext-gd": "*", "ext-json": "*"}}'
        text = written(folder_with(tmp_path, {"composer.json": composer, "public/index.php": "<?php"}))
        assert text.count("docker-php-ext-install gd") == 2

    def test_system_packages_are_in_both_stages(self, tmp_path: Path) -> None:
        files = {"requirements.txt": "flask\n", "app.py": FLASK, "Aptfile": "ffmpeg\n"}
        assert written(folder_with(tmp_path, files)).count("ffmpeg") == 2

    def test_what_nobody_knows_is_said(self, tmp_path: Path) -> None:
        folder = folder_with(
            tmp_path, {"environment.yml": "name: a\ndependencies: [flask]\n", "app.py": FLASK}
        )
        with pytest.raises(UsageError, match="knows no image"):
            written(folder)

    def test_a_worker_listens_nowhere(self, tmp_path: Path) -> None:
        folder = folder_with(
            tmp_path, {"Procfile": "worker: python jobs.py\n", "requirements.txt": "celery\n"}
        )
        text = written(folder)
        assert "EXPOSE" not in text
        assert "HEALTHCHECK" not in text
