"""Pipelines that plan on pull requests and deploy what is merged: a file of `pipelines/` for the CI of each forge."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from cygni.errors import UsageError

FOLDER: Final = Path(__file__).with_name("pipelines")
PLACES: Final = {
    "github": ".github/workflows/cygni.yml",
    "gitlab": ".gitlab-ci.yml",
    "bitbucket": "bitbucket-pipelines.yml",
}
"""Where each forge looks for it, from the top of the repository."""
_ENVIRONMENT: Final = "production"


def repository_top(folder: Path) -> Path:
    """The top of the git repository that `folder` is in; `folder` itself where it is in none."""
    own = folder.resolve()
    return next((one for one in (own, *own.parents) if (one / ".git").exists()), own)


def pipeline_text(forge: str, *, region: str, app: str) -> str:
    """The file for a forge of `PLACES`. `app` is the project's folder from the top of the repository, `.` for that.

    Raises UsageError for a folder that shells and YAML would not read alike.
    """
    if not re.fullmatch(r"[\w./ -]+", app):
        raise UsageError(
            f"a pipeline cannot name the folder {app!r}", hint="Give it a name of letters, digits, - and _."
        )
    text = (FOLDER / f"{forge}.yml").read_text(encoding="utf-8")
    for name, value in {"REGION": region, "ENVIRONMENT": _ENVIRONMENT, "APP": app}.items():
        text = text.replace(f"@{name}@", value)
    return text
