"""Every project of the corpus is told right: `corpus/LANGUAGE.yaml` has files and what is expected of them.

Language, framework, package manager and start command are compared always: what a case does not name must be unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cygni.builder.detect import detect

CORPUS = Path(__file__).with_name("corpus")
ALWAYS = dict.fromkeys(("language", "framework", "package_manager", "start_command"))


def cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{file.stem}: {case['name']}")
        for file in sorted(CORPUS.glob("*.yaml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def write(case: Mapping[str, Any], folder: Path) -> None:
    for name, content in case["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        encoding = case.get("encoding", "utf-8") if name in case.get("only_encoded", ()) else "utf-8"
        path.write_bytes(content.encode(encoding))


def differences(expected: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    wanted = {**ALWAYS, **expected}
    return {
        name: (value, found[name])
        for name, value in wanted.items()
        if name != "members" and found[name] != value
    }


@pytest.mark.parametrize("case", cases())
def test_is_told_right(case: Mapping[str, Any], tmp_path: Path) -> None:
    folder = tmp_path / "project"
    write(case, folder)
    found = detect(folder).to_dict()
    assert differences(case["expect"], found) == {}, found["reasons"]
    members = {member["path"]: member for member in found["members"]}
    expected = case["expect"].get("members", {})
    assert sorted(members) == sorted(expected)
    for path, wanted in expected.items():
        assert differences(wanted, members[path]) == {}, path
    for about in ("language", "framework", "start_command", "port", "kind"):
        assert found[about] is None or about in {reason["about"] for reason in found["reasons"]}


def test_there_are_enough() -> None:
    assert len(cases()) >= 150
