"""Faults of the account."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.aws_line import run_aws_line
from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import World, plan_of, resource
from tests.e2e.cloud_gate import Refusal


def no_credentials(world: World) -> None:
    keys = {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    for name in keys:
        world.monkeypatch.delenv(name)

    def configure(line: str) -> None:
        for name, value in keys.items():
            world.monkeypatch.setenv(name, value)

    world.typed["aws configure"] = configure


def refused(code: str, message: str) -> Callable[[World], None]:
    """The keys in the variables are no good; a file has good ones."""

    def inject(world: World) -> None:
        good = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
            f"[default]\naws_access_key_id = {good[0]}\naws_secret_access_key = {good[1]}\n"
        )
        world.monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOLD")
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            "<RequestId>1</RequestId></ErrorResponse>"
        )

        def refuse(asked: bytes) -> Refusal | None:
            old = os.environ.get("AWS_ACCESS_KEY_ID") == "AKIAOLD"
            return Refusal(403, "text/xml", body) if old and b"GetCallerIdentity" in asked else None

        world.gate.refuses = refuse

    return inject


def unknown_profile(world: World) -> None:
    world.monkeypatch.setenv("AWS_PROFILE", "gone")

    def configure(line: str) -> None:
        file = Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
        file.write_text("[gone]\naws_access_key_id = AKIAGONE\naws_secret_access_key = x\n")

    world.typed["aws configure --profile gone"] = configure


def root_user(world: World) -> None:
    def answer(asked: bytes) -> Refusal | None:
        if b"GetCallerIdentity" not in asked or "sso" in world.typed:
            return None
        body = (
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:root</Arn>"
            "<UserId>1</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
            "</GetCallerIdentityResponse>"
        )
        return Refusal(200, "text/xml", body)

    world.gate.refuses = answer
    world.typed["aws configure sso"] = lambda line: world.typed.update(sso=lambda again: None)


def ending_soon(world: World) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    later = datetime.now(UTC) + timedelta(hours=8)
    world.monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    world.monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", soon.isoformat())
    world.typed["aws sso login"] = lambda line: world.monkeypatch.setenv(
        "AWS_CREDENTIAL_EXPIRATION", later.isoformat()
    )


def region_not_enabled(world: World) -> None:
    world.cx.write(region="me-central-1")


NETWORK = plan_of(resource("aws:ec2/vpc:Vpc"), resource("aws:iam/role:Role"))
EC2_ALONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ec2:*", "iam:Simulate*"], "Resource": "*"}],
}


def makes_network(world: World) -> None:
    world.plan = NETWORK


def lacks_actions(world: World) -> None:
    world.allow(EC2_ALONE)


def boundary(world: World) -> None:
    iam = world.client("iam")
    made = iam.create_policy(PolicyName="fence", PolicyDocument=json.dumps(EC2_ALONE))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="deployer", PermissionsBoundary=made)
    world.typed["Let the permissions boundary"] = lambda line: iam.delete_user_permissions_boundary(
        UserName="deployer"
    )


def forbidden(world: World) -> None:
    iam = world.client("iam")
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*"}],
    }
    iam.put_user_policy(UserName="deployer", PolicyName="no", PolicyDocument=json.dumps(deny))
    world.typed["Remove the statement that forbids"] = lambda line: iam.delete_user_policy(
        UserName="deployer", PolicyName="no"
    )


def may_not_ask(world: World) -> None:
    body = (
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: "
        "iam:SimulatePrincipalPolicy</Message></Error></ErrorResponse>"
    )

    def refuse(asked: bytes) -> Refusal | None:
        return Refusal(403, "text/xml", body) if b"Action=SimulatePrincipalPolicy" in asked else None

    def allow(line: str) -> None:
        assert "iam:SimulatePrincipalPolicy" in line
        world.gate.refuses = lambda asked: None
        run_aws_line(line, world.client)

    world.gate.refuses = refuse
    world.typed["aws iam put-user-policy"] = allow


def has_service_roles(world: World) -> None:
    world.plan = plan_of(resource("aws:ecs/cluster:Cluster"))
    world.client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")


def lose_service_role(world: World) -> None:
    world.client("iam").delete_service_linked_role(RoleName="AWSServiceRoleForECS")


def lose_service_role_and_right(world: World) -> None:
    lose_service_role(world)
    world.allow(EC2_ALONE)


FAULTS = [
    Fault("credentials", "no credentials for AWS were found", no_credentials),
    Fault(
        "credentials", "has expired", refused("ExpiredToken", "The security token has expired"), id="expired"
    ),
    Fault(
        "credentials",
        "security token included",
        refused("InvalidClientTokenId", "The security token included in the request is invalid"),
        id="invalid",
    ),
    Fault("credentials", "gone", unknown_profile, id="profile"),
    Fault("root", "is the root user", root_user, status="warn"),
    Fault("ending", "end in 5 min", ending_soon, status="warn"),
    Fault("region", "me-central-1 is not enabled", region_not_enabled),
    Fault("permissions", "iam:CreateRole", lacks_actions, makes_network),
    Fault("permissions", "(by the permissions boundary)", boundary, makes_network, id="boundary"),
    Fault("permissions", "iam:CreateRole (forbidden)", forbidden, makes_network, id="forbidden"),
    Fault("permissions", "could not be asked", may_not_ask, makes_network, "warn", id="simulation"),
    Fault("service-roles", "ecs.amazonaws.com", lose_service_role, has_service_roles, "warn"),
    Fault(
        "service-roles",
        "may not make them",
        lose_service_role_and_right,
        has_service_roles,
        id="roles-denied",
    ),
]
