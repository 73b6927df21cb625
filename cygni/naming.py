"""Names, tags and lengths (pure).

Every name is deterministic, so that a resource which a killed run left behind can be found and adopted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum

LOAD_BALANCER_NAME_LIMIT = 32
"""Characters in the name of a load balancer or a target group (Elastic Load Balancing quota)."""

ROLE_NAME_LIMIT = 64
"""Characters in the name of a role (IAM quota)."""

AUTO_NAME_SUFFIX = 8
"""Characters the AWS provider adds to a logical name when it names a resource: `-` and seven hex digits."""

TAG_VALUE_LIMIT = 256
"""Characters in the value of an AWS tag."""


class Part(StrEnum):
    """The stacks of an environment, in the order they are applied."""

    FOUNDATION = "foundation"
    DATA = "data"
    SERVICES = "services"


class Colour(StrEnum):
    BLUE = "blue"
    GREEN = "green"


def stack_name(project: str, environment: str, part: Part) -> str:
    """`hello.staging.services`. Holds no `_`: the engine's PostgreSQL backend reads it as a wildcard."""
    return f"{project}.{environment}.{part}"


def fitted(name: str, limit: int) -> str:
    """`name`, or when it is longer than `limit` its beginning and eight hex digits of its hash.

    Two names that share a beginning stay distinct, and the same name always fits the same way.
    """
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('-')}-{digest}"


def auto_named(name: str, limit: int = LOAD_BALANCER_NAME_LIMIT) -> str:
    """A logical name short enough for the provider to add its suffix within `limit`."""
    return fitted(name, limit - AUTO_NAME_SUFFIX)


def repository_name(project: str, environment: str, service: str) -> str:
    """The ECR repository of a service whose image is built."""
    return f"{project}/{environment}/{service}"


def kept_secret_name(project: str, environment: str, name: str) -> str:
    """In Secrets Manager, a secret whose value a control plane keeps."""
    return f"{project}/{environment}/{name}"


def cluster_name(project: str, environment: str) -> str:
    """An ECS cluster's name: an account's clusters share one space of names, and creating one that exists succeeds."""
    return name_in_account(project, environment)


def task_family(project: str, environment: str, service: str) -> str:
    """A task definition's family, at most 78 characters. An account's families share one space of names, and
    registering in one that exists makes a revision of it."""
    return f"{name_in_account(project, environment)}_{service}"


def name_in_account(project: str, environment: str) -> str:
    """What an environment has one of in its account, such as a trail, is named by.

    Joined by `_`, which no name of ours holds: `a-preview` in `local` and `a` in `preview-local` stay apart.
    """
    return f"{project}_{environment}"


def internal_domain(project: str, environment: str) -> str:
    """What the names end with by which an environment's services find each other: `staging.shop.internal`.

    `internal` is kept for private use (ICANN board resolution of 2024-07-29).
    """
    return f"{environment}.{project}.internal"


def schedule_group_name(project: str, environment: str) -> str:
    """The name of the group of an environment's schedules, at most 57 characters: unique in the account and region."""
    return f"{project}_{environment}"


def bucket_name(
    project: str, environment: str, bucket: str, account: str, region: str, *, replica: bool = False
) -> str:
    """A bucket's name: unique among all accounts, the same in each run, at most 63 characters. A `replica` is what
    the bucket is copied to.

    Its hash is of the parts, since joined by `-` they may read the same: `a-b` in `preview-x`, `b` in `preview-x-a`.
    """
    identity = f"{account}/{region}/{project}/{environment}/{bucket}"
    if replica:
        return _scoped(f"{project}-{environment}-{bucket}-replica", f"{identity}/replica", 63)
    return _scoped(f"{project}-{environment}-{bucket}", identity, 63)


def bucket_names_begin(project: str, environment: str) -> str:
    """What the names of all buckets of an environment begin with; those of others may, too."""
    return f"{project}-{environment}-"[: 63 - 2 * len("-12345678")].rstrip("-")


DATABASE_NAME_LIMIT = 63 - len("-replica-15")
"""Characters in the identifier of a database (RDS API reference, CreateDBInstance), of which replicas need some."""

CACHE_NAME_LIMIT = 40
"""Characters in the id of a replication group (ElastiCache API reference, CreateReplicationGroup)."""


def store_name(project: str, environment: str, store: str, limit: int) -> str:
    """The name of a database or cache in AWS: unique in the account and region, the same in each run.

    It ends with a hash of its parts, for the reason that `bucket_name` has.
    """
    return _scoped(f"{project}-{environment}-{store}", f"{project}/{environment}/{store}", limit)


def _scoped(name: str, identity: str, limit: int) -> str:
    scope = hashlib.sha256(identity.encode()).hexdigest()[:8]
    return f"{fitted(name, limit - len(scope) - 1)}-{scope}"


def messaging_name(project: str, environment: str, name: str) -> str:
    """The name of a queue or topic, at most 70 characters: `shop_staging_mail`.

    Joined by `_`, which no part holds, so that no two read the same. SQS allows 80 characters: there is room for
    `_dead` and `.fifo`.
    """
    return fitted(f"{project}_{environment}_{name}", 70)


def arn(service: str, region: str, account: str, resource: str) -> str:
    """What a resource's ARN will be, in the regions a specification may name, which are all of partition `aws`."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def required_tags(
    stack: str, project: str, environment: str, resource_type: str, name: str
) -> Mapping[str, str]:
    """The tags every resource carries. `cygni:urn` identifies it without the `$` that AWS refuses in tags."""
    return {
        "cygni:project": project,
        "cygni:environment": environment,
        "cygni:stack": stack,
        "cygni:urn": urn_tag(stack, resource_type, name),
    }


def urn_tag(stack: str, resource_type: str, name: str) -> str:
    """What the tag `cygni:urn` of a resource says."""
    return fitted(f"{stack}/{resource_type}/{name}", TAG_VALUE_LIMIT)


def host_in_name(host: str) -> str:
    """A host name as part of a resource's name: tags take no `*` (ACM and others), and no host has a `_`."""
    return host.replace("*", "_")
