"""Databases, caches, keys and secrets: what is particular to them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.local_cloud.provider import handlers
from cygni.local_cloud.provider.cloud import Cloud
from cygni.local_cloud.provider.diff import diff
from cygni.local_cloud.provider.handlers.base import At
from cygni.local_cloud.provider.operations import Kept, resource_type
from tests.cygni.local_cloud.provider import test_handlers
from tests.cygni.local_cloud.provider.samples import Make
from tests.cygni.local_cloud.provider.samples_databases import DATABASES
from tests.cygni.local_cloud.provider.test_handlers import SAMPLES, World

make = test_handlers.make
INSTANCE = resource_type("aws:rds/instance:Instance")
CACHE = resource_type("aws:elasticache/replicationGroup:ReplicationGroup")


def changed(world: World, kept: Kept, sample: str, make: Make, **more: Any) -> dict[str, Any]:
    """The checked inputs of a sample with some of them different; None takes one away."""
    given = {**SAMPLES[sample].inputs(make), **more}
    inputs: dict[str, Any] = world.check(
        SAMPLES[sample].token,
        {name: value for name, value in given.items() if value is not None},
        kept.inputs,
    )
    return inputs


def update(world: World, kept: Kept, sample: str, make: Make, **more: Any) -> Kept:
    news = changed(world, kept, sample, make, **more)
    kind = resource_type(SAMPLES[sample].token)
    difference = diff(kind, kept.inputs, kept.outputs, news)
    assert not difference.replaces
    outputs = world.operations.update(kind, kept.id, kept.outputs, news, difference.properties)
    kept_now: Kept = world.replace(kept, outputs, news)
    return kept_now


def secret_of(cloud: Cloud, database: Kept) -> dict[str, str]:
    arn = database.outputs["masterUserSecrets"][0]["secretArn"]
    text = cloud.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    found: dict[str, str] = json.loads(text)
    return found


class TestManagedPassword:
    @pytest.mark.parametrize("name", ["database", "aurora"])
    def test_is_in_a_secret_that_tasks_can_read(self, name: str, make: Make, moto_cloud: Cloud) -> None:
        secret = secret_of(moto_cloud, make(name))

        assert secret["username"] == "cygni"
        assert len(secret["password"]) >= 20

    def test_is_another_one_for_each_database(self, make: Make, moto_cloud: Cloud) -> None:
        one, other = secret_of(moto_cloud, make("database")), secret_of(moto_cloud, make("aurora"))

        assert one["password"] != other["password"]

    def test_is_never_in_the_state(self, make: Make, moto_cloud: Cloud) -> None:
        database = make("database")
        password = secret_of(moto_cloud, database)["password"]

        assert password not in json.dumps([database.inputs, database.outputs])

    def test_rotates_and_stays_readable(self, make: Make, moto_cloud: Cloud) -> None:
        database = make("database")
        before = secret_of(moto_cloud, database)
        moto_cloud.client("rds").modify_db_instance(
            DBInstanceIdentifier="sample", RotateMasterUserPassword=True, ApplyImmediately=True
        )

        after = secret_of(moto_cloud, database)

        assert after["username"] == before["username"]
        assert after["password"] != before["password"]

    def test_goes_with_the_database(self, world: World, make: Make, moto_cloud: Cloud) -> None:
        database = make("database")

        world.operations.delete(INSTANCE, database.id, database.outputs)

        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            secret_of(moto_cloud, database)


class TestReplica:
    def test_is_an_instance_of_its_own(self, world: World, make: Make) -> None:
        replica, source = make("replica"), make("database")
        source_now = world.operations.read(INSTANCE, source.id, source.inputs, source.outputs)

        assert replica.id != source.id
        assert replica.outputs["replicateSourceDb"] == "sample"
        assert "masterUserSecrets" not in replica.outputs or replica.outputs["masterUserSecrets"] == []
        assert source_now is not None
        assert source_now.outputs["replicas"] == ["sample-replica"]

    def test_leaves_the_source_its_secret_when_it_goes(
        self, world: World, make: Make, moto_cloud: Cloud
    ) -> None:
        replica = make("replica")

        world.operations.delete(INSTANCE, replica.id, replica.outputs)

        assert secret_of(moto_cloud, make("database"))["username"] == "cygni"

    def test_becomes_a_database_when_its_source_is_taken_away(self, world: World, make: Make) -> None:
        replica = make("replica")

        promoted = update(
            world, replica, "replica", make,
            replicateSourceDb=None, engine="postgres", username="cygni", manageMasterUserPassword=True,
        )  # fmt: skip

        assert promoted.id == replica.id
        assert promoted.outputs.get("replicateSourceDb") is None

    def test_stays_a_database_of_its_own_when_its_source_goes(self, make: Make, moto_cloud: Cloud) -> None:
        source, replica = make("database"), make("replica")
        client = moto_cloud.client("rds")
        name = replica.outputs["identifier"]

        client.delete_db_instance(DBInstanceIdentifier=source.outputs["identifier"], SkipFinalSnapshot=True)

        [left] = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        assert "ReadReplicaSourceDBInstanceIdentifier" not in left
        client.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)

    def test_needs_the_arn_of_its_source_in_a_subnet_group_of_its_own(self, world: World) -> None:
        inputs = {"replicateSourceDb": "sample", "instanceClass": "db.t4g.micro", "dbSubnetGroupName": "x"}

        with pytest.raises(AssertionError, match="must be an ARN"):
            world.check(INSTANCE.token, inputs)


class TestFinalSnapshot:
    def test_is_made_under_its_name(self, world: World, make: Make, moto_cloud: Cloud) -> None:
        database = make("database")
        outputs = {**database.outputs, "skipFinalSnapshot": False, "finalSnapshotIdentifier": "the-last"}

        world.operations.delete(INSTANCE, database.id, outputs)

        snapshots = moto_cloud.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        assert [each["DBSnapshotIdentifier"] for each in snapshots] == ["the-last"]

    @pytest.mark.parametrize("name", ["database", "aurora"])
    def test_must_have_a_name_or_not_be_wanted(self, name: str, world: World, make: Make) -> None:
        kept = make(name)
        kind = resource_type(SAMPLES[name].token)

        with pytest.raises(RuntimeError, match="finalSnapshotIdentifier is required"):
            world.operations.delete(kind, kept.id, {**kept.outputs, "skipFinalSnapshot": False})

        assert world.operations.read(kind, kept.id, kept.inputs, kept.outputs) is not None

    def test_of_a_cluster_is_made_under_its_name(self, world: World, make: Make, moto_cloud: Cloud) -> None:
        kept = make("aurora")
        outputs = {**kept.outputs, "skipFinalSnapshot": False, "finalSnapshotIdentifier": "the-last"}

        world.operations.delete(resource_type(SAMPLES["aurora"].token), kept.id, outputs)

        answer = moto_cloud.client("rds").describe_db_cluster_snapshots(SnapshotType="manual")
        assert [each["DBClusterSnapshotIdentifier"] for each in answer["DBClusterSnapshots"]] == ["the-last"]


class TestCloud:
    """What the local cloud refuses because AWS does."""

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({}, "is required unless SkipFinalSnapshot"),
            ({"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "x"}, "can not be specified"),
        ],
    )
    def test_wants_to_hear_of_the_last_snapshot(
        self, given: dict[str, Any], message: str, make: Make, moto_cloud: Cloud
    ) -> None:
        make("database")
        make("aurora")
        rds = moto_cloud.client("rds")

        with pytest.raises(ClientError, match=message):
            rds.delete_db_instance(DBInstanceIdentifier="sample", **given)
        with pytest.raises(ClientError, match=message):
            rds.delete_db_cluster(DBClusterIdentifier="sample-cluster", **given)

    def test_takes_no_last_snapshot_of_a_replica(self, make: Make, moto_cloud: Cloud) -> None:
        make("replica")

        with pytest.raises(ClientError, match="read replica"):
            moto_cloud.client("rds").delete_db_instance(
                DBInstanceIdentifier="sample-replica", FinalDBSnapshotIdentifier="x"
            )

    def test_never_makes_storage_smaller(self, make: Make, moto_cloud: Cloud) -> None:
        client, database = moto_cloud.client("rds"), make("database")
        name, size = database.outputs["identifier"], database.outputs["allocatedStorage"]

        def resize(gib: int) -> int:
            answer = client.modify_db_instance(DBInstanceIdentifier=name, AllocatedStorage=gib)
            return int(answer["DBInstance"]["AllocatedStorage"])

        assert [resize(size), resize(size + 10)] == [size, size + 10]
        with pytest.raises(ClientError, match="InvalidParameterCombination"):
            resize(size)
        [left] = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        assert left["AllocatedStorage"] == size + 10

    def test_has_one_replica_of_a_name(self, make: Make, moto_cloud: Cloud) -> None:
        make("replica")

        with pytest.raises(ClientError, match="AlreadyExists"):
            moto_cloud.client("rds").create_db_instance_read_replica(
                DBInstanceIdentifier="sample-replica", SourceDBInstanceIdentifier="sample"
            )

    def test_tells_nothing_of_serverless_v1(self, make: Make, moto_cloud: Cloud) -> None:
        [cluster] = moto_cloud.client("rds").describe_db_clusters(DBClusterIdentifier=make("aurora").id)[
            "DBClusters"
        ]

        assert "ScalingConfigurationInfo" not in cluster

    def test_tells_keys_by_their_arn(self, make: Make) -> None:
        for name in ("database", "replica", "aurora"):
            assert make(name).outputs["kmsKeyId"] == make("key").outputs["arn"]

    def test_keeps_a_cache_without_failover_where_it_has_one_node_less(
        self, make: Make, moto_cloud: Cloud
    ) -> None:
        make("cache")

        with pytest.raises(ClientError, match="at least one replica"):
            moto_cloud.client("elasticache").decrease_replica_count(
                ReplicationGroupId="sample", NewReplicaCount=0, ApplyImmediately=True
            )


class TestDeletion:
    def test_of_a_protected_database_is_refused(self, world: World, make: Make) -> None:
        database = update(world, make("database"), "database", make, deletionProtection=True)

        with pytest.raises(ClientError, match="protect"):
            world.operations.delete(INSTANCE, database.id, database.outputs)

    @pytest.mark.parametrize(
        ("used", "user"),
        [("database subnets", "database"), ("parameters", "database"), ("cluster parameters", "aurora"),
         ("cache subnets", "cache"), ("cache parameters", "cache")],
    )  # fmt: skip
    def test_of_a_group_in_use_is_refused_by_the_cloud(
        self, used: str, user: str, make: Make, moto_cloud: Cloud
    ) -> None:
        make(user)
        service = SAMPLES[used].token.split(":")[1].split("/")[0]
        client = moto_cloud.client(service)
        name = make(used).id
        deletions = {
            "database subnets": lambda: client.delete_db_subnet_group(DBSubnetGroupName=name),
            "parameters": lambda: client.delete_db_parameter_group(DBParameterGroupName=name),
            "cluster parameters": lambda: client.delete_db_cluster_parameter_group(
                DBClusterParameterGroupName=name
            ),
            "cache subnets": lambda: client.delete_cache_subnet_group(CacheSubnetGroupName=name),
            "cache parameters": lambda: client.delete_cache_parameter_group(CacheParameterGroupName=name),
        }

        with pytest.raises(ClientError, match="in use"):
            deletions[used]()


class TestChanges:
    def test_a_minor_version_that_aws_has_picked_is_no_difference(self, world: World, make: Make) -> None:
        database = make("database")
        news = changed(world, database, "database", make, engineVersion="16")

        assert not diff(INSTANCE, database.inputs, database.outputs, news).changes

    def test_another_name_is_given_in_place(self, world: World, make: Make) -> None:
        database = make("database")

        renamed = update(world, database, "database", make, identifier="renamed")

        assert renamed.id == database.id
        assert renamed.outputs["identifier"] == "renamed"
        assert renamed.outputs["address"].startswith("renamed.")

    @pytest.mark.parametrize(
        ("sample", "change", "why"),
        [
            ("database", {"username": "other"}, "username"),
            ("database", {"storageEncrypted": False, "kmsKeyId": None}, "storageEncrypted"),
            ("database", {"dbName": "other"}, "dbName"),
            ("aurora", {"masterUsername": "other"}, "masterUsername"),
            ("cache", {"engineVersion": "7.2"}, "engineVersion"),
            ("cache", {"engine": "redis"}, "engine"),
            ("cache", {"atRestEncryptionEnabled": False}, "atRestEncryptionEnabled"),
        ],
    )
    def test_that_aws_cannot_make_in_place_replace(
        self, sample: str, change: dict[str, Any], why: str, world: World, make: Make
    ) -> None:
        kept = make(sample)
        kind = resource_type(SAMPLES[sample].token)

        difference = diff(kind, kept.inputs, kept.outputs, changed(world, kept, sample, make, **change))

        assert why in difference.replaces
        # The official provider deletes first where it may name a thing itself; a cluster it never names.
        assert difference.delete_before_replace == (sample != "aurora")

    @pytest.mark.parametrize("change", [{"engineVersion": "8.1"}, {"transitEncryptionMode": "preferred"}])
    def test_of_a_cache_are_made_in_place(self, change: dict[str, Any], world: World, make: Make) -> None:
        cache = update(world, make("cache"), "cache", make, **change)

        assert {name: cache.outputs[name] for name in change} == change


class TestCache:
    def test_lists_its_members(self, make: Make, moto_cloud: Cloud) -> None:
        cache = make("cache")
        members = moto_cloud.client("elasticache").describe_cache_clusters()["CacheClusters"]

        assert cache.outputs["memberClusters"] == [each["CacheClusterId"] for each in members]
        assert len(members) == 2
        assert {each["CacheNodeType"] for each in members} == {"cache.t4g.micro"}
        assert cache.outputs["readerEndpointAddress"].startswith("replica.sample.")

    def test_grows_and_shrinks(self, world: World, make: Make, moto_cloud: Cloud) -> None:
        grown = update(world, make("cache"), "cache", make, numCacheClusters=4)
        shrunk = update(world, grown, "cache", make, numCacheClusters=2)
        members = moto_cloud.client("elasticache").describe_cache_clusters()["CacheClusters"]

        assert len(grown.outputs["memberClusters"]) == 4
        assert len(shrunk.outputs["memberClusters"]) == len(members) == 2

    def test_loses_its_replica_only_after_failover_is_off(self, world: World, make: Make) -> None:
        single = update(
            world, make("cache"), "cache", make,
            numCacheClusters=1, automaticFailoverEnabled=False, multiAzEnabled=False,
        )  # fmt: skip

        assert len(single.outputs["memberClusters"]) == 1
        assert single.outputs["automaticFailoverEnabled"] is False

    def test_cannot_fail_over_to_itself(self, world: World) -> None:
        inputs = {"description": "x", "nodeType": "cache.t4g.micro", "numCacheClusters": 1}

        with pytest.raises(AssertionError, match="2 or more"):
            world.check(CACHE.token, {**inputs, "automaticFailoverEnabled": True})


class TestSecretVersion:
    def test_is_a_new_one_for_a_new_value(self, world: World, make: Make) -> None:
        kept = make("secret version")
        news = changed(world, kept, "secret version", make, secretString="v2")

        assert diff(resource_type(SAMPLES["secret version"].token), kept.inputs, kept.outputs, news).replaces

    def test_keeps_the_value_out_of_what_is_unknown(self, world: World, make: Make) -> None:
        kept = make("secret version")
        kind = resource_type(SAMPLES["secret version"].token)

        assert kind.properties["secretString"].sensitive
        assert kept.outputs["secretString"] == '{"token": "v1"}'


@pytest.mark.parametrize("name", list(DATABASES))
def test_a_create_whose_answer_was_lost_is_found_again(name: str, world: World, make: Make) -> None:
    kept = make(name)
    at = At(world.operations.cloud, "us-east-1")

    assert handlers.handler(SAMPLES[name].token).left(at, kept.inputs) == kept.id


@pytest.mark.parametrize(
    "name", [name for name in DATABASES if "tagsAll" in resource_type(DATABASES[name].token).properties]
)
def test_what_another_program_made_is_not_taken_over(name: str, world: World, make: Make) -> None:
    kept = make(name)
    at = At(world.operations.cloud, "us-east-1")
    others = {**kept.inputs, "tagsAll": {"cygni:urn": "urn:another"}}

    assert handlers.handler(SAMPLES[name].token).left(at, others) is None
