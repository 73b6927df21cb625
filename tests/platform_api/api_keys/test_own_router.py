"""What a key is told of itself."""

from __future__ import annotations

from tests.platform_api.people import Team


def test_a_key_knows_what_it_may_and_a_person_is_none(team: Team) -> None:
    program, identifier = team.key(scopes=["deployment:read"])
    found = program.get("/v1/api-key").json()
    assert (found["id"], found["scopes"], found["revoked_at"]) == (identifier, ["deployment:read"], None)
    assert not {"key", "secret_hash"} & found.keys()
    assert team.owner.get("/v1/api-key").status_code == 403
