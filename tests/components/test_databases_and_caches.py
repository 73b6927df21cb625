from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components.aurora import Aurora, AuroraArgs
from components.cache import Cache, CacheArgs, family
from components.data_bindings import cache_binding, database_binding
from components.data_store import Clients
from components.database import Database, DatabaseArgs
from tests.pulumi_mocks import Made, run_program

STORE: dict[str, Any] = {
    "identifier": "shop-main-1",
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "clients": "sg-clients",
    "backup_window": "03:00-04:00",
    "maintenance_window": "sun:04:30-sun:05:30",
}
DATA: dict[str, Any] = {
    "version": "16.4",
    "replicas": 0,
    "database": "app",
    "backup_retention": 7,
    "deletion_protection": True,
    "final_snapshot": True,
    "performance_insights": True,
    "password_rotation": 90,
}
DATABASE = DatabaseArgs(
    **STORE, **DATA, instance_class="db.t4g.micro", storage=20, max_storage=100, multi_az=True
)
AURORA = AuroraArgs(**STORE, **DATA, instance_class="db.serverless", min_capacity=0.5, max_capacity=4)
CACHE = CacheArgs(
    **STORE, engine="valkey", version="8.0", node_type="cache.t4g.micro", nodes=2, snapshot_retention=1,
    final_snapshot=False, eviction="allkeys-lru",
)  # fmt: skip


Build = Callable[..., Made]


def database(preview: bool = False, **given: Any) -> Made:
    def program() -> None:
        Database("main", replace(DATABASE, **given))

    return run_program(program, preview=preview)


def aurora(**given: Any) -> Made:
    def program() -> None:
        Aurora("main", replace(AURORA, **given))

    return run_program(program)


def cache(**given: Any) -> Made:
    def program() -> None:
        Cache("main", replace(CACHE, **given))

    return run_program(program)


@pytest.mark.parametrize(("made", "port"), [(database, 5432), (aurora, 5432), (cache, 6379)])
class TestEveryStore:
    def test_lets_in_its_clients_and_nobody_else(self, made: Build, port: int) -> None:
        found = made()
        rule = found.only("SecurityGroupIngressRule").inputs
        group = found.only("SecurityGroup")

        assert rule["referencedSecurityGroupId"] == "sg-clients"
        assert (rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (port, port, "tcp")
        assert rule["securityGroupId"] == group.id
        assert not {"ingress", "egress"} & group.inputs.keys()

    def test_is_encrypted(self, made: Build, port: int) -> None:
        [store] = [one for kind in ("Instance", "Cluster", "ReplicationGroup") for one in made().of(kind)]

        assert store.inputs.get("storageEncrypted", store.inputs.get("atRestEncryptionEnabled")) is True
        assert "kmsKeyId" not in store.inputs
        [own] = [
            one
            for kind in ("Instance", "Cluster", "ReplicationGroup")
            for one in made(kms_key="arn:key").of(kind)
        ]
        assert own.inputs["kmsKeyId"] == "arn:key"

    def test_has_a_group_of_its_own_in_each_life(self, made: Build, port: int) -> None:
        """So that a key which is switched off and on again does not meet the snapshot of the life before."""

        def trigger(**given: Any) -> str:
            return str(made(**given).only("SecurityGroup").trigger)

        assert trigger() == trigger(version="7.2")
        assert len({trigger(), trigger(kms_key="arn:one"), trigger(kms_key="arn:two")}) == 3

    def test_changes_at_once_what_was_confirmed(self, made: Build, port: int) -> None:
        for kind in ("Instance", "Cluster", "ClusterInstance", "ReplicationGroup"):
            assert all(one.inputs["applyImmediately"] is True for one in made().of(kind))


@pytest.mark.parametrize(("made", "kind"), [(database, "Instance"), (aurora, "Cluster")])
class TestEveryDatabase:
    def test_leaves_its_password_to_rds(self, made: Build, kind: str) -> None:
        found = made()
        inputs = found.only(kind).inputs
        rotation = found.only("SecretRotation").inputs

        assert inputs["manageMasterUserPassword"] is True
        assert not {"password", "masterPassword"} & inputs.keys()
        assert rotation["secretId"].endswith("rds!main")
        assert rotation["rotationRules"] == {"automaticallyAfterDays": 90}
        assert rotation["rotateImmediately"] is False

    def test_refuses_plain_connections(self, made: Build, kind: str) -> None:
        found = made()
        [group] = [*found.of("ParameterGroup"), *found.of("ClusterParameterGroup")]

        assert [(one["name"], one["value"]) for one in group.inputs["parameters"]] == [("rds.force_ssl", "1")]
        assert group.inputs["family"].endswith("16")

    def test_keeps_backups_and_a_last_snapshot(self, made: Build, kind: str) -> None:
        inputs = made().only(kind).inputs

        assert inputs["backupRetentionPeriod"] == 7
        assert inputs["skipFinalSnapshot"] is False
        assert inputs["finalSnapshotIdentifier"].startswith("shop-main-1-final-")
        assert inputs["deletionProtection"] is True

    def test_has_the_same_name_for_its_last_snapshot_until_it_is_another_database(
        self, made: Build, kind: str
    ) -> None:
        def name(**given: Any) -> str:
            return str(made(**given).only(kind).inputs["finalSnapshotIdentifier"])

        assert name() == name(version="17", backup_retention=9)
        assert len({name(), name(database="other"), name(kms_key="arn:one"), name(kms_key="arn:two")}) == 4

    def test_is_made_anew_when_its_key_is_switched_off(self, made: Build, kind: str) -> None:
        """RDS tells a key where none is given: to leave it out again is no change to the provider."""
        without, own = (made(**given).only(kind).trigger for given in ({}, {"kms_key": "arn:key"}))
        assert None not in (without, own)
        assert without != own

    def test_may_go_without_a_snapshot(self, made: Build, kind: str) -> None:
        inputs = made(final_snapshot=False).only(kind).inputs

        assert inputs["skipFinalSnapshot"] is True
        assert "finalSnapshotIdentifier" not in inputs


class TestDatabase:
    def test_grows_in_gp3_up_to_its_limit(self) -> None:
        inputs = database().only("Instance").inputs
        assert (inputs["storageType"], inputs["allocatedStorage"], inputs["maxAllocatedStorage"]) == (
            "gp3",
            20,
            100,
        )
        assert "maxAllocatedStorage" not in database(max_storage=0).only("Instance").inputs

    def test_has_replicas_that_copy_it(self) -> None:
        found = database(replicas=2)
        source, *copies = found.of("Instance")

        assert [one.name for one in copies] == ["main-replica-1", "main-replica-2"]
        for number, copy in enumerate(copies, 1):
            assert copy.inputs["replicateSourceDb"] == "shop-main-1"
            assert copy.inputs["identifier"] == f"shop-main-1-replica-{number}"
            assert copy.references["replicateSourceDb"] == (source.urn,)
            assert copy.inputs["skipFinalSnapshot"] is True
            assert copy.replaced_with == (source.urn,)
            assert "dbSubnetGroupName" not in copy.inputs

    def test_leaves_the_key_of_its_replicas_to_rds(self) -> None:
        source, copy = database(replicas=1, kms_key="arn:key").of("Instance")
        assert source.inputs["kmsKeyId"] == "arn:key"
        assert "kmsKeyId" not in copy.inputs

    def test_is_not_public(self) -> None:
        assert {one.inputs["publiclyAccessible"] for one in database(replicas=1).of("Instance")} == {False}

    def test_can_be_previewed_before_it_is_there(self) -> None:
        assert database(preview=True, replicas=1).only("SecretRotation").name == "main"


class TestAurora:
    def test_scales_between_its_limits(self) -> None:
        found = aurora()
        limits = {"minCapacity": 0.5, "maxCapacity": 4}
        assert found.only("Cluster").inputs["serverlessv2ScalingConfiguration"] == limits
        assert found.only("ClusterInstance").inputs["instanceClass"] == "db.serverless"

    def test_of_a_class_does_not_scale(self) -> None:
        found = aurora(instance_class="db.r6g.large")
        assert "serverlessv2ScalingConfiguration" not in found.only("Cluster").inputs

    def test_has_replicas_that_take_over_in_their_order(self) -> None:
        instances = aurora(replicas=2).of("ClusterInstance")
        assert [one.inputs["promotionTier"] for one in instances] == [0, 1, 2]
        assert [one.inputs["identifier"] for one in instances] == [f"shop-main-1-{n}" for n in (1, 2, 3)]


class TestCache:
    def test_is_encrypted_on_the_way(self) -> None:
        inputs = cache().only("ReplicationGroup").inputs
        assert (inputs["transitEncryptionEnabled"], inputs["transitEncryptionMode"]) == (True, "required")

    @pytest.mark.parametrize(("nodes", "fails_over"), [(1, False), (2, True)])
    def test_fails_over_where_it_has_replicas(self, nodes: int, fails_over: bool) -> None:
        inputs = cache(nodes=nodes).only("ReplicationGroup").inputs
        assert inputs["numCacheClusters"] == nodes
        assert inputs["automaticFailoverEnabled"] is inputs["multiAzEnabled"] is fails_over

    @pytest.mark.parametrize(
        ("engine", "version", "expected"),
        [("valkey", "8.0", "valkey8"), ("redis", "7.1", "redis7"), ("redis", "6.2", "redis6.x")],
    )
    def test_has_parameters_of_its_version(self, engine: str, version: str, expected: str) -> None:
        assert family(engine, version) == expected
        group = cache(engine=engine, version=version).only("ParameterGroup")
        assert group.inputs["family"] == expected
        assert group.inputs["parameters"] == [{"name": "maxmemory-policy", "value": "allkeys-lru"}]


class TestClients:
    def test_are_one_group_for_all(self) -> None:
        def program() -> None:
            Clients("shop", "vpc-1")

        found = run_program(program)
        assert found.only("SecurityGroup").inputs["vpcId"] == "vpc-1"


FOUND = {
    "host": "db.test", "readerHost": "ro.test", "port": 5432, "database": "app",
    "secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1",
}  # fmt: skip


class TestBindings:
    def bound(self, default: bool) -> dict[str, Any]:
        def program() -> None:
            binding = database_binding("main", pulumi.Output.from_input(FOUND), default=default)
            values = pulumi.Output.all(
                variables=binding.variables, secrets=binding.secrets, statements=list(binding.statements)
            )
            pulumi.export("bound", values)

        return dict(run_program(program).outputs["bound"])

    def test_tell_where_a_database_is_and_refer_to_who_gets_in(self) -> None:
        bound = self.bound(default=False)
        secret = FOUND["secretArn"]
        assert bound["variables"] == {
            "DATABASE_MAIN_HOST": "db.test",
            "DATABASE_MAIN_READER_HOST": "ro.test",
            "DATABASE_MAIN_PORT": "5432",
            "DATABASE_MAIN_DATABASE": "app",
            "DATABASE_MAIN_URL": "postgresql://db.test:5432/app?sslmode=require",
            "DATABASE_MAIN_SECRET_ARN": secret,
        }
        assert bound["secrets"] == {
            "DATABASE_MAIN_USER": f"{secret}:username::",
            "DATABASE_MAIN_PASSWORD": f"{secret}:password::",
        }

    def test_let_programs_read_the_next_password_themselves(self) -> None:
        [statement] = self.bound(default=False)["statements"]
        assert statement["Action"] == ["secretsmanager:GetSecretValue"]
        assert statement["Resource"] == [FOUND["secretArn"]]

    def test_name_the_default_database_as_postgres_clients_do(self) -> None:
        bound = self.bound(default=True)
        assert bound["variables"]["PGHOST"] == "db.test"
        assert bound["variables"]["PGSSLMODE"] == "require"
        assert bound["secrets"]["PGPASSWORD"] == f"{FOUND['secretArn']}:password::"
        assert not any(name.startswith("PG") for name in self.bound(default=False)["secrets"])

    def test_tell_where_a_cache_is(self) -> None:
        def program() -> None:
            found = pulumi.Output.from_input({"host": "c.test", "readerHost": "ro.test", "port": 6379})
            pulumi.export("bound", pulumi.Output.all(**cache_binding("fast-one", found).variables))

        assert run_program(program).outputs["bound"] == {
            "CACHE_FAST_ONE_HOST": "c.test",
            "CACHE_FAST_ONE_READER_HOST": "ro.test",
            "CACHE_FAST_ONE_PORT": "6379",
            "CACHE_FAST_ONE_URL": "rediss://c.test:6379/0",
        }
