"""`cx cost` reads what the real engine writes of stacks that the real engine made."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from cygni.naming import Part, stack_name
from stacks.engine import find
from stacks.pulumi_project import PULUMI_PROJECT
from stacks.target import state_folder
from tests.e2e.project import WEB, Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def exported(project: Project, part: Part) -> Path:
    """The file that `pulumi stack export` writes of a stack."""
    folder = project.root / "pulumi"
    folder.mkdir(exist_ok=True)
    (folder / "Pulumi.yaml").write_text(f"name: {PULUMI_PROJECT}\nruntime: python\n")
    file = folder / f"{part}.json"
    stack = stack_name(project.name, "local", part)
    subprocess.run(
        [find(project.settings, lambda step: None).path, "stack", "export", "--stack", stack, "--file", file],
        cwd=folder,
        env={
            **project.environ(),
            "PULUMI_BACKEND_URL": state_folder(project.settings).as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(project.settings.data_dir / "passphrase"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        check=True,
        capture_output=True,
        timeout=120,
    )
    return file


def test_prices_what_is_deployed_however_it_is_told(project: Project) -> None:
    project.write(network={"nat": "single"}, services={"web": WEB}, buckets={"uploads": {}})
    project.deploy()
    status = project.cx("status", "--json").json
    whole = project.cx("cost", "--stack", "local", "--json").json
    assert float(whole["monthly_after"]) == float(status["monthly"]) > 0
    assert float(whole["usage_monthly_after"]) == float(status["usage_monthly"])
    for part in (Part.FOUNDATION, Part.DATA):  # the price of services follows what is in other stacks
        file = exported(project, part)
        told = project.cx("cost", str(file), "--json").json
        same = project.cx("cost", "--stack", str(part), "--json").json
        assert told["resources"] == same["resources"]
        assert told["monthly_after"] == same["monthly_after"]
    project.change(network={"nat": "none"})
    plan = project.root / "plan.json"
    plan.write_text(project.cx("diff", "--json").out)
    saved = project.cx("cost", str(plan), "--json").json
    assert float(saved["monthly_delta"]) < -30
