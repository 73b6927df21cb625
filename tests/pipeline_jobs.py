"""Jobs of pipelines as the CI of each forge runs them: their shell, in the order and with the variables that they get.

What a step `uses` of others is left out, but for the credentials of AWS.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_SECONDS = 300.0
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "made-up", "AWS_SECRET_ACCESS_KEY": "made-up"}


@dataclass
class Machine:
    """Where jobs run: `bin` comes first on PATH, `environ` is what all see. `said` is what the scripts wrote."""

    bin: Path
    folder: Path
    temporary: Path
    environ: Mapping[str, str]
    said: list[str] = field(default_factory=list)

    def shell(self, script: str, environ: Mapping[str, str], folder: Path | None = None) -> int:
        """The exit code of a script, in the shell that GitHub takes, and the others nearly."""
        file = self.temporary / "step.sh"
        file.write_text(script, encoding="utf-8")
        ended = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)],
            cwd=folder or self.folder,
            env={**environ, "PATH": f"{self.bin}:{environ['PATH']}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        self.said.append(ended.stdout)
        return ended.returncode

    def github(self, steps: Sequence[Any], env: Mapping[str, Any], context: Mapping[str, str]) -> int:
        """Runs the steps of a job, or of a composite action, until one fails. `context` has what `${{ }}` stand for."""
        variables = self.temporary / "github-env"
        variables.write_text("", encoding="utf-8")
        fixed = {"RUNNER_TEMP": str(self.temporary), "GITHUB_ENV": str(variables)}
        for step in steps:
            if "run" not in step:
                role = step.get("with", {}).get("role-to-assume")
                with variables.open("a", encoding="utf-8") as file:
                    for name, value in (_CREDENTIALS if role else {}).items():
                        file.write(f"{name}={value}\n")
                continue
            set_by_steps = dict(line.split("=", 1) for line in variables.read_text().splitlines())
            own = {
                name: filled(str(value), context) for name, value in {**env, **step.get("env", {})}.items()
            }
            where = self.folder / filled(step.get("working-directory", "."), context)
            code = self.shell(
                filled(step["run"], context), {**self.environ, **fixed, **set_by_steps, **own}, where
            )
            if code:
                return code
        return 0

    def gitlab(self, pipeline: Mapping[str, Any], name: str) -> int:
        """Runs one job."""
        job = {**pipeline[pipeline[name]["extends"]], **pipeline[name]}
        tokens = dict.fromkeys(job["id_tokens"], "a.made.up")
        environ = {**self.environ, **job["variables"], **tokens, **_CREDENTIALS}
        code = self.shell("\n".join([*job["before_script"], *job["script"]]), environ)
        return code or self.shell("\n".join(job["after_script"]), environ)

    def bitbucket(self, step: Mapping[str, Any]) -> int:
        """Runs one step."""
        token = {"BITBUCKET_STEP_OIDC_TOKEN": "a.made.up"} if step["oidc"] else {}
        return self.shell("\n".join(step["script"]), {**self.environ, **token, **_CREDENTIALS})


def filled(text: str, context: Mapping[str, str]) -> str:
    """`text` with what its expressions stand for. Raises KeyError for one that nobody gives."""
    return re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: context[found[1]], text)


def read(path: Path) -> Any:
    """A pipeline; YAML 1.1 takes the key `on` for a truth."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def program(folder: Path, name: str, script: str) -> None:
    """Makes a program of the shell."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)
