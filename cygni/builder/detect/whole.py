"""Projects whose members are built from the root: where one of them is the program, it is the project's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from cygni.builder.detect.answer import Draft, Member, Program
from cygni.builder.detect.tree import Tree

_SAME: Final = (
    "language",
    "language_version",
    "framework",
    "kind",
    "port",
    "health_path",
    "output_directory",
)


def adopt(draft: Draft, tree: Tree, members: Sequence[Member]) -> None:
    """Take the program of the one member that has one, of those with a framework if there are any."""
    programs = [member for member in members if member.program.deployable]
    served = [member for member in programs if member.program.framework]
    chosen = (served or programs) if len(served or programs) == 1 else []
    if not chosen:
        if programs:
            tree.note(f"several members are programs: {', '.join(member.path for member in programs)}")
        return
    take_over(draft, chosen[0], f"{chosen[0].path} is the one program of the project")


def take_over(draft: Draft, member: Member, because: str) -> None:
    """Make the program of a member that of the root, with commands as they are from there."""
    for name in _SAME:
        value = getattr(member.program, name)
        if value is not None and value != getattr(draft, name):
            draft.correct(name, value, because)
    build, start = _lifted(draft, member.path, member.name, member.program)
    draft.correct("build_command", build, because)
    draft.correct("start_command", start, because)
    draft.need(member.program.system_packages, because)


def _lifted(draft: Draft, path: str, name: str, program: Program) -> tuple[str | None, str | None]:
    """Build and start command as they are from the root."""
    build, start = program.build_command, program.start_command
    if draft.package_manager == "cargo":
        built = re.sub(r"^\./(\.\./)*", "./", start or "")
        return f"cargo build --release --package {name}", built or None
    if draft.package_manager == "gradle":
        task, _, more = (build or "build").split("--no-daemon ", 1)[-1].partition(" ")
        more = f" {more}" if more else ""
        tool = (draft.build_command or "gradle").split()[0]
        return f"{tool} --no-daemon :{path.replace('/', ':')}:{task}{more}", _below(path, start)
    if draft.package_manager == "maven":
        return draft.build_command, _below(path, start)
    if draft.package_manager == "nuget":
        return re.sub(r"^dotnet publish( \S+proj)?", f"dotnet publish {path}", build or "") or None, start
    return (f"cd {path} && {build}" if build else None), (f"cd {path} && {start}" if start else None)


def _below(path: str, start: str | None) -> str | None:
    return re.sub(r"(^|\s)(target|build)/", rf"\1{path}/\2/", start) if start else None
