"""Pipelines are what their forges take, and their steps do what they say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cygni.builder.scaffold.pipeline import PLACES, pipeline_text, repository_top
from cygni.errors import UsageError
from tests.pipeline_jobs import Machine, program, read

ROOT = Path(__file__).parents[4]
BIN = Path(sys.executable).parent
SCHEMAS = {
    "github": ["--builtin-schema", "vendor.github-workflows"],
    "gitlab": ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "bitbucket": ["--builtin-schema", "vendor.bitbucket-pipelines"],
}


def checked(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Writes the pipeline of a forge."""

    def write(forge: str) -> Path:
        path = tmp_path / "repository" / PLACES[forge]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pipeline_text(forge, region="eu-central-1", app="services/shop"), encoding="utf-8")
        return path

    return write


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine whose pip installs nothing, and whose `cx` tells how it was called."""
    folder, temporary = tmp_path / "repository", tmp_path / "temporary"
    folder.mkdir(exist_ok=True)
    temporary.mkdir()
    program(tmp_path / "bin", "python", 'echo "python $*"')
    seen = "CX_APP CX_ENV AWS_REGION AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE"
    told = f'for name in {seen}; do eval echo "$name=\\${{$name-}}"; done'
    cat = 'echo "passphrase=$(cat "$CYGNI_PASSPHRASE_FILE")"'
    program(tmp_path / "bin", "cx", f'echo "cx $*"; {told}; {cat}; echo "PASSPHRASE=${{PASSPHRASE-}}"')
    passphrase = temporary / "given"
    passphrase.write_text("open sesame")
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "CYGNI_PASSPHRASE_FILE": str(passphrase),
        "CYGNI_PASSPHRASE": "open sesame",
        "CYGNI_PACKAGE": "cygni==0.1.0",
        "CYGNI_PLAN_ROLE": "arn:plan",
        "CYGNI_DEPLOY_ROLE": "arn:deploy",
        "CI_JOB_ID": "7",
        "BITBUCKET_BUILD_NUMBER": "7",
    }
    return Machine(tmp_path / "bin", folder, temporary, environ)


CONTEXT = {
    "vars.CYGNI_STATE": "s3://acme-state",
    "vars.CYGNI_PACKAGE": "cygni==0.1.0",
    "secrets.CYGNI_PASSPHRASE": "open sesame",
    "github.token": "made-up",
}
PLAN = "cx diff --env production --comment"
DEPLOY = "cx deploy --env production --yes --lock-wait 15m"


class TestPipeline:
    @pytest.mark.parametrize("forge", list(PLACES))
    def test_is_what_the_schema_of_its_forge_says(self, written: Any, forge: str) -> None:
        ended = checked(BIN / "check-jsonschema", *SCHEMAS[forge], written(forge))
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def test_of_github_is_safe(self, written: Any) -> None:
        ended = checked(
            BIN / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", written("github")
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr

    @pytest.mark.parametrize("forge", list(PLACES))
    def test_has_nothing_left_to_fill_in(self, forge: str) -> None:
        text = pipeline_text(forge, region="eu-central-1", app=".")
        assert [word for word in ("@APP@", "@REGION@", "@ENVIRONMENT@") if word in text] == []

    def test_names_no_folder_that_a_shell_would_read_otherwise(self) -> None:
        with pytest.raises(UsageError, match="cannot name the folder"):
            pipeline_text("bitbucket", region="eu-central-1", app='a"; rm -rf $HOME')

    def test_belongs_at_the_top_of_the_repository(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        (tmp_path / "a" / "b").mkdir(parents=True)
        assert repository_top(tmp_path / "a" / "b") == tmp_path.resolve()


class TestSteps:
    @pytest.mark.parametrize(("job", "command"), [("plan", PLAN), ("deploy", DEPLOY)])
    def test_of_github_call_cx(self, written: Any, machine: Machine, job: str, command: str) -> None:
        workflow = read(written("github"))
        assert machine.github(workflow["jobs"][job]["steps"], workflow["env"], CONTEXT) == 0
        assert machine.said[0] == "python -m pip install --quiet cygni==0.1.0\n"
        assert machine.said[-1].startswith(f"{command}\nCX_APP=services/shop\n")
        assert "passphrase=open sesame\n" in machine.said[-1]
        assert (machine.temporary / "passphrase").stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        ("job", "command", "role"), [("plan", PLAN, "arn:plan"), ("deploy", DEPLOY, "arn:deploy")]
    )
    def test_of_gitlab_call_cx_with_a_role(
        self, written: Any, machine: Machine, job: str, command: str, role: str
    ) -> None:
        assert machine.gitlab(read(written("gitlab")), f"cygni-{job}") == 0
        said = machine.said[0]
        assert f"{command}\nCX_APP=services/shop\n" in said
        assert f"AWS_REGION=eu-central-1\nAWS_ROLE_ARN={role}\nAWS_WEB_IDENTITY_TOKEN_FILE=/" in said

    def test_of_gitlab_bring_their_cache_along(self, written: Any, machine: Machine) -> None:
        (machine.folder / ".cygni-cache" / "engine").mkdir(parents=True)
        program(machine.bin, "cx", "ls -d .cygni-cache 2>&1; ls ~/.cache/cygni")
        machine.gitlab(read(written("gitlab")), "cygni-plan")
        assert machine.said[0].endswith("engine\n")
        assert (machine.folder / ".cygni-cache" / "engine").is_dir()

    def test_of_bitbucket_call_cx_with_a_role(self, written: Any, machine: Machine) -> None:
        pipelines = read(written("bitbucket"))["pipelines"]
        for [step], command, role in (
            (pipelines["pull-requests"]["**"], PLAN, "arn:plan"),
            (pipelines["branches"]["main"], DEPLOY, "arn:deploy"),
        ):
            assert machine.bitbucket(step["step"]) == 0
            assert f"{command}\nCX_APP=services/shop\n" in machine.said[-1]
            assert f"AWS_ROLE_ARN={role}\n" in machine.said[-1]
            assert "passphrase=open sesame\n" in machine.said[-1]

    @pytest.mark.parametrize("job", ["plan", "deploy"])
    def test_of_github_let_the_signal_of_a_cancelled_job_reach_cx(
        self, written: Any, machine: Machine, job: str
    ) -> None:
        [script] = [
            step["run"]
            for step in read(written("github"))["jobs"][job]["steps"]
            if "exec cx" in step.get("run", "")
        ]
        told = machine.temporary / "told"
        (machine.temporary / "step").write_text(script)
        program(machine.bin, "cx", f'trap "echo interrupted > {told}; exit 130" INT; echo ready; read -r _')
        with subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", machine.temporary / "step"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": f"{machine.bin}:{machine.environ['PATH']}"},
            process_group=0,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(signal.SIGINT)  # to the shell alone, as the runner does
            assert process.wait(30) == 130
        assert told.read_text() == "interrupted\n"

    def test_say_what_is_not_set(self, written: Any, machine: Machine) -> None:
        workflow = read(written("github"))
        context = {**CONTEXT, "vars.CYGNI_PACKAGE": ""}
        assert machine.github(workflow["jobs"]["plan"]["steps"], workflow["env"], context) != 0
        assert "set the variable CYGNI_PACKAGE" in machine.said[-1]


class TestAction:
    ACTION = ROOT / "action.yml"

    def run(self, machine: Machine, **inputs: str) -> int:
        """Runs the composite action; its environment has the machine's `cx`."""
        action = read(self.ACTION)
        given = {
            name.replace("_", "-"): value
            for name, value in {"environment": "staging", "passphrase": "open sesame", **inputs}.items()
        }
        own = machine.temporary / "cygni" / "bin"
        own.mkdir(parents=True, exist_ok=True)
        (own / "cx").unlink(missing_ok=True)
        (own / "cx").symlink_to(machine.bin / "cx")
        program(own, "python", 'echo "python $*"')
        values = {name: given.get(name, one.get("default", "")) for name, one in action["inputs"].items()}
        context = {
            **{f"inputs.{name}": str(value) for name, value in values.items()},
            "inputs.version || github.action_path": values["version"] or "/the/action",
            "steps.python.outputs.python-path": str(machine.bin / "python"),
        }
        return machine.github(action["runs"]["steps"], {}, context)

    def test_is_what_its_schema_says_and_safe(self) -> None:
        ended = checked(
            BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", str(self.ACTION)
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        ended = checked(
            BIN / "zizmor", "--offline", "--no-progress", "--persona", "pedantic", str(self.ACTION)
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr

    def test_installs_itself_or_what_was_asked_for(self, machine: Machine) -> None:
        assert self.run(machine) == 0
        assert machine.said[0].endswith("-m pip install --quiet --disable-pip-version-check /the/action\n")
        self.run(machine, version="cygni==0.1.0")
        assert machine.said[2].endswith(" cygni==0.1.0\n")

    @pytest.mark.parametrize(
        ("inputs", "command"),
        [
            ({}, "cx diff --comment"),
            ({"comment": "false"}, "cx diff"),
            (
                {"comment_above": "5", "max_cost_increase": "10%"},
                "cx diff --comment --comment-above 5 --max-cost-increase 10%",
            ),
            ({"command": "deploy"}, "cx deploy --yes --lock-wait 15m"),
            (
                {"command": "deploy", "max_cost_increase": "25; touch it"},
                "cx deploy --yes --lock-wait 15m --max-cost-increase 25; touch it",
            ),
        ],
    )
    def test_calls_cx_with_its_inputs(self, machine: Machine, inputs: dict[str, str], command: str) -> None:
        assert self.run(machine, **inputs) == 0
        told = machine.said[-1].splitlines()
        assert (told[0], "CX_ENV=staging" in told) == (command, True)
        assert ("passphrase=open sesame" in told, "PASSPHRASE=" in told) == (True, True)

    def test_refuses_another_command(self, machine: Machine) -> None:
        assert self.run(machine, command="destroy") == 2
        assert "::error title=Cygni::the input command is neither diff nor deploy" in machine.said[-1]


class TestRecipe:
    """The script for any other CI, as the documentation has it."""

    @pytest.mark.parametrize(
        ("environ", "file", "command"),
        [
            ({"PULL_REQUEST": "12"}, "plan.md", "cx diff --env production --markdown"),
            ({}, "deployed.json", "cx deploy --env production --yes --json --lock-wait 15m"),
        ],
    )
    def test_calls_cx(self, machine: Machine, environ: dict[str, str], file: str, command: str) -> None:
        page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
        script = page.partition("## Any other CI")[2].split("```sh\n")[1].partition("```")[0]
        program(
            machine.bin,
            "python3",
            f'mkdir -p "$3/bin"; cp "{machine.bin}/python" "$3/bin/pip"; cp "{machine.bin}/cx" "$3/bin/cx"',
        )
        assert machine.shell(script, {**machine.environ, **environ}) == 0
        assert machine.said == ["python install --quiet cygni==0.1.0\n"]
        assert (machine.folder / file).read_text().startswith(f"{command}\n")
