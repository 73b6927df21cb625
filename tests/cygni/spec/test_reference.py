from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cygni.spec import WebService, load_spec, parse_spec
from cygni.spec.reference import main, published
from cygni.spec.schema import json_schema

ROOT = Path(__file__).parents[3]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "examples" / "hello").mkdir(parents=True)
    shutil.copy(ROOT / "examples/hello/cygni.yaml", tmp_path / "examples/hello/cygni.yaml")
    return tmp_path


class TestPublished:
    @pytest.mark.parametrize("name", ["docs/cygni.schema.json", "docs/configuration.md"])
    def test_is_what_the_repository_holds(self, name: str) -> None:
        held = (ROOT / name).read_text(encoding="utf-8")
        assert held == published()[name], "run python -m cygni.spec.reference --write"

    def test_holds_the_schema(self) -> None:
        assert json.loads(published()["docs/cygni.schema.json"]) == json_schema()

    def test_describes_every_key_of_a_service(self) -> None:
        page = published()["docs/configuration.md"]
        for key in WebService.model_fields:
            assert f"### `services.NAME.{key}`" in page

    def test_tells_what_names_may_be(self) -> None:
        section = published()["docs/configuration.md"].split("## Names")[1].split("## ")[0]
        for words in (
            "2 to 24 lower-case",
            "`sg-`",
            "1 to 20 lower-case",
            "preview-NAME",
            "32 characters in all",
        ):
            assert words in section

    def test_tells_the_cost_of_each_nat(self) -> None:
        page = published()["docs/configuration.md"]
        section = page.split("### `network.nat`")[1].split("###")[0]
        for words in ("32.85 USD", "0.045 USD", "3.65 USD", "73 USD", "109.50 USD", "us-east-1"):
            assert words in section

    def test_points_an_editor_at_the_schema(self) -> None:
        line = (ROOT / "examples/hello/cygni.yaml").read_text().splitlines()[0]
        assert line in published()["docs/configuration.md"]
        path = line.removeprefix("# yaml-language-server: $schema=")
        assert (ROOT / "examples/hello" / path).resolve() == ROOT / "docs/cygni.schema.json"

    def test_shows_an_example_that_is_right(self) -> None:
        page = published()["docs/configuration.md"]
        example = page.split("```yaml\n")[1].split("```")[0]
        assert parse_spec(example, "cygni.yaml", "local").project == "hello"

    def test_shows_environments_that_are_right(self, valid: str) -> None:
        page = published()["docs/configuration.md"]
        example = page.split("```yaml\n")[-1].split("```")[0]
        assert parse_spec(valid + example, "cygni.yaml", "production").network.nat == "per-zone"


class TestMain:
    def test_writes_what_it_then_finds_right(self, repository: Path) -> None:
        assert main(["--check"], repository) == 1
        assert main(["--write"], repository) == 0
        assert main(["--check"], repository) == 0

    def test_names_the_file_that_is_stale(self, repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
        main(["--write"], repository)
        (repository / "docs/configuration.md").write_text("old")
        assert main(["--check"], repository) == 1
        assert capsys.readouterr().err.startswith("not up to date: docs/configuration.md; run python -m")


class TestExample:
    def test_is_a_small_web_service_with_a_bucket_and_no_nat(self) -> None:
        spec = load_spec(ROOT / "examples/hello/cygni.yaml", "local")
        assert (spec.project, spec.region, spec.network.nat) == ("hello", "us-east-1", "none")
        web = spec.services["web"]
        assert isinstance(web, WebService)
        assert web.build is not None
        assert (web.build.start, web.port, web.count) == ("python3 app.py", 8080, 1)
        assert [*spec.buckets] == ["uploads"]

    def test_differs_in_production(self) -> None:
        spec = load_spec(ROOT / "examples/hello/cygni.yaml", "production")
        web = spec.services["web"]
        assert isinstance(web, WebService)
        assert (spec.network.nat, web.count) == ("per-zone", 2)
