from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.places import as_installed


class TestAsInstalled:
    def test_has_compiled_modules_where_none_are_written_otherwise(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        monkeypatch.setenv("KEPT", "yes")
        found = as_installed(tmp_path)
        assert "PYTHONDONTWRITEBYTECODE" not in found
        assert (found["PYTHONPYCACHEPREFIX"], found["KEPT"]) == (str(tmp_path / "modules"), "yes")
