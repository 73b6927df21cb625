"""The pack under the real engine, judging a Pulumi program that knows nothing of Cygni."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cygni.local_cloud.process import LocalCloud
from cygni.local_cloud.provider.executable import plugin_folder
from cygni.settings import Settings
from stacks.engine import find

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("foreign_program.py")
EXECUTABLE = Path(sys.executable).with_name("cygni-policies")

Judge = Callable[..., Any]


@pytest.fixture
def judge(tmp_path: Path, local_cloud: LocalCloud) -> Judge:
    """`judge("careless", config={...})`: what the preview of a program in `foreign_program` says."""
    engine = find(Settings.from_environment())

    def ask(program: str, *, pack: Path = EXECUTABLE, config: Any = None, **environ: str) -> Any:
        root = tmp_path / f"run-{len(list(tmp_path.iterdir()))}"
        given = {
            "root": str(root),
            "engine": str(engine.path),
            "plugin": str(plugin_folder(tmp_path / "plugin")),
            "endpoint": local_cloud.endpoint,
            "pack": str(pack),
            "config": config or {},
            "program": program,
            "environ": {"CYGNI_POLICIES_ENVIRONMENT": "production", **environ},
        }
        finished = subprocess.run(
            [sys.executable, str(PROGRAM), json.dumps(given)],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            # As most shells have it: a line in a pipe is kept back unless the writer sees to it.
            env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
            timeout=120,
        )
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    return ask


class TestCarelessProgram:
    def test_is_stopped_by_every_mandatory_policy(self, judge: Judge) -> None:
        ended = judge("careless")
        assert ended["passed"] is False
        mandatory = [
            (policy, resource) for policy, level, resource in ended["findings"] if level == "mandatory"
        ]
        assert mandatory == [
            ("backups", "db"),
            ("deletion-protection", "db"),
            ("encryption-at-rest", "db"),
            ("no-open-ingress", "ssh"),
            ("no-public-database", "db"),
        ]

    def test_passes_where_its_policies_only_advise(self, judge: Judge) -> None:
        config = dict.fromkeys(("encryption-at-rest", "no-open-ingress", "no-public-database"), "advisory")
        ended = judge("careless", config=config, CYGNI_POLICIES_ENVIRONMENT="dev")
        assert ended["passed"] is True, ended["said"]
        assert {policy for policy, level, _ in ended["findings"] if level == "advisory"} == set(config)

    def test_hears_nothing_of_what_is_disabled(self, judge: Judge) -> None:
        ended = judge("careless", config={"all": "disabled"})
        assert (ended["passed"], ended["findings"]) == (True, [])


class TestCarefulProgram:
    def test_passes_and_gets_the_tags_it_lacks(self, judge: Judge) -> None:
        config = {
            "required-tags": {
                "enforcementLevel": "remediate",
                "tags": ["owner", "cygni:stack"],
                "values": {"owner": "team"},
            }
        }
        ended = judge("careful", config=config)
        assert ended["passed"] is True, ended["said"]
        assert [one for one in ended["findings"] if one[1] != "remediate"] == []
        tags = ended["inputs"]["aws:ec2/securityGroup:SecurityGroup web"]["tags"]
        assert tags == {"owner": "team", "cygni:stack": "theirs.dev"}
        kept = ended["inputs"]["aws:ec2/vpc:Vpc net"]["tags"]
        assert (kept["owner"], kept["cygni:stack"], "hidden" in json.dumps(ended)) == (
            "ann",
            "theirs.dev",
            False,
        )

    def test_is_stopped_by_a_tag_that_nobody_can_know(self, judge: Judge) -> None:
        ended = judge(
            "careful", config={"required-tags": {"enforcementLevel": "mandatory", "tags": ["cost-centre"]}}
        )
        assert ended["passed"] is False
        assert {policy for policy, _, _ in ended["findings"]} == {"required-tags"}


class TestExpensiveProgram:
    def test_is_stopped_at_the_ceiling(self, judge: Judge) -> None:
        config = {"cost-ceiling": {"enforcementLevel": "mandatory", "monthlyCost": 36}}
        ended = judge("expensive", config=config)
        assert ended["passed"] is False
        assert ["cost-ceiling", "mandatory", ""] in [[*one[:2], ""] for one in ended["findings"]]
        assert "costs $36.50 a month, and at most $36.00 is allowed" in ended["said"]

    def test_passes_below_it(self, judge: Judge) -> None:
        ended = judge(
            "expensive", config={"cost-ceiling": {"enforcementLevel": "mandatory", "monthlyCost": 37}}
        )
        assert ended["passed"] is True, ended["said"]


class TestFolder:
    def test_is_a_pack_as_the_engine_knows_them(self, judge: Judge, tmp_path: Path) -> None:
        analyzer = tmp_path / "path" / "pulumi-analyzer-policy-python"
        analyzer.parent.mkdir()
        analyzer.write_text(f'#!/bin/sh\nexec "{sys.executable}" -u -m pulumi.policy "$@"\n')
        analyzer.chmod(0o755)
        path = f"{analyzer.parent}:{os.environ['PATH']}"
        ended = judge("careless", pack=ROOT / "policies", PATH=path)
        assert ended["passed"] is False
        assert ["no-public-database", "mandatory", "db"] in ended["findings"]
