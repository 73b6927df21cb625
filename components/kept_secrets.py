"""Secrets of an environment whose values come from a control plane, past the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import secretsmanager

from components.binding import Binding
from components.component import Component


@dataclass(frozen=True)
class KeptSecretsArgs:
    """`names` has for each secret its name in Secrets Manager."""

    names: Mapping[str, str]


class KeptSecrets(Component):
    """Secrets of Secrets Manager without a value: whoever deploys writes that, so that no state has it. A deleted one
    is gone at once, for its values are kept elsewhere. Output: `secrets`, by the names of the arguments."""

    token = "cygni:security:KeptSecrets"

    def __init__(self, name: str, args: KeptSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.secrets = {
            kept: secretsmanager.Secret(
                f"{name}-{kept}",
                name=in_aws,
                description="Kept by the control plane of Cygni.",
                recovery_window_in_days=0,
                opts=self.child(),
            )
            for kept, in_aws in sorted(args.names.items())
        }
        self.register_outputs({"secretArns": {kept: one.arn for kept, one in self.secrets.items()}})

    def binding(self, variables: Mapping[str, str]) -> Binding:
        """What gives tasks `variables`, each with the name of its secret."""
        arns = {variable: self.secrets[kept].arn for variable, kept in variables.items()}
        return Binding(secrets=arns, secret_arns=list(arns.values()))
