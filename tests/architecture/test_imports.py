"""Who may import whom. The layers are contracts in pyproject.toml; what those cannot say is said here."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def sources() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def imported(source: str) -> set[str]:
    """Every module that the source names in an import, with its parents and, for `from`, its members."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return names


def imports(source: str, module: str) -> bool:
    if not all(name in source for name in module.split(".")):  # a source that imports it names all its parts
        return False
    return any(name == module or name.startswith(f"{module}.") for name in imported(source))


class TestContracts:
    def test_are_kept(self) -> None:
        finished = subprocess.run(
            [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr

    def test_cover_every_package_that_is_shipped(self) -> None:
        assert set(PYPROJECT["tool"]["importlinter"]["root_packages"]) == set(PACKAGES)

    def test_every_folder_with_a_package_is_shipped(self) -> None:
        found = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {
            "tests",
            "benchmarks",
            "conformance",
            "mutants",
        }
        assert found == set(PACKAGES)


class TestAutomation:
    def test_is_imported_by_the_runner_alone(self) -> None:
        using = [path for path in sources() if imports(path.read_text(encoding="utf-8"), "pulumi.automation")]
        assert [str(path.relative_to(ROOT)) for path in using] == ["stacks/runner.py"]

    def test_is_seen_in_each_way_to_import_it(self) -> None:
        for source in (
            "import pulumi.automation",
            "import pulumi.automation.events as e",
            "from pulumi import automation as auto",
            "from pulumi.automation import Stack",
            "def f():\n    from pulumi.automation.errors import CommandError",
        ):
            assert imports(source, "pulumi.automation")
        assert not imports("import pulumi\nfrom pulumi import Output", "pulumi.automation")
