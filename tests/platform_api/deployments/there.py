"""`cx` in a project whose environment a control plane has, which serves on a port; its worker follows a script."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli import following, terminal
from cli.invocation import invoke
from tests.cli.conftest import Ended
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.people import PASSWORD, Team
from tests.platform_api.served import Served
from tests.platform_api.worker.scripted_runner import Script

SHOP = "/v1/organizations/acme/projects/shop"
SPEC = "project: shop\nregion: us-east-1\n"


@dataclass
class There:
    """The project `shop` at a control plane with its environment `staging`, and somebody's terminal for it."""

    server: Served
    workshop: Workshop
    team: Team
    script: Script
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    data: Path

    def __call__(self, *arguments: str) -> Ended:
        self.capsys.readouterr()
        code = invoke([*arguments, "--env", "staging"])
        said = self.capsys.readouterr()
        return Ended(int(code), said.out, said.err)

    def signs_in(self, email: str) -> None:
        self.monkeypatch.setenv("CYGNI_DATA_DIR", str(self.data / email))
        self.monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
        url = f"http://127.0.0.1:{self.server.port}"
        assert invoke(["login", url, "--email", email, "--password-stdin"]) == 0

    def signs_in_with_a_key(self, *scopes: str) -> None:
        """As pipelines do, by the environment."""
        made = self.team.owner.post("/v1/organizations/acme/api-keys", name="ci", scopes=scopes).json()
        self.monkeypatch.setenv("CYGNI_API_URL", f"http://127.0.0.1:{self.server.port}")
        self.monkeypatch.setenv("CYGNI_API_KEY", made["key"])

    def answers(self, text: str) -> None:
        """There is a terminal, and a person at it who types this."""
        for module in (terminal, following):
            self.monkeypatch.setattr(module, "interactive", lambda: True)
        self.monkeypatch.setattr("sys.stdin", io.StringIO(text))

    def deployments(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.team.owner.get(f"{SHOP}/environments/staging/deployments").json()[
            "items"
        ]
        return found

    def until(self, deployment: str, status: str) -> None:
        """Waits for it to be so."""
        ends = time.monotonic() + 30
        path = f"{SHOP}/environments/staging/deployments/{deployment}"
        while (found := self.team.owner.get(path).json()["status"]) != status:
            assert time.monotonic() < ends, found
            time.sleep(0.1)

    def refusals(self) -> list[str]:
        """What was refused to anybody, the last one last."""
        rows = self.workshop.run("SELECT action FROM audit_entries WHERE outcome = 'refused' ORDER BY number")
        return [str(row["action"]) for row in rows]

    def needs_approval(self) -> None:
        self.team.owner.ask("PATCH", f"{SHOP}/environments/staging", json={"needs_approval": True})
