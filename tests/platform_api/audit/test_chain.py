"""What is done is noted, and what is changed afterwards is found."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from platform_api.audit.chain import Chain
from platform_api.audit.models import AuditEntry
from platform_api.database.migrate import sqlalchemy_url
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Team

PROJECTS = "/v1/organizations/acme/projects"


def first_broken(entries: Iterable[AuditEntry]) -> int | None:
    chain = Chain()
    for entry in entries:
        if not chain.holds(entry):
            break
    return chain.broken_at


def entries(plane: ControlPlane) -> list[AuditEntry]:
    engine = sa.create_engine(sqlalchemy_url(plane.owner_url))
    with Session(engine) as session:
        found = session.exec(select(AuditEntry).order_by(col(AuditEntry.number))).all()
        session.expunge_all()
    engine.dispose()
    return list(found)


@pytest.fixture
def written(control_plane: ControlPlane, team: Team) -> list[AuditEntry]:
    for number in range(4):
        assert team.owner.post(PROJECTS, slug=f"shop-{number}").status_code == 201
    assert team.owner.ask("PATCH", f"{PROJECTS}/shop-1", json={"name": "One"}).status_code == 200
    assert team.owner.ask("DELETE", f"{PROJECTS}/shop-2").status_code == 204
    return entries(control_plane)


class TestEntries:
    def test_say_who_did_what(self, written: list[AuditEntry], team: Team) -> None:
        me = team.owner.get("/v1/user").json()["id"]
        assert {one.actor["id"] for one in written} == {me}
        told = [(one.number, one.action, one.subject, one.before, one.after) for one in written[-2:]]
        assert told == [
            (6, "project.update", "shop-1", {"name": "shop-1"}, {"name": "One"}),
            (7, "project.delete", "shop-2", {"name": "shop-2"}, None),
        ]

    def test_are_not_written_for_what_was_rolled_back(self, control_plane: ControlPlane, team: Team) -> None:
        before = len(entries(control_plane))
        for _ in range(2):
            team.owner.post(PROJECTS, slug="shop")
        assert len(entries(control_plane)) == before + 1


CHANGES: dict[str, Any] = {
    "action": "project.read",
    "subject": "another",
    "outcome": "refused",
    "request_id": "x",
    "actor": {"kind": "user", "id": "nobody"},
    "before": {"name": "never"},
    "after": {"name": "never"},
    "previous_hash": bytes(32),
    "hash": bytes(32),
}


class TestTheChain:
    def test_holds_as_it_was_written(self, written: list[AuditEntry]) -> None:
        assert first_broken(written) is None

    def test_breaks_where_an_entry_was_changed(self, written: list[AuditEntry]) -> None:
        chosen = random.Random(8)
        for _ in range(100):
            copies = [AuditEntry(**one.model_dump()) for one in written]
            entry = chosen.choice(copies[1:])
            name = chosen.choice([*CHANGES, "at"])
            setattr(entry, name, entry.at + timedelta(seconds=1) if name == "at" else CHANGES[name])
            assert first_broken(copies) == entry.number, name

    def test_breaks_where_an_entry_is_missing_or_stands_elsewhere(self, written: list[AuditEntry]) -> None:
        assert first_broken(written[:2] + written[3:]) == 3
        assert first_broken([written[1], written[0], *written[2:]]) == 1
        assert first_broken(written[1:]) == 1
