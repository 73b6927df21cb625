"""Does what a line of the AWS CLI would: the operation and its options are those of botocore's models, as there."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import Any

from botocore import xform_name


def run_aws_line(line: str, client: Callable[[str, str | None], Any]) -> Any:
    """`aws iam put-user-policy --user-name …`; `client` gives the client of a service, in a region if one is named.

    Raises AssertionError for an operation or an option that there is not, ClientError for what AWS refuses.
    """
    program, service, operation, *options = shlex.split(line)
    assert program == "aws", line
    assert len(options) % 2 == 0, line
    given = {options[at].removeprefix("--"): options[at + 1] for at in range(0, len(options), 2)}
    used = client(service, given.pop("region", None))
    names = {xform_name(name, "-"): name for name in used.meta.service_model.operation_names}
    assert operation in names, f"aws {service} has no {operation}"
    shape = used.meta.service_model.operation_model(names[operation]).input_shape
    members = {_option(name): name for name in shape.members}
    unknown = given.keys() - members.keys()
    assert not unknown, f"aws {service} {operation} has no {unknown}"
    values = {members[name]: _value(text, shape.members[members[name]]) for name, text in given.items()}
    return getattr(used, xform_name(names[operation]))(**values)


def _option(member: str) -> str:
    return str(xform_name(member, "-"))


def _value(text: str, shape: Any) -> Any:
    if shape.type_name in ("structure", "list", "map"):
        return json.loads(text)
    if shape.type_name in ("double", "float"):
        return float(text)
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name == "blob":
        return text.removeprefix("fileb://").encode()
    return text
