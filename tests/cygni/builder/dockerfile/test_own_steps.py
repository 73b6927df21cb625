from __future__ import annotations

from pathlib import Path

import pytest

from cygni.builder.detect import detect
from cygni.builder.dockerfile.generation import dockerfile_of
from cygni.builder.scaffold.bundle import bundle_of


@pytest.fixture
def go(tmp_path: Path) -> Path:
    (tmp_path / "go.mod").write_text("module example.org/hello\n\ngo 1.25\n")
    (tmp_path / "main.go").write_text(
        'package main\n\nimport "net/http"\n\nfunc main() { http.ListenAndServe(":80", nil) }\n'
    )
    return tmp_path


def dockerfile(folder: Path, start: str | None = None, *steps: str) -> str:
    return dockerfile_of(folder, detect(folder), start, steps=steps)


def test_steps_of_cygni_yaml_are_those_of_the_image(go: Path) -> None:
    text = dockerfile(go, "./hello", "go generate ./...", "go build -o hello .")
    building, final = text.split("\n\n")[1:3]
    assert building.endswith("go generate ./... \\\n    && go build -o hello .")
    assert "COPY . ." in building
    assert "COPY --from=build /app /app" in final
    assert text.endswith('CMD ["./hello"]\n')


def test_steps_that_are_detected_are_left_to_the_recipe(go: Path) -> None:
    bundle = bundle_of(detect(go).program)
    assert bundle is not None
    assert dockerfile(go, None, *bundle.steps) == dockerfile(go)


def test_rust_is_where_the_steps_put_it(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "hello"\nversion = "0.1.0"\nedition = "2021"\n')
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.rs").write_text("fn main() {}\n")
    assert "CARGO_TARGET_DIR" in dockerfile(tmp_path)
    assert "CARGO_TARGET_DIR" not in dockerfile(tmp_path, "target/debug/hello", "cargo build")


def test_a_site_is_served_from_where_it_was(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(
        '{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}'
    )
    (tmp_path / "index.html").write_text("<p>hello</p>")
    own = dockerfile(tmp_path, None, "npm ci", "npm run build -- --mode staging")
    assert own.split("\n\n")[2] == dockerfile(tmp_path).split("\n\n")[2]
    assert "npm run build -- --mode staging" in own
