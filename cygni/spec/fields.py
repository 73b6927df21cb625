"""The kinds of text a specification holds, each with its pattern and the rule in words."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema

from cygni.spec.section import Finding, Text
from cygni.wording import quoted

# No `_`: it is a wildcard in the engine's PostgreSQL state backend. No `--`, no `-` at an end: AWS refuses
# both in some names, and parts of names are joined by `-`.
_WORDS = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"


@dataclass(frozen=True, slots=True)
class _ProjectName(Text):
    """A name that AWS takes at the beginning of the names it is part of."""

    def check(self, value: str) -> str:
        Text.check(self, value)
        for first, kind in RESERVED_BEGINNINGS.items():
            if f"{value}-".startswith(f"{first}-"):
                raise Finding(
                    (),
                    f"{quoted(value)} is not allowed: AWS refuses {kind} beginning with `{first}-`",
                    _RENAME,
                ).error()
        return value

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        written = Text.__get_pydantic_json_schema__(self, schema, handler)
        return written | {"not": {"pattern": f"^(?:{'|'.join(RESERVED_BEGINNINGS)})(?:-|$)"}}


RESERVED_BEGINNINGS = {
    "amzn-s3-demo": "bucket names",
    "internal": "load balancer names",
    "sg": "security group names",
    "sthree": "bucket names",
}
"""What AWS keeps for itself at the beginning of which names, before a `-`; every name that Cygni gives begins with
the project's. From the S3 User Guide (bucket naming rules) and the API references of Elastic Load Balancing
(CreateLoadBalancer) and EC2 (CreateSecurityGroup). `xn--` cannot be, for want of `--`."""
_RENAME = "begin the project's name with another word"

ProjectName = Annotated[
    str,
    _ProjectName(
        _WORDS, "2 to 24 lower-case letters, digits and single hyphens, starting with a letter", 24, 2
    ),
]
Name = Annotated[
    str, Text(_WORDS, "1 to 20 lower-case letters, digits and single hyphens, starting with a letter", 20)
]

STANDING_ENVIRONMENTS = ("local", "staging", "production")
EnvironmentName = Annotated[
    str,
    Text(
        rf"{'|'.join(STANDING_ENVIRONMENTS)}|preview-[a-z0-9]+(-[a-z0-9]+)*",
        "local, staging, production, or preview-NAME with at most 32 lower-case letters, digits and hyphens",
        32,
    ),
]

# ECS ContainerDefinition: at most 255 characters before the digest. The grammar is the image reference's own.
Image = Annotated[
    str,
    Text(
        r"[a-z0-9][A-Za-z0-9._-]*(:[0-9]{1,5})?(/[a-z0-9._-]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?"
        r"(@sha256:[a-f0-9]{64})?",
        "an image is REGISTRY/NAME:TAG or NAME@sha256:DIGEST, without https://, names in lower case",
        255 + 72,
    ),
]
BuildTag = Annotated[
    str,
    Text(
        r"[A-Za-z0-9_][A-Za-z0-9._-]*",
        "up to 128 letters, digits, `_`, `.` and `-`, no `.` or `-` first",
        128,
    ),
]
BuildPath = Annotated[
    str,
    Text(r"[^/~\\ ][^\\]*", "a path relative to the folder of cygni.yaml, with `/` between its parts", 255),
]
BuildCommand = Annotated[str, Text(r"[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*", "a command on one line", 4096)]


@dataclass(frozen=True, slots=True)
class _SecretReference(Text):
    """Where a secret is. What is no reference may be one, and is not repeated."""

    def check(self, value: str) -> str:
        if len(value) > self.longest or not re.fullmatch(self.pattern, value, re.DOTALL):
            raise Finding((), "is no reference to a secret", self.says).error()
        return value


BuildSecrets = Mapping[
    Annotated[str, Text(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", "letters, digits, `_`, `.` and `-`", 64)],
    Annotated[
        str,
        _SecretReference(
            r"env:[A-Za-z_][A-Za-z0-9_]*|file:[^\x00-\x1f]+"
            r"|arn:aws[a-z-]*:(secretsmanager|ssm):[a-z0-9-]+:[0-9]{12}:[!-~]+",
            "refer to a secret, never write one: env:NAME, file:PATH, or the ARN of a secret of Secrets Manager or "
            "of a parameter of Systems Manager",
            2048,
        ),
    ],
]

# ECS developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables": a secret's whole ARN,
# and after it the key in its JSON, the stage and the id of its version. The role that reads it is given exactly that
# ARN, so the six characters at its end have to be there.
ServiceSecrets = Mapping[
    Annotated[
        str,
        Text(r"[A-Za-z_][A-Za-z0-9_]*", "letters, digits and `_`, not starting with a digit (POSIX)", 255),
    ],
    Annotated[
        str,
        _SecretReference(
            r"secrets://[A-Za-z_][A-Za-z0-9_]{0,127}"
            r"|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}"
            r"(:[^:\x00-\x20]*:[A-Za-z0-9/_+=.@-]*:[A-Za-z0-9-]*)?"
            r"|arn:aws[a-z-]*:ssm:[a-z0-9-]+:[0-9]{12}:parameter/[A-Za-z0-9_./-]+",
            "refer to a secret, never write one: secrets://NAME of the control plane; the whole ARN of a secret of "
            "Secrets Manager, which ends with six characters that AWS adds (and then perhaps `:KEY::`); or that of a "
            "parameter of Systems Manager",
            2048,
        ),
    ],
]

# ELBv2 CreateTargetGroup: HealthCheckPath has 1 to 1024 characters.
UrlPath = Annotated[str, Text(r"/[!-~]*", "a path starts with `/` and has no spaces", 1024)]
# ELBv2 path patterns have at most 128 characters, of which `/*` takes two; `*` and `?` are wildcards there.
PathPrefix = Annotated[
    str,
    Text(
        r"/|(/[A-Za-z0-9._~@:+-]+)+",
        "a path starts with `/`, does not end with one, and has no wildcards: `/api`",
        126,
    ),
]


def _ascending(codes: str) -> str:
    for part in codes.split(","):
        low, _, high = part.partition("-")
        if high and int(low) > int(high):
            raise Finding((), f"{quoted(part)} is a range that runs backwards", f"write {high}-{low}").error()
    return codes


HttpCodes = Annotated[
    str,
    Text(
        r"[2-4][0-9]{2}(-[2-4][0-9]{2})?(,[2-4][0-9]{2}(-[2-4][0-9]{2})?)*",
        'codes from 200 to 499, ranges with `-`, several with `,`: "200,204" or "200-399"',
        255,
    ),
    AfterValidator(_ascending),
]


def _private_cidr_pattern() -> str:
    """Every private network of /16 to /20 and nothing else, host bits being zero."""
    octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    first_two = rf"(10\.{octet}|172\.(1[6-9]|2[0-9]|3[01])|192\.168)"
    ends = []
    for prefix in range(16, 21):
        thirds = "|".join(str(third) for third in range(0, 256, 2 ** (24 - prefix)))
        ends.append(rf"\.({thirds})\.0/{prefix}")
    return f"{first_two}({'|'.join(ends)})"


@dataclass(frozen=True, slots=True)
class _Cidr(Text):
    """A range of addresses, with the likely mistakes told apart."""

    def check(self, value: str) -> str:
        try:
            # not `super()`: a slotted dataclass is a second class, which the first's `super()` does not know
            return Text.check(self, value)
        except ValueError:
            raise Finding((), f"{quoted(value)} {_cidr_mistake(value)}", self.says).error() from None


def _cidr_mistake(value: str) -> str:
    try:
        network = ipaddress.IPv4Network(value, strict=False)
    except ValueError:
        return "is not an IPv4 range"
    if not 16 <= network.prefixlen <= 20:
        return f"has a prefix of /{network.prefixlen}"
    if re.fullmatch(_private_cidr_pattern(), str(network)):
        return f'does not start where a range starts; did you mean "{network}"?'
    return "is not private (RFC 1918)"


PrivateCidr = Annotated[
    str,
    _Cidr(
        _private_cidr_pattern(),
        "use a range inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, of /16 to /20: 10.20.0.0/16",
        18,
    ),
]

EnvironmentVariables = Mapping[
    Annotated[
        str,
        Text(r"[A-Za-z_][A-Za-z0-9_]*", "letters, digits and `_`, not starting with a digit (POSIX)", 255),
    ],
    str,
]
