from __future__ import annotations

from components.binding import Binding
from components.kept_secrets import KeptSecrets, KeptSecretsArgs
from tests.pulumi_mocks import Made, run_program

NAMES = {"TOKEN": "shop/staging/TOKEN", "KEY": "shop/staging/KEY"}


def made(bindings: list[Binding]) -> Made:
    def program() -> None:
        bindings.append(KeptSecrets("shop-staging", KeptSecretsArgs(NAMES)).binding({"API_TOKEN": "TOKEN"}))

    return run_program(program)


def test_are_secrets_without_a_value_that_are_gone_when_they_are_deleted() -> None:
    found = made([])
    assert {one.inputs["name"] for one in found.of("Secret")} == set(NAMES.values())
    assert {one.inputs["recoveryWindowInDays"] for one in found.of("Secret")} == {0}
    assert found.of("SecretVersion") == []


def test_give_tasks_the_reference_alone() -> None:
    bindings: list[Binding] = []
    made(bindings)
    [binding] = bindings
    assert (list(binding.secrets), len(binding.secret_arns), binding.variables) == (["API_TOKEN"], 1, {})
