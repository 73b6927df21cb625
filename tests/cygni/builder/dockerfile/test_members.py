"""The Dockerfile of a member of a workspace, and the context that it is built from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cygni.builder.images.sources import ImageSource, image_source
from cygni.errors import BuildContextRefused, UsageError
from tests.cygni.builder.detect.test_corpus import write

ROOT = {"name": "shop", "workspaces": ["apps/*", "packages/*"], "devDependencies": {"typescript": "5"}}
WEB = {"name": "web", "scripts": {"build": "tsc", "start": "node dist/a.js"}, "dependencies": {"ui": "1"}}
UI = {"name": "ui", "scripts": {"build": "tsc"}, "dependencies": {"core": "1"}}
CORE = {"name": "core", "scripts": {"build": "tsc"}, "dependencies": {"ui": "1"}}
NODE = {
    "package.json": json.dumps(ROOT),
    "package-lock.json": "{}",
    "apps/web/package.json": json.dumps(WEB),
    "packages/ui/package.json": json.dumps(UI),
    "packages/core/package.json": json.dumps(CORE),
    "packages/other/package.json": json.dumps({"name": "other", "scripts": {"build": "false"}}),
}
UV = {
    "pyproject.toml": '[project]\nname = "shop"\n[tool.uv.workspace]\nmembers = ["services/*"]\n',
    "uv.lock": "",
    "services/api/pyproject.toml": '[project]\nname = "the-api"\ndependencies = ["fastapi", "uvicorn"]\n',
    "services/api/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
}
GO = {
    "go.work": "go 1.25\nuse (\n\t./services/api\n\t./say\n)\n",
    "services/api/go.mod": "module example.org/api\n",
    "services/api/main.go": "package main\nfunc main() {}\n",
    "say/go.mod": "module example.org/say\n",
}
CARGO = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n',
    "Cargo.lock": "",
    "crates/api/Cargo.toml": '[package]\nname = "api"\n',
    "crates/api/src/main.rs": "fn main() {}",
    "crates/job/Cargo.toml": '[package]\nname = "job"\n',
    "crates/job/src/main.rs": "fn main() {}",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The repository that workspaces are in."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / ".dockerignore").write_text("**/.git\n**/.env\n")
    return folder


def source(root: Path, files: Mapping[str, str], member: str) -> ImageSource:
    write({"files": files}, root)
    return image_source(root / member)


def in_order(text: str, *parts: str) -> bool:
    """Whether each part is there, after the one before it."""
    return re.search(".*".join(re.escape(part) for part in parts), text, re.DOTALL) is not None


class TestContext:
    def test_is_the_root_where_the_lock_file_is(self, root: Path) -> None:
        found = source(root, NODE, "apps/web")
        assert (found.context.folder, found.member) == (root, "apps/web")
        assert "package-lock.json" in {str(entry.path) for entry in found.context.entries}
        assert "# Of apps/web in a workspace" in found.dockerfile

    @pytest.mark.parametrize(
        "more",
        [
            {"apps/web/Dockerfile": "FROM scratch\n"},
            {"apps/web/package-lock.json": "{}"},
            {"package.json": '{"workspaces": ["packages/*"]}'},
            {"package.json": '{"workspaces": ["apps/*", "!apps/web"]}'},
            {"apps/.git": "gitdir: elsewhere"},
        ],
        ids=["own Dockerfile", "own lock file", "not named", "left out", "another repository"],
    )
    def test_is_the_folder_where_that_is_built_alone(self, more: Mapping[str, str], root: Path) -> None:
        found = source(root, {**NODE, **more}, "apps/web")
        assert (found.context.folder, found.member) == (root / "apps" / "web", None)

    def test_has_nothing_that_the_root_leaves_out(self, root: Path) -> None:
        found = source(root, {**NODE, "apps/web/.env": "TOKEN=hunter2"}, "apps/web")
        assert not {".git", "apps/web/.env"} & {str(entry.path) for entry in found.context.entries}

    def test_is_no_root_that_leaves_nothing_out(self, root: Path) -> None:
        (root / ".dockerignore").unlink()
        with pytest.raises(
            BuildContextRefused, match=r"apps/web is a member .* that has no \.dockerignore"
        ) as one:
            source(root, NODE, "apps/web")
        assert one.value.details["reason"] == "nothing_ignored"
        assert "  **/.env\n" in str(one.value.hint)

    def test_outside_of_git_nothing_above_the_project_is_looked_at(self, root: Path) -> None:
        (root / ".git").rmdir()
        assert source(root, NODE, "apps/web").member is None
        assert image_source(root / "apps" / "web", project=root).member == "apps/web"


class TestNode:
    def test_installs_by_the_manifests_of_all_and_builds_what_the_member_needs_first(
        self, root: Path
    ) -> None:
        text = source(root, NODE, "apps/web").dockerfile
        assert in_order(
            text,
            "COPY package.json package-lock.json ./\n",
            "COPY packages/core/package.json ./packages/core/\n",
            "    npm ci\nCOPY . .\nWORKDIR /app/apps/web\n",
            "(cd /app/packages/core && npm run build)",
            "(cd /app/packages/ui && npm run build)",
            "&& npm run build \\\n    && cd /app \\\n    && npm prune --omit=dev\n",
            "\nFROM ",
            "WORKDIR /app/apps/web\nCOPY --from=build /app /app\n",
            "ENV PATH=/app/apps/web/node_modules/.bin:/app/node_modules/.bin:$PATH\n",
            'CMD ["node", "dist/a.js"]',
        )
        assert "packages/other &&" not in text

    @pytest.mark.parametrize(
        ("files", "install", "prune"),
        [
            ({"pnpm-lock.yaml": "", "pnpm-workspace.yaml": "packages: ['apps/*']"},
             "pnpm install --frozen-lockfile\n", "pnpm install --prod"),
            ({"yarn.lock": "__metadata:\n"}, "yarn install --immutable\n", None),
            ({"bun.lock": ""}, "bun install --frozen-lockfile\n", None),
        ],
        ids=["pnpm", "yarn", "bun"],
    )  # fmt: skip
    def test_installs_with_the_package_manager_of_the_root(
        self, files: Mapping[str, str], install: str, prune: str | None, root: Path
    ) -> None:
        own = {name: text for name, text in NODE.items() if name != "package-lock.json"}
        text = source(root, {**own, **files}, "apps/web").dockerfile
        assert in_order(text, f"    {install}", "COPY . .\nWORKDIR /app/apps/web")
        assert "prune" not in text
        assert prune is None or prune in text

    def test_copies_all_first_where_the_install_of_a_member_needs_it(self, root: Path) -> None:
        ui = json.dumps({**UI, "scripts": {"build": "tsc", "prepare": "tsc"}})
        text = source(root, {**NODE, "packages/ui/package.json": ui}, "apps/web").dockerfile
        assert in_order(text, "COPY . .", "npm ci", "WORKDIR /app/apps/web")
        assert "package.json" not in text

    def test_serves_the_files_that_a_member_builds(self, root: Path) -> None:
        site = {
            "name": "web",
            "scripts": {"build": "vite build"},
            "devDependencies": {"vite": "7", "react": "19"},
        }
        text = source(root, {**NODE, "apps/web/package.json": json.dumps(site), "apps/web/index.html": ""},
                      "apps/web").dockerfile  # fmt: skip
        assert "COPY --from=build /app/apps/web/dist/ /srv" in text

    def test_runs_steps_of_cygni_yaml_in_the_folder_of_the_member(self, root: Path) -> None:
        write({"files": NODE}, root)
        text = image_source(root / "apps" / "web", steps=("make",), start="./run").dockerfile
        assert in_order(text, "COPY . .\nWORKDIR /app/apps/web\n", "    make\n", 'CMD ["./run"]')


class TestOthers:
    def test_uv_installs_the_member_alone(self, root: Path) -> None:
        text = source(root, UV, "services/api").dockerfile
        assert in_order(
            text,
            "COPY pyproject.toml uv.lock ./\nCOPY services/api/pyproject.toml ./services/api/\n",
            "uv sync --frozen --no-dev --no-install-workspace --package the-api\n",
            "COPY . .\nWORKDIR /app/services/api\n",
            "uv sync --frozen --no-dev\n",
            "ENV PATH=/app/.venv/bin:$PATH",
        )

    def test_go_has_the_modules_of_the_whole_workspace(self, root: Path) -> None:
        text = source(root, GO, "services/api").dockerfile
        assert in_order(
            text,
            "COPY go.work ./\nCOPY say/go.mod ./say/\nCOPY services/api/go.mod ./services/api/\n",
            "COPY . .\nWORKDIR /app/services/api\n",
            "go build -o app .",
            'CMD ["./app"]',
        )

    def test_cargo_builds_the_member_from_the_root(self, root: Path) -> None:
        found = source(root, CARGO, "crates/job")
        assert (found.context.folder, found.member) == (root, "crates/job")
        assert "cargo build --release --package job" in found.dockerfile
        assert 'CMD ["./target/release/job"]' in found.dockerfile

    @pytest.mark.parametrize(
        ("files", "member"),
        [
            ({"rush.json": '{"projects": [{"projectFolder": "apps/web"}]}', "package.json": "{}",
              "apps/web/package.json": json.dumps(WEB)}, "apps/web"),
            ({"pubspec.yaml": "name: all\nworkspace: [api]\n", "api/pubspec.yaml": "name: api\n",
              "api/bin/server.dart": "void main() {}"}, "api"),
        ],
        ids=["rush", "dart"],
    )  # fmt: skip
    def test_other_workspaces_are_refused(self, files: Mapping[str, str], member: str, root: Path) -> None:
        with pytest.raises(UsageError, match="writes no Dockerfile for members") as refused:
            source(root, files, member)
        assert f"dockerfile: {member}/Dockerfile" in str(refused.value.hint)
