from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.policies.catalogue import RULES
from cygni.policies.limits import INSTANCE_SIZES, LARGEST_INSTANCE, OWN_TAGS, Limits
from cygni.policies.rule import Level
from cygni.spec.sizes import Size
from tests.factories import create_spec


def levels(environment: str, **policies: Any) -> dict[str, Level]:
    return dict(create_spec(environment, policies=policies).policies.levels_in(environment))


class TestLevels:
    def test_are_each_policys_own_where_nothing_is_written(self) -> None:
        production = levels("production")
        assert list(production) == list(RULES)
        assert production["deletion-protection"] is Level.MANDATORY
        assert production["bucket-versioning"] is Level.ADVISORY
        for environment in ("local", "preview-login", "staging"):
            assert levels(environment)["deletion-protection"] is Level.DISABLED
            assert levels(environment)["no-open-ingress"] is Level.MANDATORY

    def test_are_those_that_are_written(self) -> None:
        found = levels("staging", levels={"backups": "advisory", "no-wildcard-iam": "disabled"})
        assert (found["backups"], found["no-wildcard-iam"]) == (Level.ADVISORY, Level.DISABLED)
        assert found["no-public-bucket"] is Level.MANDATORY

    def test_may_differ_between_environments(self) -> None:
        given = {"policies": {"levels": {"backups": "disabled"}}}
        overrides = {"production": {"policies": {"levels": {"backups": "advisory"}}}}
        for environment, level in (("staging", Level.DISABLED), ("production", Level.ADVISORY)):
            spec = create_spec(environment, **given, environments=overrides)
            assert spec.policies.levels_in(environment)["backups"] is level

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ({"levels": {"no-open-ingres": "advisory"}}, 'did you mean "no-open-ingress"?'),
            ({"levels": {"backups": "strict"}}, "strict is not one of the choices"),
            ({"instance_size": "3large"}, "3large is not one of the choices"),
            ({"monthly_cost": -1}, "-1 is too small"),
            ({"backup_days": 36}, "36 is too large"),
        ],
    )
    def test_that_make_no_sense_are_refused(self, written: dict[str, Any], said: str) -> None:
        with pytest.raises(SpecError) as caught:
            create_spec(policies=written)
        assert said in caught.value.message.replace('"strict"', "strict").replace('"3large"', "3large")


class TestLimits:
    def test_follow_the_size_of_the_environment(self) -> None:
        for environment, size in (
            ("local", Size.PREVIEW),
            ("staging", Size.STAGING),
            ("production", Size.PRODUCTION),
        ):
            assert create_spec(environment).policies.limits().instance_size == LARGEST_INSTANCE[size]

    def test_are_what_is_written(self) -> None:
        given = {"monthly_cost": 99.5, "instance_size": "8xlarge", "instance_count": 2}
        found = create_spec("production", policies={**given, "backup_days": 14}).policies.limits()
        assert found == Limits(Decimal("99.5"), "8xlarge", 2, 14, OWN_TAGS)

    def test_that_every_size_has_are_sizes(self) -> None:
        assert set(LARGEST_INSTANCE) == set(Size)
        assert set(LARGEST_INSTANCE.values()) <= set(INSTANCE_SIZES)
