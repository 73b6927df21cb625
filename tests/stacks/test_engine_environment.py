from __future__ import annotations

import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from stacks.engine_environment import caller_environment, engine_environment
from stacks.operations import EngineSettings, OperationKind, StackOperation

SHELL = {
    "PATH": "/usr/bin",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "PULUMI_CONFIG_PASSPHRASE": "of the shell",
    "PULUMI_ACCESS_TOKEN": "of the shell",
    "PULUMI_BACKEND_URL": "s3://elsewhere",
    "PULUMI_PARALLEL": "1",
    "PULUMI_EXPERIMENTAL": "true",
    "CYGNI_STATE": "postgres://me:secret@db/states",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9",
    "AWS_PROFILE": "work",
    "AWS_SESSION_TOKEN": "of the shell",
    "AWS_CONFIG_FILE": "/elsewhere",
}


def settings(tmp_path: Path, *, sealed: bool, executable: Path = Path("/made-up/pulumi")) -> EngineSettings:
    return EngineSettings(
        executable=executable,
        version="3.255.0",
        backend_url=(tmp_path / "state").as_uri(),
        passphrase_file=tmp_path / "passphrase",
        config_dir=tmp_path / "stacks",
        plugin_cache=tmp_path / "plugins",
        region="eu-west-1",
        sealed=sealed,
    )


class TestCallerEnvironment:
    def test_passes_nothing_meant_for_another_engine(self, tmp_path: Path) -> None:
        passed = caller_environment(SHELL, settings(tmp_path, sealed=False))
        assert not [name for name in passed if name.startswith("PULUMI_")]
        assert passed["PATH"] == "/usr/bin"
        assert "CYGNI_STATE" not in passed

    def test_passes_the_token_of_pulumi_cloud_where_the_state_is_there(self, tmp_path: Path) -> None:
        there = replace(settings(tmp_path, sealed=True), backend_url="https://api.pulumi.com")
        passed = caller_environment(SHELL, there)
        assert [name for name in passed if name.startswith("PULUMI_")] == ["PULUMI_ACCESS_TOKEN"]

    def test_passes_the_credentials_and_endpoints_of_aws_to_aws(self, tmp_path: Path) -> None:
        passed = caller_environment(SHELL, settings(tmp_path, sealed=False))
        assert passed["AWS_PROFILE"] == "work"
        assert passed["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:9"

    def test_passes_none_of_them_to_the_local_cloud(self, tmp_path: Path) -> None:
        passed = caller_environment(SHELL, settings(tmp_path, sealed=True))
        assert passed == {"PATH": "/usr/bin", "HTTPS_PROXY": "http://127.0.0.1:9"}


class TestEngineEnvironment:
    def test_reads_the_passphrase_from_cygnis_own_file(self, tmp_path: Path) -> None:
        made = engine_environment(settings(tmp_path, sealed=True), tmp_path / "tmp")
        assert made["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(tmp_path / "passphrase")
        assert made["TMPDIR"] == str(tmp_path / "tmp")
        assert "PULUMI_CONFIG_PASSPHRASE" not in made


OPERATING = """
import pickle, sys
from stacks.engine_runner import EngineRunner
EngineRunner().run(pickle.loads(bytes.fromhex(sys.argv[1])), print)
"""


class TestPerform:
    def test_gives_the_engine_nothing_of_the_shell(self, tmp_path: Path) -> None:
        seen, engine = tmp_path / "seen", tmp_path / "pulumi"
        engine.write_text(f'#!/bin/sh\nenv > "{seen}"\n')
        engine.chmod(0o755)
        sealed = settings(tmp_path, sealed=True, executable=engine)
        operation = StackOperation(OperationKind.CANCEL, "shop.local.data", sealed)
        # A process of its own: the server that operations are forked from keeps the environment it began with.
        subprocess.run(
            [sys.executable, "-c", OPERATING, pickle.dumps(operation).hex()],
            env={**os.environ, **SHELL},
            check=True,
            timeout=60,
        )
        given = dict(line.split("=", 1) for line in seen.read_text().splitlines() if "=" in line)
        assert {name for name, value in SHELL.items() if given.get(name) == value} == {"PATH", "HTTPS_PROXY"}

    def test_keeps_a_state_that_is_not_imported_out_of_the_callers_temporary_folder(
        self, tmp_path: Path
    ) -> None:
        seen, engine, temporary = tmp_path / "seen", tmp_path / "pulumi", tmp_path / "temporary"
        engine.write_text(f'#!/bin/sh\necho "$@" > "{seen}"\nexit 1\n')
        engine.chmod(0o755)
        temporary.mkdir()
        operation = StackOperation(
            OperationKind.IMPORT,
            "shop.local.data",
            settings(tmp_path, sealed=True, executable=engine),
            deployment={"version": 3, "deployment": {"resources": []}},
        )
        subprocess.run(
            [sys.executable, "-c", OPERATING, pickle.dumps(operation).hex()],
            env={**os.environ, "TMPDIR": str(temporary)},
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=60,
        )
        words = seen.read_text().split()
        [state] = [word for word in words if word.startswith("/")]
        assert "import" in words
        assert Path(state).is_relative_to(temporary)
        assert list(temporary.iterdir()) == []
