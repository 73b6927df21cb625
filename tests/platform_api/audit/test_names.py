"""Entries tell people by their addresses, also when they have left."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Team

ACME = "/v1/organizations/acme"


def newest(team: Team, count: int) -> list[dict[str, Any]]:
    return list(team.owner.get(f"{ACME}/audit?limit={count}").json()["items"])


def test_of_who_has_left_are_told(team: Team) -> None:
    bob = team.invite("bob", "admin")
    bob.post(f"{ACME}/projects", slug="hello")
    member = f"{ACME}/members/{bob.id}"
    in_project = f"{ACME}/projects/hello/members/{bob.id}"
    assert team.owner.ask("PUT", in_project, json={"role": "owner"}).status_code == 204
    assert team.owner.ask("DELETE", in_project).status_code == 204
    assert team.owner.ask("PATCH", member, json={"role": "viewer"}).status_code == 204
    assert team.owner.ask("DELETE", member).status_code == 204
    told = [(one["actor_name"], one["action"], one["subject_name"]) for one in newest(team, 5)]
    assert told == [
        ("ada@example.com", "member.delete", "bob@example.com"),
        ("ada@example.com", "member.update", "bob@example.com"),
        ("ada@example.com", "project_member.delete", "hello/bob@example.com"),
        ("ada@example.com", "project_member.put", "hello/bob@example.com"),
        ("bob@example.com", "project.create", None),
    ]
    assert team.owner.get(f"{ACME}/audit/verification").json()["broken_at"] is None


def test_of_keys_are_told_when_they_are_revoked(team: Team) -> None:
    robot, id = team.key(name="robot", scopes=["project:create"])
    robot.post(f"{ACME}/projects", slug="hello")
    team.owner.ask("DELETE", f"{ACME}/api-keys/{id}")
    assert [(one["actor_name"], one["subject_name"]) for one in newest(team, 3)] == [
        ("ada@example.com", "robot"),
        ("robot", None),
        ("ada@example.com", "robot"),
    ]


def test_of_whom_a_caller_wrote_are_not_told(team: Team) -> None:
    team.owner.post("/v1/organizations", slug="other", name="Other")
    stranger = team.invite("carol", "viewer", "other")
    assert team.invite("bob", "viewer").ask("DELETE", f"{ACME}/members/{stranger.id}").status_code == 403
    [refused] = newest(team, 1)
    assert refused["subject"].endswith(stranger.id)
    assert (refused["actor_name"], refused["subject_name"]) == ("bob@example.com", None)


def test_are_missing_where_the_account_is_none(team: Team, control_plane: ControlPlane) -> None:
    team.owner.post(f"{ACME}/projects", slug="hello")
    with psycopg.connect(control_plane.owner_url) as owner:
        for number, actor in ((90, {"kind": "worker", "id": "budgets"}), (91, {"kind": "user"})):
            owner.execute(
                "INSERT INTO audit_entries SELECT organization_id, %s, at, %s, 'member.update', 'nobody', 'done',"
                " '', null, null, hash, hash FROM audit_entries ORDER BY number DESC LIMIT 1",
                (number, Jsonb(actor)),
            )
    assert [(one["actor_name"], one["subject_name"]) for one in newest(team, 2)] == [(None, None)] * 2
