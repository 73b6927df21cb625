from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import Database, Engine, default_database
from tests.factories import create_spec


def database(environment: str = "local", **given: Any) -> Database:
    return create_spec(environment, databases={"main": given}).databases["main"]


def refused(**databases: Any) -> str:
    with pytest.raises(SpecError) as caught:
        create_spec(databases=databases)
    return str(caught.value.message)


class TestDatabase:
    def test_needs_nothing_but_a_name(self) -> None:
        found = create_spec("local", databases={"main": None}).databases["main"]
        assert (found.engine, found.class_name, found.multi_az) == (Engine.POSTGRES, "db.t4g.micro", False)

    def test_is_safe_in_production_where_nothing_is_written(self) -> None:
        found = database("production")
        assert found.multi_az and found.deletion_protection and found.final_snapshot  # noqa: PT018
        assert found.backup_retention == 30
        assert found.class_name == "db.m6g.large"

    def test_of_aurora_is_serverless_in_every_environment(self) -> None:
        for environment in ("local", "staging", "production"):
            found = database(environment, engine="aurora-postgres")
            assert found.class_name == "db.serverless"
            assert not found.multi_az
        assert (found.replicas, found.min_capacity, found.max_capacity) == (1, 1, 16)
        assert database(engine="aurora-postgres").min_capacity == 0  # it pauses while nobody is there

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"engine": "mysql"}, '"mysql" is not one of the choices'),
            ({"version": "13"}, '"13" is not allowed'),
            ({"version": 16}, "should be text"),
            ({"instance_class": "t4g.micro"}, "is not allowed"),
            ({"instance_class": "db.serverless"}, "db.serverless is of aurora-postgres only"),
            ({"database": "My-App"}, "is not allowed"),
            ({"storage": 10}, "10 is too small"),
            ({"storage": 100, "max_storage": 105}, "105 GiB is not a tenth above"),
            ({"replicas": 16}, "16 is too large"),
            ({"backup_retention": 0}, "0 is too small"),
            ({"backup_window": "3-4"}, "is not allowed"),
            ({"maintenance_window": "mon:3:00-mon:4:00"}, "is not allowed"),
            ({"min_capacity": 1}, "is of aurora-postgres only"),
            ({"engine": "aurora-postgres", "storage": 30}, "is of postgres only"),
            ({"engine": "aurora-postgres", "min_capacity": 4, "max_capacity": 2}, "2 is below"),
            ({"engine": "aurora-postgres", "max_capacity": 1.3}, "multiple"),
            ({"password_rotation": 0}, "0 is too small"),
        ],
    )
    def test_refuses_what_rds_would(self, given: dict[str, Any], message: str) -> None:
        assert message in refused(main=given)

    def test_grows_in_production_unless_what_is_written_leaves_no_room(self) -> None:
        assert database("production").max_storage == 1000
        assert database("production", storage=900).max_storage == 0
        assert database("production", storage=900, max_storage=2000).max_storage == 2000


class TestDefault:
    def test_is_the_only_one(self) -> None:
        assert default_database(create_spec(databases={"main": {}}).databases) == "main"

    def test_is_none_where_there_is_no_database(self) -> None:
        assert default_database({}) == ""

    def test_must_be_said_where_there_are_several(self) -> None:
        """Or a second database would take PGHOST from services that run."""
        assert "none of them is the default" in refused(main={}, reports={})
        found = create_spec(databases={"main": {}, "reports": {"default": True}}).databases
        assert default_database(found) == "reports"

    def test_can_be_one_only(self) -> None:
        assert '"main" is the default already' in refused(main={"default": True}, reports={"default": True})


class TestReplicas:
    def test_have_names_that_no_database_can_take(self) -> None:
        main = {"replicas": 2, "default": True}
        said = refused(**{"main": main, "main-replica-2": {}})
        assert '"main-replica-2" is what a replica of "main" is called' in said

    @pytest.mark.parametrize("main", [{"replicas": 1}, {"replicas": 2, "engine": "aurora-postgres"}])
    def test_leave_other_names_alone(self, main: dict[str, Any]) -> None:
        databases = {"main": {**main, "default": True}, "main-replica-2": {}}
        assert set(create_spec(databases=databases).databases) == set(databases)


class TestVariables:
    @pytest.mark.parametrize("section", ["databases", "caches"])
    def test_belong_to_one_store_each(self, section: str) -> None:
        default = {"default": True} if section == "databases" else {}
        given: dict[str, Any] = {section: {"main": default, "main-reader": {}}}
        with pytest.raises(
            SpecError, match='"main-reader" would share a variable with the readers of "main"'
        ):
            create_spec(**given)
