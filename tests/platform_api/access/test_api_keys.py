"""API keys: what a program may with one, and what nobody may."""

from __future__ import annotations

from platform_api.access.credentials import API_KEY, new_credential, parse
from tests.platform_api.people import Person, Team

KEYS = "/v1/organizations/acme/api-keys"


def test_with_another_secret_is_refused(team: Team) -> None:
    good, _ = team.key(scopes=["project:read"])
    known = parse(good.access_token, API_KEY)
    assert known is not None
    forged = Person(team.client, bearer=new_credential(API_KEY, known.public_id).text)
    assert forged.get("/v1/organizations/acme/projects").status_code == 401
    assert good.get("/v1/organizations/acme/projects").status_code == 200


def test_gets_no_more_than_its_maker_has(team: Team) -> None:
    admin = team.invite("anna", "admin")
    refused = admin.post(KEYS, name="ci", scopes=["project:read", "project:delete"])
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert admin.post(KEYS, name="ci", scopes=["project:read"]).status_code == 201
