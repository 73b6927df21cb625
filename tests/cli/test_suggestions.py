"""What the shell completes."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.main import main
from tests.cli.conftest import Cx

SERVICES = {
    "web": {"image": "nginx:1", "port": 80},
    "mailer": {"kind": "worker", "image": "mailer:1"},
    "migrate": {"kind": "job", "image": "mailer:1"},
    "nightly": {"kind": "cron", "image": "mailer:1", "schedule": "0 3 * * *"},
}


@pytest.fixture
def shop(cx: Cx) -> Cx:
    cx.write(services=SERVICES)
    return cx


def completed(shop: Cx, words: str) -> list[str]:
    """What bash is offered for the last of the words, as its completion script asks."""
    shop.monkeypatch.setenv("_CX_COMPLETE", "complete_bash")
    shop.monkeypatch.setenv("COMP_WORDS", words)
    shop.monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    shop.monkeypatch.setattr("sys.argv", ["cx"])
    with pytest.raises(SystemExit):
        main()
    return shop.capsys.readouterr().out.split()


def test_of_commands(shop: Cx) -> None:
    assert completed(shop, "cx rol") == ["rollback", "role"]


def test_of_options(shop: Cx) -> None:
    assert completed(shop, "cx logs --rel") == ["--release"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("cx logs m", ["mailer", "migrate"]),
        ("cx logs web mig", ["migrate"]),
        ("cx restart ", ["mailer", "web"]),
        ("cx scale ", ["mailer=", "web="]),
        ("cx run ", ["migrate"]),
        ("cx open ", ["web"]),
    ],
)
def test_of_services(shop: Cx, words: str, offered: list[str]) -> None:
    assert sorted(completed(shop, words)) == offered


def test_of_another_folder(shop: Cx, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "cygni.yaml").write_text(
        "{project: other, region: us-east-1, services: {api: {image: a, port: 80}}}"
    )
    assert completed(shop, f"cx open --app {other} ") == ["api"]


def test_is_nothing_where_there_is_no_project(shop: Cx, tmp_path: Path) -> None:
    assert completed(shop, f"cx open --app {tmp_path} ") == []
