"""Whatever a file holds, reading it ends with a specification or with one of two errors, and soon."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cygni.errors import NotFound, SpecError
from cygni.spec import ProjectSpec, load_spec, parse_spec

EXAMPLE = (Path(__file__).parents[3] / "examples" / "hello" / "cygni.yaml").read_text()
MEBIBYTE = 1024 * 1024
PIECES = [
    *("&a ", "*a", "!!str ", "!x ", "<<: ", "---\n", "...\n", "%YAML 1.1\n", "%TAG ! x\n", "%YAML 9.9\n"),
    *(
        '"\\UFFFFFFFF"',
        '"\\ud800"',
        '"\\0"',
        "\t",
        "{",
        "}",
        "[",
        "]",
        "? ",
        "- ",
        ": ",
        "#",
        "|\n",
        ">-\n",
        "|9\n",
    ),
    *(
        "\x85",
        "\u2028",
        "\ufeff",
        "\x00",
        "\x07",
        "'",
        '"',
        "\r",
        "\n",
        "  ",
        "@",
        "`",
        "*",
        "&",
        "!",
        "!<",
        "%",
    ),
    *(
        "1:30",
        "012",
        "yes",
        "~",
        "null",
        "1e999",
        ".inf",
        "2024-01-01",
        "=",
        "environments",
        "services",
        "é",
        "😀",
    ),
]


def ends_well(text: str, environment: str = "local") -> str:
    """Reads `text`; what it is told when that fails, which can always be shown."""
    try:
        assert isinstance(parse_spec(text, "cygni.yaml", environment), ProjectSpec)
    except (SpecError, NotFound) as error:
        shown = f"{error}\n{error.hint or ''}"
        assert all(line.isprintable() for line in shown.splitlines()), ascii(shown)
        assert len(shown) < 50_000
        return str(error)
    return ""


def mutations() -> st.SearchStrategy[str]:
    """The example with pieces put in, taken out and repeated."""
    place = st.integers(0, len(EXAMPLE))
    change = st.tuples(place, st.integers(0, 30), st.sampled_from([*PIECES, ""]), st.booleans())

    def changed(changes: list[tuple[int, int, str, bool]]) -> str:
        text = EXAMPLE
        for at, length, piece, repeated in changes:
            cut = text[at : at + length]
            text = text[:at] + piece + (cut * 2 if repeated else "") + text[at + length :]
        return text

    return st.lists(change, min_size=1, max_size=6).map(changed)


class TestAnyText:
    @settings(max_examples=400)
    @given(st.text())
    @example("\ud800")
    @example("a: \udcff")
    def test_ends_with_a_specification_or_an_error(self, text: str) -> None:
        ends_well(text)

    @settings(max_examples=400)
    @given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
    def test_made_of_the_syntax_of_yaml(self, text: str) -> None:
        ends_well(text)

    @settings(max_examples=400)
    @given(mutations(), st.sampled_from(["local", "production", "preview-x", "prod"]))
    def test_nearly_right(self, text: str, environment: str) -> None:
        ends_well(text, environment)

    @settings(max_examples=100)
    @given(st.binary())
    def test_as_bytes_of_a_file(self, content: bytes) -> None:
        with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
            file.write(content)
            file.flush()
            with pytest.raises(SpecError):  # no example of random bytes is a specification
                load_spec(Path(file.name), "local")


class TestHugeText:
    """A mebibyte of the worst there is, each in a few seconds of a slow machine."""

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("# x\n" * MEBIBYTE, id="comments"),
            pytest.param("\n" * MEBIBYTE, id="lines"),
            pytest.param("[" * MEBIBYTE, id="lists"),
            pytest.param("{a: " * MEBIBYTE, id="mappings"),
            pytest.param("- " * MEBIBYTE, id="dashes"),
            pytest.param("a: " + "x " * MEBIBYTE, id="words"),
            pytest.param('a: "' + "\\x41" * MEBIBYTE, id="escapes"),
            pytest.param("a: |\n" + " x\n" * MEBIBYTE, id="block"),
            pytest.param("!" * MEBIBYTE, id="tag"),
            pytest.param("&" + "a" * MEBIBYTE, id="anchor"),
            pytest.param("project: " + "9" * MEBIBYTE, id="number"),
            pytest.param("".join(f"k{number}: 1\n" for number in range(100_000)), id="keys"),
            pytest.param("".join(f"{'proj' * 5}{number}: 1\n" for number in range(4_900)), id="near-misses"),
            pytest.param(
                "services:\n" + "".join(f"  a{number}: {{imag: 1}}\n" for number in range(3_000)),
                id="services",
            ),
            pytest.param(
                EXAMPLE.split("environments:")[0].replace(
                    "GREETING: hello", "\n      ".join(f"A{n}: b" for n in range(4_000))
                )
                + "environments:\n"
                + "".join(f"  preview-{n}: {{services: {{web: {{port: x}}}}}}\n" for n in range(32)),
                id="environments",
            ),
        ],
    )
    def test_ends_soon(self, text: str) -> None:
        started = time.process_time()
        assert ends_well(text[:MEBIBYTE])
        assert time.process_time() - started < 10

    def test_needs_little_memory(self, tmp_path: Path) -> None:
        """In a process with 512 MiB of address space, a bomb and a mebibyte of text still end with an error."""
        (tmp_path / "cygni.yaml").write_text("a: |\n" + " x\n" * (MEBIBYTE // 3 - 10))
        script = (
            "import resource, sys, pathlib\n"
            "from cygni.errors import SpecError\n"
            "from cygni.spec import load_spec\n"
            "resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20,) * 2)\n"
            "try: load_spec(pathlib.Path(sys.argv[1]), 'local')\n"
            "except SpecError as error: print(error)\n"
        )
        command = [sys.executable, "-c", script, str(tmp_path / "cygni.yaml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert "unknown key" in done.stdout, done.stderr


class TestImport:
    def test_loads_nothing_heavy(self) -> None:
        script = "import sys, cygni.spec; print(*sys.modules)"
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
        )
        loaded = set(done.stdout.split())
        assert {"pydantic", "yaml"} <= loaded
        assert not loaded & {"botocore", "boto3", "pulumi", "moto", "rich", "typer", "jsonschema", "requests"}


class TestEveryFile:
    @pytest.mark.parametrize("name", ["/dev/null", "/proc/self/mem", "/proc/self/environ"])
    @pytest.mark.skipif(sys.platform != "linux", reason="names of Linux")
    def test_of_the_system_ends_well(self, name: str) -> None:
        with pytest.raises(SpecError):
            load_spec(Path(name), "local")
