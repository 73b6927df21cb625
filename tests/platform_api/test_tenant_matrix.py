"""Every route × everybody who may ask × their own project, another project and another organisation."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts

from platform_api.access.permissions import MATRIX, Permission, Role
from platform_api.application import create_app
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Browser, Person, Team
from tests.platform_api.server_key import KEY

P = Permission
ORGANIZATION = "/v1/organizations/{organization}"
PROJECT = f"{ORGANIZATION}/projects/{{project}}"
NOTIFICATION = f"{ORGANIZATION}/notifications/{{notification}}"
INVOICE = f"{ORGANIZATION}/invoices/{{invoice}}"
WEBHOOK = f"{ORGANIZATION}/webhooks/{{webhook}}"
SECRETS = f"{PROJECT}/environments/{{environment}}/secrets"
DOMAINS = f"{PROJECT}/domains"
DEPLOYMENTS = f"{PROJECT}/environments/{{environment}}/deployments"

OPEN = {
    "GET /health",
    "GET /ready",
    "GET /v1/setup",
    "POST /v1/setup",
    "POST /v1/sessions",
    "POST /v1/sessions/refresh",
    "POST /v1/browser-sessions",
    "POST /v1/browser-sessions/refresh",
    "POST /v1/invitations/accept",
    "POST /v1/user/password",
    "POST /v1/stripe/webhooks",
}
"""For everybody, or with a token of their own in the body, or a signature."""

SIGNED_IN = {
    "GET /v1/user",
    "GET /v1/api-key",
    "DELETE /v1/sessions/current",
    "DELETE /v1/browser-sessions/current",
    "GET /v1/organizations",
    "GET /v1/plans",
    "GET /v1/plans/{plan}",
}

OPERATORS_ALONE = {
    "GET /v1/operators",
    "POST /v1/operators",
    "DELETE /v1/operators/{user}",
    "GET /v1/operators/audit",
    "POST /v1/organizations",
    "POST /v1/plans",
    "PUT /v1/plans/{plan}",
    "PUT /v1/plans/{plan}/archive",
    "DELETE /v1/plans/{plan}/archive",
}
"""For whoever runs the server; about no organisation."""

OPERATED = {
    f"PUT {ORGANIZATION}/subscription",
    f"POST {ORGANIZATION}/subscription/cancel",
    f"GET {ORGANIZATION}/margin",
    f"POST {ORGANIZATION}/credits",
    f"POST {ORGANIZATION}/credits/{{credit}}/void",
    f"POST {INVOICE}/payment",
    f"POST {INVOICE}/void",
    f"POST {INVOICE}/credit-notes",
}
"""For whoever runs the server, in any organisation; its members may not, whatever their role."""

INVOICED = {
    f"GET {ORGANIZATION}/invoices",
    f"GET {ORGANIZATION}/invoices/upcoming",
    f"GET {INVOICE}",
    f"GET {INVOICE}/pdf",
    f"GET {INVOICE}/lines/{{key}}",
}
BILLED = {f"GET {ORGANIZATION}/subscription", f"GET {ORGANIZATION}/credits"}
CORRECTED = {f"POST {ORGANIZATION}/usage/corrections"}
"""For whoever runs the server, and for members as ROUTES have it."""

KEYS_ALONE = {"POST /v1/usage/events"}
"""For programs, in the organisation of their key: see tests of usage."""

ROUTES: dict[str, Permission | None] = {
    f"GET {ORGANIZATION}": P.ORGANIZATION_READ,
    f"GET {ORGANIZATION}/members": P.MEMBER_READ,
    f"PATCH {ORGANIZATION}/members/{{user}}": P.MEMBER_MANAGE,
    f"DELETE {ORGANIZATION}/members/{{user}}": P.MEMBER_MANAGE,
    f"DELETE {ORGANIZATION}/membership": None,
    f"GET {ORGANIZATION}/invitations": P.MEMBER_MANAGE,
    f"POST {ORGANIZATION}/invitations": P.MEMBER_MANAGE,
    f"DELETE {ORGANIZATION}/invitations/{{invitation}}": P.MEMBER_MANAGE,
    f"GET {ORGANIZATION}/roles": P.MEMBER_READ,
    f"POST {ORGANIZATION}/roles": P.MEMBER_MANAGE,
    f"DELETE {ORGANIZATION}/roles/{{role}}": P.MEMBER_MANAGE,
    f"GET {ORGANIZATION}/api-keys": P.API_KEY_MANAGE,
    f"POST {ORGANIZATION}/api-keys": P.API_KEY_MANAGE,
    f"DELETE {ORGANIZATION}/api-keys/{{key}}": P.API_KEY_MANAGE,
    f"GET {ORGANIZATION}/webhooks": P.WEBHOOK_MANAGE,
    f"POST {ORGANIZATION}/webhooks": P.WEBHOOK_MANAGE,
    f"GET {WEBHOOK}": P.WEBHOOK_MANAGE,
    f"PATCH {WEBHOOK}": P.WEBHOOK_MANAGE,
    f"DELETE {WEBHOOK}": P.WEBHOOK_MANAGE,
    f"POST {WEBHOOK}/secret": P.WEBHOOK_MANAGE,
    f"POST {WEBHOOK}/ping": P.WEBHOOK_MANAGE,
    f"GET {WEBHOOK}/deliveries": P.WEBHOOK_MANAGE,
    f"POST {WEBHOOK}/deliveries/{{delivery_id}}/replay": P.WEBHOOK_MANAGE,
    f"GET {ORGANIZATION}/meters": P.USAGE_READ,
    f"POST {ORGANIZATION}/meters": P.BILLING_MANAGE,
    f"GET {ORGANIZATION}/usage": P.USAGE_READ,
    f"GET {ORGANIZATION}/usage/events": P.USAGE_READ,
    **dict.fromkeys(CORRECTED, P.BILLING_MANAGE),
    **dict.fromkeys(BILLED, P.USAGE_READ),
    f"GET {ORGANIZATION}/budgets": P.USAGE_READ,
    f"POST {ORGANIZATION}/budgets": P.BILLING_MANAGE,
    f"GET {ORGANIZATION}/budgets/{{budget}}": P.USAGE_READ,
    f"PATCH {ORGANIZATION}/budgets/{{budget}}": P.BILLING_MANAGE,
    f"DELETE {ORGANIZATION}/budgets/{{budget}}": P.BILLING_MANAGE,
    f"GET {ORGANIZATION}/budgets/{{budget}}/alerts": P.USAGE_READ,
    f"GET {ORGANIZATION}/billing": P.BILLING_MANAGE,
    f"POST {ORGANIZATION}/billing/checkout": P.BILLING_MANAGE,
    f"POST {ORGANIZATION}/billing/portal": P.BILLING_MANAGE,
    **dict.fromkeys(INVOICED, P.BILLING_MANAGE),
    f"GET {ORGANIZATION}/notifications": P.NOTIFICATION_MANAGE,
    f"POST {ORGANIZATION}/notifications": P.NOTIFICATION_MANAGE,
    f"GET {NOTIFICATION}": P.NOTIFICATION_MANAGE,
    f"PATCH {NOTIFICATION}": P.NOTIFICATION_MANAGE,
    f"DELETE {NOTIFICATION}": P.NOTIFICATION_MANAGE,
    f"POST {NOTIFICATION}/test": P.NOTIFICATION_MANAGE,
    f"GET {NOTIFICATION}/deliveries": P.NOTIFICATION_MANAGE,
    f"GET {ORGANIZATION}/audit": P.AUDIT_READ,
    f"GET {ORGANIZATION}/audit/verification": P.AUDIT_READ,
    f"GET {ORGANIZATION}/projects": None,
    f"POST {ORGANIZATION}/projects": P.PROJECT_CREATE,
    f"GET {PROJECT}": P.PROJECT_READ,
    f"PATCH {PROJECT}": P.PROJECT_UPDATE,
    f"DELETE {PROJECT}": P.PROJECT_DELETE,
    f"GET {PROJECT}/budgets": P.USAGE_READ,
    f"GET {PROJECT}/members": P.MEMBER_READ,
    f"PUT {PROJECT}/members/{{user}}": P.MEMBER_MANAGE,
    f"DELETE {PROJECT}/members/{{user}}": P.MEMBER_MANAGE,
    f"GET {PROJECT}/environments": P.ENVIRONMENT_READ,
    f"POST {PROJECT}/environments": P.ENVIRONMENT_MANAGE,
    f"GET {PROJECT}/environments/{{environment}}": P.ENVIRONMENT_READ,
    f"PATCH {PROJECT}/environments/{{environment}}": P.ENVIRONMENT_MANAGE,
    f"DELETE {PROJECT}/environments/{{environment}}": P.ENVIRONMENT_MANAGE,
    f"GET {SECRETS}": P.SECRET_LIST,
    f"PUT {SECRETS}/{{name}}": P.SECRET_WRITE,
    f"DELETE {SECRETS}/{{name}}": P.SECRET_WRITE,
    f"GET {SECRETS}/{{name}}/value": P.SECRET_READ,
    f"GET {DOMAINS}": P.DOMAIN_READ,
    f"POST {DOMAINS}": P.DOMAIN_MANAGE,
    f"GET {DOMAINS}/{{domain}}": P.DOMAIN_READ,
    f"PATCH {DOMAINS}/{{domain}}": P.DOMAIN_MANAGE,
    f"POST {DOMAINS}/{{domain}}/check": P.DOMAIN_MANAGE,
    f"DELETE {DOMAINS}/{{domain}}": P.DOMAIN_MANAGE,
    f"POST {PROJECT}/sources": P.DEPLOYMENT_CREATE,
    f"GET {DEPLOYMENTS}": P.DEPLOYMENT_READ,
    f"POST {DEPLOYMENTS}": P.DEPLOYMENT_CREATE,
    f"GET {DEPLOYMENTS}/{{deployment}}": P.DEPLOYMENT_READ,
    f"POST {DEPLOYMENTS}/{{deployment}}/approve": P.DEPLOYMENT_APPROVE,
    f"POST {DEPLOYMENTS}/{{deployment}}/apply": P.DEPLOYMENT_CREATE,
    f"POST {DEPLOYMENTS}/{{deployment}}/promote": P.DEPLOYMENT_CREATE,
    f"POST {DEPLOYMENTS}/{{deployment}}/pause": P.DEPLOYMENT_CREATE,
    f"POST {DEPLOYMENTS}/{{deployment}}/resume": P.DEPLOYMENT_CREATE,
    f"POST {DEPLOYMENTS}/{{deployment}}/abort": P.DEPLOYMENT_CREATE,
    f"POST {DEPLOYMENTS}/{{deployment}}/cancel": P.DEPLOYMENT_CREATE,
    f"POST {DEPLOYMENTS}/{{deployment}}/rollback": P.DEPLOYMENT_CREATE,
    f"POST {PROJECT}/environments/{{environment}}/rollback": P.DEPLOYMENT_CREATE,
    f"POST {PROJECT}/environments/{{environment}}/scale": P.DEPLOYMENT_CREATE,
    f"POST {PROJECT}/environments/{{environment}}/restart": P.DEPLOYMENT_CREATE,
    f"POST {PROJECT}/environments/{{environment}}/run": P.DEPLOYMENT_CREATE,
    f"POST {PROJECT}/environments/{{environment}}/destroy": P.ENVIRONMENT_MANAGE,
    **{
        f"POST {PROJECT}/environments/{{environment}}/inquiries/{kind}": P.DEPLOYMENT_READ
        for kind in ("status", "releases", "outputs", "logs")
    },
    f"GET {PROJECT}/environments/{{environment}}/inquiries/{{inquiry}}/stream": P.DEPLOYMENT_READ,
    f"GET {DEPLOYMENTS}/{{deployment}}/events": P.DEPLOYMENT_READ,
    f"GET {DEPLOYMENTS}/{{deployment}}/events/stream": P.DEPLOYMENT_READ,
}
"""What each route of an organisation asks for; None for what every member may."""

LEAVING = f"DELETE {ORGANIZATION}/membership"
NOTHING: frozenset[Permission] = frozenset()
ALL = frozenset(Permission)


@dataclass(frozen=True)
class Asking:
    """Somebody, with what they may in `acme`, in its project `shop` and in its project `blog`; None: not known."""

    person: Person
    organization: frozenset[Permission] | None
    shop: frozenset[Permission]
    blog: frozenset[Permission]
    operator: bool = False


@pytest.fixture
def people(team: Team, control_plane: ControlPlane) -> dict[str, Asking]:
    for organization in ("other",):
        assert team.owner.post("/v1/organizations", slug=organization, name="Other").status_code == 201
    outsider = team.invite("oscar", "owner", "other")
    assert team.owner.ask("DELETE", "/v1/organizations/other/membership").status_code == 204
    assert outsider.post("/v1/organizations/other/projects", slug="theirs").status_code == 201
    operator = team.invite("olga", "owner", "acme")
    assert team.owner.post("/v1/operators", email=operator.email).status_code == 201
    assert operator.ask("DELETE", "/v1/organizations/acme/membership").status_code == 204
    assert operator.ask("DELETE", f"/v1/operators/{team.owner.id}").status_code == 204
    for project in ("shop", "blog"):
        assert team.owner.post("/v1/organizations/acme/projects", slug=project).status_code == 201
    found = {"owner": Asking(team.owner, MATRIX[Role.OWNER], MATRIX[Role.OWNER], MATRIX[Role.OWNER])}
    for role in (Role.ADMIN, Role.DEVELOPER, Role.VIEWER):
        may = MATRIX[role]
        found[role] = Asking(team.invite(role, role), may, may, may)
    for role in Role:
        guest = team.invite(f"shop-{role}", None)
        path = f"/v1/organizations/acme/projects/shop/members/{guest.id}"
        assert team.owner.ask("PUT", path, json={"role": role}).status_code == 204
        found[f"{role} of a project"] = Asking(guest, NOTHING, MATRIX[role], NOTHING)
    for role in (Role.ADMIN, Role.VIEWER):
        browser = Browser(control_plane.client, team.members[role].email)
        browser.sign_in()
        found[f"{role} by cookie"] = Asking(browser, *3 * (MATRIX[role],))
    own = {P.PROJECT_READ, P.DEPLOYMENT_CREATE, P.AUDIT_READ}
    made = team.owner.post("/v1/organizations/acme/roles", name="own", permissions=sorted(own))
    assert made.status_code == 201, made.text
    found["role of their own"] = Asking(team.invite("rosa", "own"), *3 * (frozenset(own),))
    guest = team.invite("shop-rosa", None)
    path = f"/v1/organizations/acme/projects/shop/members/{guest.id}"
    assert team.owner.ask("PUT", path, json={"role": "own"}).status_code == 204
    found["role of their own in a project"] = Asking(guest, NOTHING, frozenset(own), NOTHING)
    found["member of nothing"] = Asking(team.invite("nina", None), NOTHING, NOTHING, NOTHING)
    found["outsider"] = Asking(outsider, None, NOTHING, NOTHING)
    found["operator"] = Asking(operator, None, NOTHING, NOTHING, operator=True)
    everything = sorted(MATRIX[Role.OWNER])
    found["key"] = Asking(team.key(scopes=everything)[0], ALL, ALL, ALL)
    found["key that reads"] = Asking(
        team.key(scopes=["project:read"])[0], *3 * (frozenset({P.PROJECT_READ}),)
    )
    found["key of a project"] = Asking(team.key(scopes=everything, project="shop")[0], NOTHING, ALL, NOTHING)
    return found


@pytest.fixture
def strangers(team: Team, people: dict[str, Asking], control_plane: ControlPlane) -> dict[str, Person]:
    """Whom nobody knows, or not any more."""
    scopes = sorted(MATRIX[Role.OWNER])
    soon = (control_plane.clock.now() + timedelta(minutes=1)).isoformat()
    over, _ = team.key(scopes=scopes, expires_at=soon)
    revoked, identifier = team.key(scopes=scopes)
    assert team.owner.ask("DELETE", f"/v1/organizations/acme/api-keys/{identifier}").status_code == 204
    away = team.invite("wanda", "owner")
    assert away.ask("DELETE", "/v1/sessions/current").status_code == 204
    browser = Browser(control_plane.client, team.owner.email)
    browser.sign_in()
    assert browser.ask("DELETE", "/v1/browser-sessions/current").status_code == 204
    late = Person(control_plane.client, bearer=team.owner.access_token)
    control_plane.clock.move(timedelta(minutes=11))
    return {
        "nobody": Person(control_plane.client),
        "nonsense": Person(control_plane.client, bearer="nonsense"),
        "key that is over": over,
        "key that is revoked": revoked,
        "signed out": away,
        "cookie that is signed out": browser,
        "token that is over": late,
    }


def test_a_route_missing_here_fails() -> None:
    app = create_app("postgres://nowhere/none", KEY)
    there = {
        f"{method} {context.path}"
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
    }
    there -= {"GET /openapi.json", "HEAD /openapi.json", "GET /metrics"}
    assert there == OPEN | SIGNED_IN | KEYS_ALONE | OPERATORS_ALONE | OPERATED | set(ROUTES)


def targets(route: str) -> Iterator[tuple[str, str]]:
    """Where a route is tried: a name, and the path in it."""
    for name, organization, project in (
        ("shop", "acme", "shop"),
        ("blog", "acme", "blog"),
        ("elsewhere", "other", "theirs"),
    ):
        if "{project}" not in route and name == "blog":
            continue
        yield (
            name,
            route.partition(" ")[2].format(
                organization=organization,
                project=project,
                user=uuid.uuid4(),
                key=uuid.uuid4(),
                environment="none",
                role="none",
                name="NONE",
                deployment=uuid.uuid4(),
                inquiry=uuid.uuid4(),
                webhook=uuid.uuid4(),
                domain=uuid.uuid4(),
                budget="none",
                notification=uuid.uuid4(),
                delivery_id=uuid.uuid4(),
                plan="none",
                credit=uuid.uuid4(),
                invoice=uuid.uuid4(),
                invitation=uuid.uuid4(),
            ),
        )


def expected(asking: Asking, route: str, target: str) -> str:
    """What is to come: `unknown` (404 of the organisation or project), `refused` (403) or `allowed`."""
    if asking.operator:
        return "allowed" if route in OPERATED | BILLED | INVOICED | CORRECTED else "unknown"
    if target == "elsewhere" or asking.organization is None:
        return "unknown" if (target == "elsewhere") == (asking.organization is not None) else "their own"
    if route in OPERATED:
        return "refused"
    wanted = ROUTES[route]
    if "{project}" not in route:
        return "allowed" if wanted is None or wanted in asking.organization else "refused"
    may = asking.shop if target == "shop" else asking.blog
    if P.PROJECT_READ not in may:
        return "unknown"
    return "allowed" if wanted in may else "refused"


def came(person: Person, route: str, path: str) -> str:
    """What came. Nothing is changed: the body is none, and the version is one that is not there."""
    method = route.partition(" ")[0]
    answer = person.ask(method, path, json={}, headers={"If-Match": '"99"'})
    assert answer.status_code < 500, answer.text
    if answer.status_code == 403:
        return "refused"
    told = answer.json().get("detail", "") if answer.content else ""
    unknown = told.startswith(("there is no organization", "there is no project"))
    return "unknown" if answer.status_code == 404 and unknown else "allowed"


@pytest.mark.timeout(1200)  # thousands of requests, and more with each route
def test_nobody_reaches_what_is_not_theirs(people: dict[str, Asking]) -> None:
    wrong = []
    for route in (ROUTES.keys() | OPERATED) - {LEAVING}:
        for name, asking in people.items():
            for target, path in targets(route):
                wanted = expected(asking, route, target)
                if wanted == "their own":
                    theirs = "refused" if route in OPERATED else "allowed"
                    wanted = theirs if target == "elsewhere" else "unknown"
                found = came(asking.person, route, path)
                if found != wanted:
                    wrong.append((route, name, target, wanted, found))
    assert wrong == []


def test_operators_alone_reach_what_is_of_the_server(people: dict[str, Asking]) -> None:
    wrong = []
    for route in OPERATORS_ALONE:
        for name, asking in people.items():
            [(_, path), *_] = targets(route)
            found = came(asking.person, route, path)
            if found != ("allowed" if asking.operator else "refused"):
                wrong.append((route, name, found))
    assert wrong == []


def test_whoever_is_not_known_gets_nowhere(strangers: dict[str, Person], control_plane: ControlPlane) -> None:
    wrong = []
    for route in SIGNED_IN | OPERATORS_ALONE | OPERATED | set(ROUTES):
        for name, person in strangers.items():
            for target, path in targets(route):
                control_plane.clock.move(timedelta(seconds=3))  # or they were put off as guessers are
                answer = person.ask(route.partition(" ")[0], path, json={})
                if answer.status_code != 401:
                    wrong.append((route, name, target, answer.status_code))
    assert wrong == []


def test_lists_hold_what_may_be_read(people: dict[str, Asking]) -> None:
    for name, asking in people.items():
        if asking.organization is None:
            continue
        items = asking.person.get("/v1/organizations/acme/projects").json()["items"]
        readable = {one for one in ("shop", "blog") if P.PROJECT_READ in getattr(asking, one)}
        assert {one["slug"] for one in items} == readable, name


def test_refusals_are_in_the_audit_log(people: dict[str, Asking], team: Team) -> None:
    assert people["viewer"].person.ask("DELETE", "/v1/organizations/acme/projects/shop").status_code == 403
    [entry] = team.owner.get("/v1/organizations/acme/audit?limit=1").json()["items"]
    assert (entry["action"], entry["outcome"]) == ("project:delete", "refused")
    assert entry["actor"]["id"] == people["viewer"].person.id
    assert team.owner.get("/v1/organizations/acme/audit/verification").json()["broken_at"] is None
