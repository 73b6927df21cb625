"""The parts of a monorepo: what workspaces name, or folders beside each other that are programs."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cygni.builder.detect.answer import Draft, Member
from cygni.builder.detect.tree import PASSED_OVER, Tree

MOST_MEMBERS: Final = 100
_MOST_FOLDERS: Final = 1_000
_DEEPEST: Final = 4
_GROUPS: Final = ("apps", "packages", "services", "projects", "modules")
_SHARED: Final = ("package_manager", "install_command", "language_version")

Look = Callable[[Tree], Member | None]


def find(tree: Tree, drafts: Sequence[Draft], look: Look) -> list[Member]:
    """The members that the manifests of a root name, in the order of their paths. They have the package manager of the
    root that names them."""
    found: dict[str, Member] = {}
    for draft in drafts:
        for folder in folders(tree, draft.patterns, draft.without):
            if folder in found or len(found) >= MOST_MEMBERS:
                if len(found) >= MOST_MEMBERS:
                    tree.note(f"there are more than {MOST_MEMBERS} members")
                    break
                continue
            member = look(tree.at(folder))
            if member:
                share(draft, member)
                found[folder] = member
    return [found[folder] for folder in sorted(found)]


def beside(tree: Tree, look: Look) -> list[Member]:
    """The programs in folders of a root that is none, such as `frontend` and `backend`."""
    places = [name for name in sorted(tree.folders) if _may_hold(name)][: _MOST_FOLDERS // 5]
    below = [f"{group}/{name}" for group in _GROUPS if group in tree.folders
             for name in sorted(tree.at(group).folders) if _may_hold(name)]  # fmt: skip
    found = []
    for folder in sorted({*places, *below[: _MOST_FOLDERS // 5]}):
        member = look(tree.at(folder))
        if member and member.program.deployable:
            found.append(member)
    return found[:MOST_MEMBERS]


def _may_hold(name: str) -> bool:
    return name not in PASSED_OVER and not name.startswith((".", "_"))


def share(draft: Draft, member: Member) -> None:
    """Give a member what the root has for all: package manager, install command, version of the language."""
    if member.program.language != draft.language:
        return
    for name in _SHARED:
        value = getattr(draft, name)
        if value is None:
            continue
        if name == "language_version":
            member.program.say(name, value, "the root of the workspace has it")
        elif getattr(member.program, name) != value:
            member.program.correct(name, value, "the root of the workspace has it")


@dataclass(slots=True)
class _Budget:
    """How many folders may still be listed."""

    left: int = _MOST_FOLDERS

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def folders(tree: Tree, patterns: Iterable[str], without: Iterable[str] = ()) -> Iterator[str]:
    """The folders that workspace patterns name (`*` for one name, `**` for any number), as paths from `tree`."""
    excluded = [re.compile(_translated(pattern)) for pattern in without]
    budget = _Budget()
    for pattern in patterns:
        parts = [part for part in pattern.replace("\\", "/").split("/") if part not in ("", ".")]
        if ".." in parts or not parts:
            continue
        for folder in _matching(tree, "", parts, budget):
            if not any(one.fullmatch(folder) for one in excluded):
                yield folder


def _translated(pattern: str) -> str:
    plain = pattern.replace("\\", "/").strip("/").removeprefix("./")
    return fnmatch.translate(plain.removesuffix("/**")) + (
        r"|" + fnmatch.translate(plain) if "**" in plain else ""
    )


def _matching(tree: Tree, place: str, parts: list[str], budget: _Budget) -> Iterator[str]:
    if not parts:
        if place:
            yield place
        return
    first, *rest = parts
    if first == "**":
        yield from _below(tree, place, rest, budget, 0)
    elif any(sign in first for sign in "*?[{"):
        if not budget.spend():
            return
        for name in sorted(tree.at(place).folders):
            if _walked(name) and any(fnmatch.fnmatchcase(name, one) for one in _braces(first)):
                yield from _matching(tree, f"{place}/{name}" if place else name, rest, budget)
    else:
        path = f"{place}/{first}" if place else first
        if tree.has_folder(path):
            yield from _matching(tree, path, rest, budget)


def _below(tree: Tree, place: str, rest: list[str], budget: _Budget, depth: int) -> Iterator[str]:
    yield from _matching(tree, place, rest, budget)
    if depth >= _DEEPEST or not budget.spend():
        return
    for name in sorted(tree.at(place).folders):
        if _walked(name):
            yield from _below(tree, f"{place}/{name}" if place else name, rest, budget, depth + 1)


def _walked(name: str) -> bool:
    return name != "node_modules" and not name.startswith(".")


def _braces(pattern: str) -> list[str]:
    """`{a,b}` is either."""
    found = re.search(r"\{([^{}]*)\}", pattern)
    if found is None:
        return [pattern]
    before, after = pattern[: found.start()], pattern[found.end() :]
    return [f"{before}{choice}{after}" for choice in found[1].split(",")]
