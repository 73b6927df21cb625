"""A key of one's own."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_aws import kms

from components.component import Component

DELETION_WINDOW: Final = 30
"""Days in which the deletion of a key can be taken back: the most that KMS has. What it encrypts is lost with it."""


class EncryptionKey(Component):
    """Symmetric KMS key that is renewed every year, and its alias, unique in the account. Output: `key`.

    Its policy leaves to IAM who may use it (AWS KMS developer guide, default key policy).
    """

    token = "cygni:security:EncryptionKey"

    def __init__(self, name: str, alias: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.key = kms.Key(
            name,
            description=name,
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW,
            opts=self.child(),
        )
        kms.Alias(name, name=f"alias/{alias}", target_key_id=self.key.key_id, opts=self.child())
        self.register_outputs({"keyArn": self.key.arn})
