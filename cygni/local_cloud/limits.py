from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cygni.local_cloud.aws_calls import AwsCall


@dataclass(frozen=True)
class Refusal:
    code: str
    message: str


class Limits:
    def check(self, call: AwsCall) -> Refusal | None:
        return None
