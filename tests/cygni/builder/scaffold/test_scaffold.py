"""What is written for a project: how it is made and started locally, and a cygni.yaml that is read back."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from cygni.builder.detect import Kind, detect
from cygni.builder.detect.answer import Program
from cygni.builder.scaffold.bundle import bundle_of, in_shell
from cygni.builder.scaffold.ignore import ignore_text, languages_of
from cygni.builder.scaffold.plan import project_name, services_of
from cygni.builder.scaffold.template import template_for, templates, write_template
from cygni.builder.scaffold.text import scalar, spec_text
from cygni.builder.scaffold.writing import write_new
from cygni.errors import UsageError
from cygni.local_cloud.images.start import start_command
from cygni.spec import ProjectSpec, parse_spec
from cygni.spec.yaml_document import read_document

CORPUS = Path(__file__).parents[1] / "detect" / "corpus"


def spec_of(folder: Path) -> ProjectSpec:
    text = spec_text(project_name(folder.name), "us-east-1", services_of(detect(folder)))
    return parse_spec(text, "cygni.yaml", "local")


def lay(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        path = folder / name.replace("__", ".").replace("_in_", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def built(folder: Path, service: str = "web") -> tuple[list[str], str]:
    build = spec_of(folder).services[service].build
    assert build is not None
    assert build.start is not None
    return list(build.steps), build.start


class TestBundle:
    def test_of_python_has_its_packages_in_a_place_that_may_move(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            requirements__txt="flask\ngunicorn\n",
            app__py="from flask import Flask\nx = Flask('a')\n",
        )
        steps, start = built(tmp_path)
        assert steps == [
            "python3 -m venv .venv",
            ".venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt",
        ]
        assert start_command(start) == (
            "sh",
            "-c",
            "exec .venv/bin/python .venv/bin/gunicorn app:x --bind ${HOST:-0.0.0.0}:${PORT:-5000}",
        )

    @pytest.mark.parametrize(
        ("program", "steps", "start"),
        [
            (Program(language="python", start_command="python main.py"), (), "python3 main.py"),
            (
                Program(
                    language="python",
                    package_manager="poetry",
                    install_command="poetry install",
                    start_command="python a.py",
                ),
                ("POETRY_VIRTUALENVS_IN_PROJECT=true poetry install",),
                ".venv/bin/python a.py",
            ),
            (
                Program(
                    language="python",
                    install_command="pip install .",
                    start_command="env PYTHONPATH=src hypercorn a:b",
                ),
                (
                    "python3 -m venv .venv",
                    ".venv/bin/python -m pip install --quiet --disable-pip-version-check .",
                ),
                "env PYTHONPATH=src .venv/bin/python .venv/bin/hypercorn a:b",
            ),
            (
                Program(
                    language="go",
                    install_command="go mod download",
                    build_command="go build -o app .",
                    start_command="./app",
                ),
                ("go build -o app .",),
                "./app",
            ),
            (
                Program(
                    language="java",
                    framework="spring-boot",
                    build_command="mvn package",
                    start_command="java -jar a.jar",
                ),
                ("mvn package",),
                "sh -c 'exec java -Dserver.port=${PORT:-8080} -Dserver.address=${HOST:-0.0.0.0} -jar a.jar'",
            ),
            (
                Program(language="csharp", framework="aspnetcore", start_command="dotnet out/A.dll"),
                (),
                "sh -c 'exec env ASPNETCORE_URLS=http://${HOST:-0.0.0.0}:${PORT:-8080} dotnet out/A.dll'",
            ),
            (
                Program(language="node", port=9000, start_command="node a.js --port 9000"),
                (),
                "sh -c 'exec node a.js --port ${PORT:-9000}'",
            ),
            (
                Program(language="elixir", start_command="MIX_ENV=prod mix phx.server"),
                (),
                "sh -c 'exec env MIX_ENV=prod mix phx.server'",
            ),
            (Program(language="ruby", start_command="a && b"), (), "sh -c 'a && b'"),
            (
                Program(kind=Kind.STATIC, build_command="npm run build", output_directory="my site"),
                ("npm run build",),
                in_shell(
                    "python3 -m http.server ${PORT:-8080} --bind ${HOST:-0.0.0.0} --directory 'my site'"
                ),
            ),
            (
                Program(
                    language="go", start_command="/app", bare_start_command="./app", dockerfile="Dockerfile"
                ),
                (),
                "./app",
            ),
        ],
    )
    def test_of_a_program(self, program: Program, steps: tuple[str, ...], start: str) -> None:
        bundle = bundle_of(program)
        assert bundle is not None
        assert (bundle.steps, bundle.start) == (steps, start)

    def test_of_what_nothing_starts_is_none(self) -> None:
        assert bundle_of(Program(language="python")) is None


class TestServices:
    def test_of_a_workspace_are_made_from_its_root(self, tmp_path: Path) -> None:
        lay(tmp_path, package__json='{"private": true, "workspaces": ["apps/*"]}')
        (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
        for name, port in (("api", 4000), ("web", 3000)):
            (tmp_path / "apps" / name).mkdir(parents=True)
            manifest = f'{{"name": "@a/{name}", "scripts": {{"start": "node a.js --port {port}", "build": "x"}}, "dependencies": {{"koa": "2"}}}}'
            (tmp_path / "apps" / name / "package.json").write_text(manifest, encoding="utf-8")
        spec = spec_of(tmp_path)
        web, api = spec.services["web"], spec.services["api"]
        assert web.kind == api.kind == "web"
        assert (web.path, api.path) == ("/", "/api")
        assert web.build is not None
        assert web.build.context == "."
        assert list(web.build.steps) == ["npm ci", "cd apps/web && npm run build"]
        assert web.build.start == "sh -c 'cd apps/web && exec npm run start'"

    def test_of_a_workspace_of_uv_have_its_environment_and_what_they_need_themselves(
        self, tmp_path: Path
    ) -> None:
        lay(
            tmp_path,
            pyproject__toml='[project]\nname = "root"\nversion = "0"\n[tool.uv.workspace]\nmembers = ["services/*"]\n',
        )
        (tmp_path / "uv.lock").write_text("version = 1\n", encoding="utf-8")
        api = tmp_path / "services" / "api"
        api.mkdir(parents=True)
        manifest = '[project]\nname = "api"\nversion = "0"\ndependencies = ["fastapi", "uvicorn"]\n'
        (api / "pyproject.toml").write_text(manifest, encoding="utf-8")
        (api / "main.py").write_text("from fastapi import FastAPI\napp = FastAPI()\n", encoding="utf-8")
        build = spec_of(tmp_path).services["api"].build
        assert build is not None
        assert list(build.steps) == ["cd services/api && uv sync --frozen --no-dev --no-editable"]
        start = "cd services/api && exec ../../.venv/bin/python ../../.venv/bin/uvicorn main:app"
        assert start in (build.start or "")

    def test_of_a_procfile_are_its_processes(self, tmp_path: Path) -> None:
        lay(
            tmp_path,
            Procfile="release: python m.py\nmailer: python mail.py\nweb: gunicorn a:b\n",
            requirements__txt="gunicorn\nflask\n",
        )
        services = spec_of(tmp_path).services
        assert {name: one.kind for name, one in services.items()} == {
            "web": "web",
            "release": "job",
            "mailer": "worker",
        }
        web = services["web"]
        assert web.kind == "web"
        assert web.release.before == "release"

    def test_say_nothing_that_a_manifest_has_put_in(self, tmp_path: Path) -> None:
        script = "node x.js\\n    cpu: 16384\\nowner: me \\u001b[2J"
        lay(tmp_path, package__json=f'{{"scripts": {{"start": "{script}"}}}}')
        text = spec_text("shop", "us-east-1", services_of(detect(tmp_path)))
        assert "\x1b" not in text
        assert parse_spec(text, "x", "local").services["web"].cpu == 256

    def test_say_what_they_follow_from_where_no_language_is_known(self, tmp_path: Path) -> None:
        (tmp_path / "Dockerfile").write_text('FROM alpine:3.22\nCMD ["serve"]\n')
        [web] = services_of(detect(tmp_path))
        assert web.because == "Dockerfile starts it"

    def test_leave_out_what_cannot_be_written(self, tmp_path: Path) -> None:
        lay(tmp_path, Procfile="web: ./serve \x06\nworker: ./work\n")
        assert list(spec_of(tmp_path).services) == ["worker"]

    def test_have_names_of_their_own(self, tmp_path: Path) -> None:
        for folder in ("a", "b"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "package.json").write_text(
                '{"name": "api", "scripts": {"start": "node x.js"}}', encoding="utf-8"
            )
        assert sorted(spec_of(tmp_path).services) == ["api", "api-2"]


class TestProjectName:
    @pytest.mark.parametrize(
        ("folder", "name"),
        [("My_Shop.v2", "my-shop-v2"), ("2048", "my-project"), ("sg-tool", "my-sg-tool"), ("x", "my-x"), ("é", "my-project"),
         ("a-very-long-name-of-a-project-indeed", "a-very-long-name-of-a-pr")],
    )  # fmt: skip
    def test_is_one_that_aws_takes(self, folder: str, name: str) -> None:
        assert project_name(folder) == name

    @given(some.text(max_size=60))
    def test_is_always_valid(self, folder: str) -> None:
        parse_spec(spec_text(project_name(folder), "us-east-1", []), "x", "local")


class TestScalar:
    @given(
        some.text(
            some.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc"]), min_size=1
        )
    )
    def test_is_read_back_as_it_is(self, text: str) -> None:
        if text.strip() == text:
            assert read_document(f"a: {scalar(text)} # told\n").data == {"a": text}


def corpus() -> list[Any]:
    return [
        pytest.param(case["files"], id=f"{file.stem}: {case['name']}")
        for file in sorted(CORPUS.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("files", corpus())
def test_every_project_that_can_be_started_has_a_valid_specification(
    files: dict[str, str], tmp_path: Path
) -> None:
    for name, content in files.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    found = detect(tmp_path / "project")
    services = services_of(found)
    assert bool(services) == (
        (found.program.deployable and bool(found.program.start_command or found.program.kind is Kind.STATIC))
        or any(member.program.start_command or member.program.kind is Kind.STATIC for member in found.members)
    )
    spec = parse_spec(spec_text("shop", "us-east-1", services), "cygni.yaml", "production")
    for service in services:
        build = spec.services[service.name].build
        assert build is not None
        assert build.start == service.bundle.start
        assert shlex.split(build.start)
    assert ignore_text(languages_of(found)).startswith("# What no image needs")


class TestTemplates:
    def test_are_a_dozen(self) -> None:
        assert len(templates()) >= 12

    @pytest.mark.parametrize("name", [one.name for one in templates()])
    def test_is_detected_and_surely(self, name: str, tmp_path: Path) -> None:
        folder = tmp_path / "hello"
        assert sorted(write_template(template_for(name, folder), folder)) == sorted(
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        )
        services = services_of(detect(folder))
        assert services
        assert all(service.sure for service in services)

    def test_overwrites_nothing_and_writes_nothing_then(self, tmp_path: Path) -> None:
        (tmp_path / "app.py").write_text("mine", encoding="utf-8")
        with pytest.raises(UsageError, match=r"app\.py of .* would be overwritten"):
            template_for("flask", tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == ["app.py"]
        assert (tmp_path / "app.py").read_text(encoding="utf-8") == "mine"

    def test_that_there_is_not_is_an_error_with_the_nearest(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match='did you mean "fastapi"') as raised:
            template_for("fastap", tmp_path)
        assert "nextjs" in str(raised.value.hint)


class TestWriting:
    def test_leaves_what_is_there(self, tmp_path: Path) -> None:
        file = tmp_path / "a"
        file.symlink_to("nowhere")
        assert write_new(file, "x") is False
        assert file.is_symlink()

    def test_overwrites_where_it_may(self, tmp_path: Path) -> None:
        file = tmp_path / "a"
        file.write_text("old", encoding="utf-8")
        assert write_new(file, "new", overwrite=True) is True
        assert file.read_text(encoding="utf-8") == "new"
        assert [path.name for path in tmp_path.iterdir()] == ["a"]

    def test_says_what_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("", encoding="utf-8")
        with pytest.raises(UsageError, match="cannot write"):
            write_new(tmp_path / "file" / "below", "x")
