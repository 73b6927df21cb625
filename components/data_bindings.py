"""What databases and caches give to the tasks that use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.binding import Binding, allow, variable


def database_binding(name: str, found: pulumi.Output[Mapping[str, Any]], *, default: bool) -> Binding:
    """A PostgreSQL database: where it is as variables, who gets in as references to the secret that RDS keeps.

    `found` holds `host`, `readerHost`, `port`, `database` and `secretArn`. DATABASE_NAME_URL has no credentials, for a
    password that is renewed would make any URL with one go stale. `default` adds the variables that PostgreSQL's own
    clients and most drivers read (PGHOST and so on), so that programs connect without being told anything.
    """
    prefix = variable("database", name)
    secret = found.apply(lambda one: str(one["secretArn"]))

    def told(key: str) -> pulumi.Output[str]:
        return found.apply(lambda one: str(one[key]))

    host, port, database = told("host"), _port(found), told("database")
    user, password = (pulumi.Output.concat(secret, f":{key}::") for key in ("username", "password"))
    variables: dict[str, pulumi.Input[str]] = {
        f"{prefix}_HOST": host,
        f"{prefix}_READER_HOST": told("readerHost"),
        f"{prefix}_PORT": port,
        f"{prefix}_DATABASE": database,
        f"{prefix}_URL": pulumi.Output.concat(
            "postgresql://", host, ":", port, "/", database, "?sslmode=require"
        ),
        f"{prefix}_SECRET_ARN": secret,
    }
    secrets: dict[str, pulumi.Input[str]] = {f"{prefix}_USER": user, f"{prefix}_PASSWORD": password}
    if default:
        variables |= {"PGHOST": host, "PGPORT": port, "PGDATABASE": database, "PGSSLMODE": "require"}
        secrets |= {"PGUSER": user, "PGPASSWORD": password}
    return Binding(
        variables=variables,
        secrets=secrets,
        secret_arns=[secret],
        # A program that outlives a password reads the next one itself.
        statements=[secret.apply(lambda arn: allow(["secretsmanager:GetSecretValue"], [arn]))],
    )


def cache_binding(name: str, found: pulumi.Output[Mapping[str, Any]]) -> Binding:
    """A cache: `found` holds `host`, `readerHost` and `port`. It has no password; who may reach it is let in."""
    prefix = variable("cache", name)

    def told(key: str) -> pulumi.Output[str]:
        return found.apply(lambda one: str(one[key]))

    host, port = told("host"), _port(found)
    return Binding(
        variables={
            f"{prefix}_HOST": host,
            f"{prefix}_READER_HOST": told("readerHost"),
            f"{prefix}_PORT": port,
            f"{prefix}_URL": pulumi.Output.concat("rediss://", host, ":", port, "/0"),
        }
    )


def _port(found: pulumi.Output[Mapping[str, Any]]) -> pulumi.Output[str]:
    """The port as text: a stack's outputs know one kind of number, 5432.0."""
    return found.apply(lambda one: str(int(one["port"])))
