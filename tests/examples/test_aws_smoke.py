"""What the run on a real account refuses. What it does is tried in tests/e2e/test_aws_smoke.py, on the local cloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from examples import aws_smoke
from examples.aws_smoke import Smoke, main

MINE = "123456789012"
GIVEN = ("--account", MINE, "--ceiling", "0.25")


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Decimal]:
    """The ceilings that a run was begun with."""
    found: list[Decimal] = []
    monkeypatch.setenv("CYGNI_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(Smoke, "run", lambda self, ceiling: found.append(ceiling))
    return found


def account_of(environment: Mapping[str, str]) -> str:
    assert environment["AWS_REGION"] == "us-east-1"
    return MINE


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ([], "--account"),
        (["--ceiling", "1"], "--account"),
        (["--account", "12345", "--ceiling", "1"], "--account"),
        (["--account", MINE], "--ceiling"),
        (["--account", MINE, "--ceiling", "much"], "--ceiling"),
        (["--account", MINE, "--ceiling", "0"], "--ceiling"),
        (["--account", MINE, "--ceiling", "-1"], "--ceiling"),
        (["--account", MINE, "--ceiling", "inf"], "--ceiling"),
        (["--account", "999999999999", "--ceiling", "1"], f"account {MINE}, not of 999999999999"),
    ],
)
def test_is_refused_without_consent(
    arguments: Sequence[str], why: str, ran: list[Decimal], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments, account_of)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("aws-smoke: refused: ")
    assert why in said
    assert ran == []


def test_is_refused_without_credentials(
    ran: list[Decimal], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(SystemExit) as ended:
        main(GIVEN)
    assert (ended.value.code, ran) == (2, [])
    assert "refused: AWS does not say whose the credentials are" in capsys.readouterr().err


def test_begins_with_consent_and_the_account_that_was_named(ran: list[Decimal]) -> None:
    main(GIVEN, account_of)
    assert ran == [Decimal("0.25")]


def test_tells_how_to_remove_what_a_failure_has_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(self: Smoke, ceiling: Decimal) -> None:
        raise aws_smoke.SmokeFailed("cx deploy ended with 4")

    monkeypatch.setenv("CYGNI_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(Smoke, "run", fails)
    with pytest.raises(SystemExit) as ended:
        main(GIVEN, account_of)
    assert ended.value.code == 1
    assert "cx destroy -e smoke" in capsys.readouterr().err
