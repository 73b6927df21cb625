"""The file of a backup."""

from __future__ import annotations

from pathlib import Path

from platform_api.backups.archive import FORMAT, Manifest, digest_of, opened, write


def test_is_written_beside_others_and_opened_again(tmp_path: Path) -> None:
    dumped = tmp_path / "dump"
    dumped.write_bytes(b"rows")
    beside = tmp_path / ".control-plane.json"
    beside.write_text("of somebody else")
    manifest = Manifest(FORMAT, "2026-03-01T00:00:00+00:00", "0.1.0", "cygni", "0" * 16, digest_of(dumped))
    to = tmp_path / "control-plane.tar"
    write(to, manifest, dumped)
    assert beside.read_text() == "of somebody else"
    assert sorted(one.name for one in tmp_path.iterdir()) == [beside.name, to.name, dumped.name]
    assert to.stat().st_mode & 0o077 == 0
    with opened(to, tmp_path) as (found, again):
        assert (found, again.read_bytes()) == (manifest, b"rows")
