from __future__ import annotations

from pathlib import Path

from cygni.builder.detect import detect
from cygni.builder.dockerfile.generation import dockerfile_of
from cygni.builder.dockerfile.recipe import HOME

SECRETS = ("NPM_TOKEN", "npmrc", "other")


def dockerfile(folder: Path, secrets: tuple[str, ...]) -> str:
    (folder / "package.json").write_text(
        '{"scripts": {"build": "vite build", "start": "node server.js"}, "dependencies": {"express": "5"}}'
    )
    (folder / "package-lock.json").write_text('{"lockfileVersion": 3, "packages": {}}')
    (folder / "server.js").write_text("")
    return dockerfile_of(folder, detect(folder), secrets=secrets)


def test_steps_that_install_and_build_are_given_the_secrets(tmp_path: Path) -> None:
    building, final = dockerfile(tmp_path, SECRETS).split("\n\n")[1:3]
    steps = building.split("\n# ")[-1].split("RUN ")[1:]
    assert len(steps) == 2
    for step in steps:
        assert "--mount=type=secret,id=NPM_TOKEN,required=true" in step
        assert f"--mount=type=secret,id=npmrc,target={HOME}/.npmrc,required=true" in step
        assert "--mount=type=secret,id=other,required=true" in step
        assert step.index('export NPM_TOKEN="$(cat /run/secrets/NPM_TOKEN)"') < step.index("&& npm ")
    assert "secret" not in final


def test_no_secret_is_an_argument_or_a_variable_of_the_image(tmp_path: Path) -> None:
    lines = dockerfile(tmp_path, SECRETS).splitlines()
    assert not [line for line in lines if line.startswith(("ARG", "ENV")) and "NPM_TOKEN" in line]


def test_a_project_that_declares_none_has_none(tmp_path: Path) -> None:
    assert "secret" not in dockerfile(tmp_path, ())
