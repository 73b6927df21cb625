"""Shell: a script that starts the program."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.source import HASH, uncommented
from cygni.builder.detect.tree import Tree

LANGUAGE: Final = "shell"
_STARTS_OTHERS: Final = frozenset(
    {"then", "else", "elif", "if", "do", "while", "until", "!", "time", "exec", "{"}
)
"""Words that a command follows."""
_ENDS: Final = frozenset({"done", "fi", "}", "for", "break", "continue"})
"""Words of the grammar that no command follows. `case` is not among them: its patterns look like commands."""
_ANSWERS_NOBODY: Final = frozenset({
    ":", "[", "[[", "aws", "cat", "cd", "chmod", "cp", "curl", "cut", "date", "df", "du", "echo", "exit", "export",
    "false", "grep", "gzip", "head", "hostname", "id", "jq", "kill", "local", "ls", "mkdir", "mktemp", "mv", "pg_dump",
    "printf", "ps", "psql", "pwd", "read", "readonly", "return", "rm", "sed", "seq", "set", "shift", "sleep", "sort",
    "tail", "tar", "tee", "test", "touch", "tr", "trap", "true", "umask", "uname", "uniq", "unset", "uptime", "wait",
    "wc", "wget", "whoami",
})  # fmt: skip
"""Commands of shells and of GNU, and clients: they start no other program, and wait for no connection."""
_LONGEST: Final = 16_384
"""Characters of a script that is looked through."""
_QUOTED: Final = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'[^']*'""")
_ARITHMETIC: Final = re.compile(r"\$?\(\([^()]*\)\)")
_SUBSTITUTION: Final = re.compile(r"\$\(([^()]*)\)")
_FUNCTION: Final = re.compile(r"\b(\w+)\s*\(\s*\)")
_SEPARATORS: Final = re.compile(r"(?<![<>])&(?!>)|[\n;|()]")
_ASSIGNMENT: Final = re.compile(r"\w+\+?=")


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
    alone = not tree.first("Dockerfile", "Containerfile")  # which may start another program
    if alone and _answers_nobody(tree.text(file) or ""):
        draft.say("kind", Kind.WORKER, f"{file} runs nothing that could answer requests")
    return draft


def _answers_nobody(script: str) -> bool:
    """Whether all that a script runs is known to wait for no connection; False where that is not plain to see."""
    if len(script) > _LONGEST:
        return False
    code = _ARITHMETIC.sub(":", uncommented(script, HASH).replace("\\\n", " "))
    while found := _SUBSTITUTION.search(code):
        code = f"{code[: found.start()]}_{code[found.end() :]}\n{found[1]}"
    if re.search(r"\$\(|<<|`|/dev/(?:tcp|udp)", code):
        return False
    plain = _QUOTED.sub("_", code)
    known = _ANSWERS_NOBODY.union(_FUNCTION.findall(plain))
    commands = [word for part in _SEPARATORS.split(plain) if (word := _command(part.split())) is not None]
    return bool(commands) and known.issuperset(commands)


def _command(words: list[str]) -> str | None:
    """The command of a part between separators, None where it has none."""
    for word in words:
        if word in _ENDS:
            return None
        if word not in _STARTS_OTHERS and not _ASSIGNMENT.match(word):
            return word
    return None
