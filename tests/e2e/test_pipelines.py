"""The pipelines of `cx init --ci` from a pull request to what it deploys, on the local cloud and a stand-in of each
forge."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import WORKER, Project
from tests.forge_server import Forge, forge_server
from tests.pipeline_jobs import Machine, program, read

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ROOT = Path(__file__).parents[2]


def machine_of(project: Project, forge: Forge) -> Machine:
    """Where the jobs of the project's pipeline run; every environment is on its local cloud."""
    programs = project.root / "bin"
    program(programs, "python", ":")
    program(
        programs, "cx", f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -W ignore -m tests.e2e.anywhere "$@"'
    )
    event = project.root / forge.kind
    event.mkdir()
    environ = {
        **project.environ(),
        **forge.environ(event),
        "no_proxy": "127.0.0.1",
        "CI": "true",
        "CYGNI_PACKAGE": "cygni",
        "CYGNI_PASSPHRASE": "open sesame",
        "CYGNI_PLAN_ROLE": "arn:aws:iam::123456789012:role/plan",
        "CYGNI_DEPLOY_ROLE": "arn:aws:iam::123456789012:role/deploy",
        "CI_JOB_ID": "7",
        "CX_SKIP_DOCTOR": "1",
    }
    given = project.root / "given"
    given.write_text("open sesame")
    environ["CYGNI_PASSPHRASE_FILE"] = str(given)
    return Machine(programs, project.folder, project.temporary, environ)


def run(machine: Machine, kind: str, pipeline: Any, job: str) -> None:
    """Runs the job that plans, or the one that deploys."""
    if kind == "github":
        context = {
            "vars.CYGNI_STATE": "",
            "vars.CYGNI_PACKAGE": "cygni",
            "secrets.CYGNI_PASSPHRASE": "open sesame",
            "github.token": machine.environ["GITHUB_TOKEN"],
        }
        code = machine.github(pipeline["jobs"][job]["steps"], pipeline["env"], context)
    elif kind == "gitlab":
        code = machine.gitlab(pipeline, f"cygni-{job}")
    else:
        branch = {
            "plan": pipeline["pipelines"]["pull-requests"]["**"],
            "deploy": pipeline["pipelines"]["branches"]["main"],
        }
        code = machine.bitbucket(branch[job][0]["step"])
    assert code == 0, machine.said[-1]


class TestPipelines:
    def test_comment_the_plan_and_deploy_it(self, project: Project) -> None:
        project.command = [sys.executable, "-W", "ignore", "-m", "tests.e2e.anywhere"]
        project.environments = ["production"]
        for number, (kind, file) in enumerate(
            [
                ("github", ".github/workflows/cygni.yml"),
                ("gitlab", ".gitlab-ci.yml"),
                ("bitbucket", "bitbucket-pipelines.yml"),
            ],
            1,
        ):
            project.write(services={f"mailer-{one}": dict(WORKER) for one in range(number)})
            assert project.cx("init", "--ci", kind, env={"PYTHONPATH": os.fspath(ROOT)}).code == 0
            pipeline = read(project.folder / file)
            with forge_server(kind) as forge:
                machine = machine_of(project, forge)
                run(machine, kind, pipeline, "plan")
                [text] = forge.texts
                assert "### Cygni: shop · production" in text
                assert f"mailer-{number - 1}" in text
                run(machine, kind, pipeline, "deploy")
                run(machine, kind, pipeline, "plan")
                [text] = forge.texts
                assert "**No changes.**" in text
            assert project.kinds()["service"] == 2 * number  # one of each colour
