"""iam:SimulatePrincipalPolicy, and the boundary of users that it needs, which moto does not have; applied by
moto_fixes.py.

Source: API_SimulatePrincipalPolicy (IAM API reference). Resource policies and those of an organization take no part:
the account belongs to none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cygni.local_cloud.policy_simulation import Decision, Document, decide, parsed

_PAGE = 100


def fix() -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.iam.responses import IamResponse

    def simulate_principal_policy(response: Any) -> Any:
        backend = response.backend
        principal = _principal(backend, response._get_param("PolicySourceArn"))  # noqa: SLF001
        documents = list(_documents(backend, principal))
        documents += [parsed(text) for text in response._get_param("PolicyInputList", [])]  # noqa: SLF001
        boundary = _boundary(backend, principal)
        actions = response._get_param("ActionNames", [])  # noqa: SLF001
        targets = response._get_param("ResourceArns", []) or ["*"]  # noqa: SLF001
        asked = [(action, target) for action in actions for target in targets]
        begin = int(response._get_param("Marker") or 0)  # noqa: SLF001
        end = begin + min(int(response._get_param("MaxItems") or _PAGE), 1000)  # noqa: SLF001
        more = {"Marker": str(end)} if end < len(asked) else {}
        results = [_result(documents, boundary, *one) for one in asked[begin:end]]
        return ActionResult({"EvaluationResults": results, "IsTruncated": bool(more), **more})

    def put_user_permissions_boundary(response: Any) -> Any:
        user = response.backend.get_user(response._get_param("UserName"))  # noqa: SLF001
        user.permissions_boundary_arn = response._get_param("PermissionsBoundary")  # noqa: SLF001
        return EmptyResult()

    def delete_user_permissions_boundary(response: Any) -> Any:
        user = response.backend.get_user(response._get_param("UserName"))  # noqa: SLF001
        user.permissions_boundary_arn = None
        return EmptyResult()

    for call in (simulate_principal_policy, put_user_permissions_boundary, delete_user_permissions_boundary):
        setattr(IamResponse, call.__name__, call)


def _result(documents: list[Document], boundary: Document | None, action: str, target: str) -> dict[str, Any]:
    decision = decide(documents, action, target)
    within = boundary is None or decide([boundary], action, target) is Decision.ALLOWED
    if not within and decision is Decision.ALLOWED:
        decision = Decision.IMPLICIT_DENY
    result: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": target,
        "EvalDecision": decision.value,
        "MatchedStatements": [],
        "MissingContextValues": [],
    }
    if boundary is not None:
        result["PermissionsBoundaryDecisionDetail"] = {"AllowedByPermissionsBoundary": within}
    return result


def _principal(backend: Any, arn: str) -> Any:
    from moto.iam.exceptions import NotFoundException

    for found in (*backend.users.values(), *backend.roles.values(), *backend.groups.values()):
        if found.arn == arn:
            return found
    raise NotFoundException(f"The entity with ARN {arn} cannot be found.")


def _documents(backend: Any, principal: Any) -> Iterator[Document]:
    """The policies of a user, role or group, and of the groups that a user is in."""
    groups = [one for one in backend.groups.values() if principal in one.users]
    for one in (principal, *groups):
        yield from (parsed(text) for text in one.policies.values())
        yield from (_managed(policy) for policy in one.managed_policies.values())


def _managed(policy: Any) -> Document:
    default = next(one for one in policy.versions if one.is_default)
    return parsed(default.document)


def _boundary(backend: Any, principal: Any) -> Document | None:
    arn = getattr(principal, "permissions_boundary_arn", None)
    return _managed(backend.managed_policies[arn]) if arn else None
