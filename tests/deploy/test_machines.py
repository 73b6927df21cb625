"""The compose file and the units of systemd, as their own checkers see them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MOST_EXPOSED = 2.0
"""Of 10, by `systemd-analyze security`, which counts what a unit may do."""

with_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text()))


class TestCompose:
    def test_fits_the_compose_specification(self) -> None:
        checker = str(Path(sys.executable).with_name("check-jsonschema"))
        command = [checker, "--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

    @pytest.mark.parametrize("name", ["server", "worker"])
    def test_gives_cygni_nothing_that_it_does_not_need(self, compose: dict[str, Any], name: str) -> None:
        one = compose["services"][name]
        assert (one["read_only"], one["cap_drop"], one["tmpfs"]) == (True, ["ALL"], ["/tmp"])
        assert "no-new-privileges:true" in one["security_opt"]
        assert set(one["secrets"]) == set(compose["secrets"])
        assert all(port.startswith("127.0.0.1:") for port in one.get("ports", ()))

    def test_holds_no_secret(self, compose: dict[str, Any]) -> None:
        for one in compose["services"].values():
            for name, value in one["environment"].items():
                if re.search("PASSWORD|SECRET|KEY", name):
                    assert value.startswith(("/run/secrets/", "${"))

    def test_starts_each_after_what_it_needs(self, compose: dict[str, Any]) -> None:
        needed = {name: set(one.get("depends_on", ())) for name, one in compose["services"].items()}
        assert needed == {"database": set(), "server": {"database"}, "worker": {"server"}}
        assert "healthcheck" in compose["services"]["database"]

    def test_hands_the_password_to_the_program_alone(self, compose: dict[str, Any], tmp_path: Path) -> None:
        """Runs the entry point that the file has, with a file of a test as the secret."""
        secret = tmp_path / "password"
        secret.write_text("hunter2")
        entry = [one.replace("$$", "$") for one in compose["services"]["server"]["entrypoint"]]
        script = entry[2].replace("/run/secrets/database-password", str(secret))
        command = [*entry[:2], script, entry[3], "/bin/sh", "-c", 'echo "$PGPASSWORD $0 $1"', "a b", "c"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout == "hunter2 a b c\n"


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
class TestUnits:
    @with_systemd
    def test_are_understood_by_systemd(self, unit: Path, tmp_path: Path) -> None:
        copy = self.copied(unit, tmp_path)
        done = subprocess.run(
            ["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")

    @with_systemd
    def test_may_do_little(self, unit: Path, tmp_path: Path) -> None:
        command = ["systemd-analyze", "security", "--offline=true", "--no-pager", self.copied(unit, tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        [level] = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
        assert float(level) <= MOST_EXPOSED

    def test_give_the_key_as_a_credential(self, unit: Path) -> None:
        text = unit.read_text()
        assert "LoadCredential=key:/etc/cygni/key" in text
        assert "CYGNI_SERVER_KEY_FILE=%d/key" in text
        assert "CYGNI_SERVER_KEY=" not in text

    def copied(self, unit: Path, folder: Path) -> str:
        """With a program that is on every machine: whether Cygni is installed is not what is asked."""
        copy = folder / unit.name
        copy.write_text(re.sub(r"(?m)^ExecStart=.*$", "ExecStart=/bin/true", unit.read_text()))
        return str(copy)


def test_there_is_a_unit_for_the_server_and_one_for_workers() -> None:
    assert [unit.stem for unit in UNITS] == ["cygni-server", "cygni-worker"]
