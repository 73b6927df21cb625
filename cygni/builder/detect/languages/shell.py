"""Shell: a script that starts the program."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft
from cygni.builder.detect.tree import Tree

LANGUAGE: Final = "shell"


def look(tree: Tree) -> Draft | None:
    """What a shell says of a folder."""
    file = tree.first("start.sh", "run.sh", "main.sh", "serve.sh", "server.sh", "entrypoint.sh")
    if file is None:
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    first = re.match(r"#!\s*(?:/usr/bin/env\s+(?:-S\s+)?)?(?:/\S*/)?(\w+)", tree.head(file))
    shell = first[1] if first and first[1] in ("bash", "sh", "dash", "zsh", "ksh", "fish") else "sh"
    draft.say("start_command", f"{shell} {file}", f"{file} is there")
    return draft
