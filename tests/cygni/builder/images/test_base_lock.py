from __future__ import annotations

from pathlib import Path

import pytest

from cygni.builder.images.base_lock import FILE, read_lock, write_lock
from cygni.errors import UsageError

DIGEST = f"sha256:{'a' * 64}"


def test_has_what_was_written(tmp_path: Path) -> None:
    assert read_lock(tmp_path) is None
    write_lock(tmp_path, {"python:3.13": DIGEST, "debian:12": DIGEST})
    write_lock(tmp_path, {"python:3.13": DIGEST})
    assert read_lock(tmp_path) == {"python:3.13": DIGEST}
    assert [one.name for one in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"bases": [1]}', '{"bases": {"python:3.13": "latest"}}', "\xff"]
)
def test_that_is_none_is_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"cygni\.lock cannot be read") as refused:
        read_lock(tmp_path)
    assert "cx build --update-bases" in str(refused.value.hint)
