"""Where moto's RDS differs from AWS in a way that the stacks meet; applied by moto_fixes.py. Each with its reason."""

from __future__ import annotations

import functools
import json
import secrets
import string
from typing import Any

from cygni.local_cloud import moto_kms, moto_rds_addresses
from cygni.local_cloud.patching import after

_ID_LETTERS = string.ascii_uppercase + string.digits
_PASSWORD_LETTERS = string.ascii_letters + string.digits + "!#$%&*+-=?^_~"
_PASSWORD_LENGTH = 28  # characters, as RDS makes them

# Attributes of a description that moto takes at creation and forgets, with what AWS answers when not given.
_KEPT: dict[str, Any] = {
    "database_insights_mode": "standard",
    "dedicated_log_volume": False,
    "engine_lifecycle_support": "open-source-rds-extended-support",
    "monitoring_interval": 0,
    "network_type": "IPV4",
    "performance_insights_enabled": False,
    "performance_insights_kms_key_id": None,
    "performance_insights_retention_period": None,
}
# Parameters of a request that a description calls otherwise.
_DESCRIBED_AS = {
    "db_port_number": "port",
    "enable_performance_insights": "performance_insights_enabled",
}
_DEFAULT_RETENTION = 7  # days that Performance Insights keeps for nothing


def fix() -> None:
    from moto.rds import models

    moto_kms.fix()
    _keep_parameters(models)
    _name_keys(models)
    _keep_changed_subnet_groups(models)
    _leave_out_serverless_v1(models)
    _give_instances_their_own_ids(models)
    _make_real_secrets(models)
    _separate_replicas(models)
    _promote_orphans(models)
    _refuse_less_storage(models)
    _want_final_snapshots(models)
    _drop_automated_snapshots(models)
    _refuse_groups_in_use(models)
    _reset_parameters(models)
    moto_rds_addresses.fix(models)


def _keep_parameters(models: Any) -> None:
    """moto drops Performance Insights and a few more settings at creation, and does not know them again at a change.
    Of a cluster it forgets at a change whether it authenticates by IAM and which logs it exports."""

    def keep(resource: Any, answer: Any, *args: Any, **named: Any) -> None:
        given = _as_described(named)
        for name, default in _KEPT.items():
            setattr(resource, name, given.get(name, default))
        _settle(resource)

    update, modify = models.DBInstance.update, models.RDSBackend.modify_db_cluster

    @functools.wraps(update)
    def update_instance(instance: Any, **named: Any) -> None:
        update(instance, **_as_described(named))
        _settle(instance)

    @functools.wraps(modify)
    def modify_cluster(backend: Any, given: Any) -> Any:
        given = _as_described(given)
        name = given.get("new_db_cluster_identifier") or given["db_cluster_identifier"]
        exports = given.pop("cloudwatch_logs_export_configuration", None) or {}
        by_iam = given.pop("enable_iam_database_authentication", None)
        modify(backend, given)
        cluster = backend.clusters[name]
        if by_iam is not None:
            cluster.iam_auth = by_iam
        logs = [
            each
            for each in cluster.enabled_cloudwatch_logs_exports
            if each not in exports.get("DisableLogTypes", ())
        ]
        cluster.enabled_cloudwatch_logs_exports = [*logs, *exports.get("EnableLogTypes", ())]
        _settle(cluster)
        return cluster

    after(models.DBInstance, "__init__", keep)
    after(models.DBCluster, "__init__", keep)
    models.DBInstance.update = update_instance
    models.RDSBackend.modify_db_cluster = modify_cluster


def _as_described(given: Any) -> dict[str, Any]:
    return {_DESCRIBED_AS.get(name, name): value for name, value in given.items()}


def _settle(resource: Any) -> None:
    """Performance Insights keeps for a while when it is on, and for none when it is off."""
    on = resource.performance_insights_enabled
    if on and not resource.performance_insights_retention_period:
        resource.performance_insights_retention_period = _DEFAULT_RETENTION
    if not on:
        resource.performance_insights_retention_period = None


def _name_keys(models: Any) -> None:
    """moto calls the key of encrypted storage by what was given or by a word of its own; AWS tells its ARN."""

    def name_key(resource: Any, *args: Any, **named: Any) -> None:
        if "_kms_key_id" not in vars(resource) and "kms_key_id" not in vars(resource):
            return  # an instance of a cluster has the cluster's
        given = named.get("kms_key_id") or "alias/aws/rds"
        encrypted = resource.storage_encrypted
        resource.kms_key_id = resource.backend.kms.describe_key(given).arn if encrypted else None

    after(models.DBInstance, "__init__", name_key)
    after(models.DBCluster, "__init__", name_key)


def _leave_out_serverless_v1(models: Any) -> None:
    """moto tells of every cluster how it would scale as Aurora Serverless v1, which AWS tells of those alone: the
    official provider would take that away again and again."""
    told = models.DBCluster.scaling_configuration_info.fget
    models.DBCluster.scaling_configuration_info = property(
        lambda cluster: told(cluster) if cluster.scaling_configuration else None
    )


def _keep_changed_subnet_groups(models: Any) -> None:
    """moto takes a subnet group out to change it and does not put it back."""

    def put_back(backend: Any, group: Any, name: str, *args: Any, **named: Any) -> None:
        backend.subnet_groups[name] = group

    after(models.RDSBackend, "modify_db_subnet_group", put_back)


def _give_instances_their_own_ids(models: Any) -> None:
    """moto gives every instance the same DbiResourceId, by which the official provider finds them."""

    def give(instance: Any, *args: Any, **named: Any) -> None:
        instance.dbi_resource_id = "db-" + "".join(secrets.choice(_ID_LETTERS) for _ in range(26))

    after(models.DBInstance, "__init__", give)


def _make_real_secrets(models: Any) -> None:
    """moto writes the same user and password into every managed secret, and nothing on rotation."""

    def credentials(secret: Any) -> str:
        password = "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(_PASSWORD_LENGTH))
        return json.dumps({"username": secret.resource.master_username, "password": password})

    def rotate(secret: Any) -> None:
        secret._status = "rotating"  # noqa: SLF001
        secret.secretsmanager.put_secret_value(
            secret.secret.arn, secret_string=credentials(secret), secret_binary=None,
            client_request_token=None, version_stages=["AWSCURRENT"],
        )  # fmt: skip

    models.MasterUserSecret._generate_secret_string = credentials  # noqa: SLF001
    models.MasterUserSecret.rotate_secret = rotate


def _separate_replicas(models: Any) -> None:
    """moto makes a replica by copying the source whole: its id, its secret (deleted with the replica), its tags,
    deletion protection, backups and zones. On AWS it has its own. A promoted replica stays one in moto."""
    created = models.RDSBackend.create_db_instance_read_replica
    promoted = models.RDSBackend.promote_read_replica

    @functools.wraps(created)
    def create(backend: Any, given: Any) -> Any:
        if given["db_instance_identifier"] in backend.databases:
            raise models.DBInstanceAlreadyExists
        source = backend.find_db_from_id(given["source_db_instance_identifier"])
        replica = created(backend, given)
        replica.dbi_resource_id = "db-" + "".join(secrets.choice(_ID_LETTERS) for _ in range(26))
        replica.__dict__.pop("master_user_secret", None)
        replica.manage_master_user_password = False
        replica.source_db_instance_identifier = source.db_instance_identifier
        own = {
            "tags": [], "deletion_protection": False, "backup_retention_period": 0, "multi_az": False,
            "max_allocated_storage": replica.allocated_storage,
        }  # fmt: skip
        for name, default in own.items():
            setattr(replica, name, given.get(name, default))
        insights = given.get("enable_performance_insights", False)
        replica.update(
            publicly_accessible=given.get("publicly_accessible", False), enable_performance_insights=insights
        )
        replica.enabled_cloudwatch_logs_exports = list(given.get("enable_cloudwatch_logs_exports") or [])
        replica.vpc_security_group_ids = list(
            given.get("vpc_security_group_ids") or source.vpc_security_group_ids
        )
        return replica

    @functools.wraps(promoted)
    def promote(backend: Any, given: Any) -> Any:
        database = promoted(backend, given)
        if database.source_db_instance_identifier:
            source = backend.find_db_from_id(database.source_db_instance_identifier)
            if database.db_instance_identifier in source.replicas:
                source.remove_replica(database)
            database.source_db_instance_identifier = None
        return database

    models.RDSBackend.create_db_instance_read_replica = create
    models.RDSBackend.promote_read_replica = promote


def _promote_orphans(models: Any) -> None:
    """moto deletes a source from under its replicas, and then cannot delete these. On AWS they become databases of
    their own (RDS user guide, deleting an instance with read replicas)."""
    deleted = models.RDSBackend.delete_db_instance

    @functools.wraps(deleted)
    def delete(backend: Any, *args: Any, **named: Any) -> Any:
        database = deleted(backend, *args, **named)
        for replica in (backend.databases.get(one) for one in database.replicas):
            if replica is not None:
                replica.is_replica, replica.source_db_instance_identifier = False, None
        return database

    models.RDSBackend.delete_db_instance = delete


def _refuse_less_storage(models: Any) -> None:
    """moto makes the storage of an instance smaller, which AWS never does (RDS user guide, increasing storage)."""
    modified = models.RDSBackend.modify_db_instance

    @functools.wraps(modified)
    def modify(backend: Any, db_instance_identifier: str, db_kwargs: Any) -> Any:
        database, size = backend.databases.get(db_instance_identifier), db_kwargs.get("allocated_storage")
        if database is not None and size is not None and int(size) < int(database.allocated_storage or 0):
            raise models.InvalidParameterCombination(
                f"Requested storage of {size} GiB is less than the {database.allocated_storage} GiB allocated."
            )
        return modified(backend, db_instance_identifier, db_kwargs)

    models.RDSBackend.modify_db_instance = modify


def _want_final_snapshots(models: Any) -> None:
    """moto deletes without a word about the final snapshot; AWS wants its name, or to be told that there shall be
    none. A cluster's SkipFinalSnapshot is not even passed on."""
    from moto.rds.responses import RDSResponse

    delete_instance, delete_cluster = RDSResponse.delete_db_instance, RDSResponse.delete_db_cluster

    def check(params: Any) -> None:
        name, skip = params.get("FinalDBSnapshotIdentifier"), params.get("SkipFinalSnapshot")
        if not skip and not name:
            raise models.InvalidParameterCombination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
            )
        if skip and name:
            raise models.InvalidParameterCombination(
                "FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot."
            )

    @functools.wraps(delete_instance)
    def instance(response: Any) -> Any:
        database = response.backend.databases.get(response.params.get("DBInstanceIdentifier"))
        if database is not None and database.db_cluster_identifier is None:
            if database.is_replica and response.params.get("FinalDBSnapshotIdentifier"):
                raise models.InvalidParameterCombination("A read replica has no final snapshot.")
            check(response.params)
        return delete_instance(response)

    @functools.wraps(delete_cluster)
    def cluster(response: Any) -> Any:
        if response.params.get("DBClusterIdentifier") in response.backend.clusters:
            check(response.params)
        return delete_cluster(response)

    RDSResponse.delete_db_instance = instance
    RDSResponse.delete_db_cluster = cluster


def _drop_automated_snapshots(models: Any) -> None:
    """AWS deletes the automated snapshots of a cluster with it. moto keeps them, named by the minute they were made in:
    a cluster that takes the place of another within that minute met the name taken."""

    def drop(backend: Any, cluster: Any, *args: Any, **named: Any) -> None:
        for name, snapshot in list(backend.cluster_snapshots.items()):
            if snapshot.snapshot_type == "automated" and (
                snapshot.db_cluster_identifier == cluster.db_cluster_identifier
            ):
                backend.delete_db_cluster_snapshot(name)

    after(models.RDSBackend, "delete_db_cluster", drop)


def _refuse_groups_in_use(models: Any) -> None:
    """moto deletes subnet and parameter groups that databases use: what is done in the wrong order would pass here
    and fail on AWS."""
    backend_class = models.RDSBackend

    def in_use(code: str, text: str) -> Any:
        return models.RDSClientError(code, text)

    def users(backend: Any, attribute: str, name: str) -> list[Any]:
        everything = [*backend.databases.values(), *backend.clusters.values()]
        return [each for each in everything if each.__dict__.get(attribute) == name]

    def guard(method: str, attributes: tuple[str, ...], code: str, what: str) -> None:
        original = getattr(backend_class, method)

        @functools.wraps(original)
        def guarded(backend: Any, *args: Any, **named: Any) -> Any:
            name = next(iter([*args, *named.values()]))
            used = [user for attribute in attributes for user in users(backend, attribute, name)]
            if used:
                raise in_use(code, f"{what} {name} is in use by {used[0].resource_id} and cannot be deleted.")
            return original(backend, *args, **named)

        setattr(backend_class, method, guarded)

    guard("delete_subnet_group", ("_db_subnet_group_name", "db_subnet_group_name"),
          "InvalidDBSubnetGroupStateFault", "DB subnet group")  # fmt: skip
    guard("delete_db_parameter_group", ("db_parameter_group_name",),
          "InvalidDBParameterGroupState", "DB parameter group")  # fmt: skip
    guard("delete_db_cluster_parameter_group", ("parameter_group",),
          "InvalidDBParameterGroupState", "DB cluster parameter group")  # fmt: skip


def _reset_parameters(models: Any) -> None:
    """moto cannot take parameters back to their default, and never lists those of a cluster's group."""
    from moto.core.responses import ActionResult
    from moto.rds.responses import RDSResponse

    def reset(group: Any, params: Any) -> None:
        if params.get("ResetAllParameters"):
            group.parameters.clear()
        for parameter in params.get("Parameters") or []:
            group.parameters.pop(parameter["ParameterName"], None)

    def reset_db_parameter_group(response: Any) -> Any:
        name = response.params["DBParameterGroupName"]
        groups = response.backend.describe_db_parameter_groups({"db_parameter_group_name": name})
        if not groups:
            raise models.DBParameterGroupNotFoundError(name)
        reset(groups[0], response.params)
        return ActionResult({"DBParameterGroupName": name})

    def reset_db_cluster_parameter_group(response: Any) -> Any:
        name = response.params["DBClusterParameterGroupName"]
        reset(response.backend.describe_db_cluster_parameter_groups(name)[0], response.params)
        return ActionResult({"DBClusterParameterGroupName": name})

    def describe_db_cluster_parameters(backend: Any, name: str) -> list[Any]:
        return list(backend.describe_db_cluster_parameter_groups(name)[0].parameters.values())

    RDSResponse.reset_db_parameter_group = reset_db_parameter_group
    RDSResponse.reset_db_cluster_parameter_group = reset_db_cluster_parameter_group
    models.RDSBackend.describe_db_cluster_parameters = describe_db_cluster_parameters
