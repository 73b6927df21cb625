"""RDS instances of PostgreSQL are served on this machine: each has a port of its own, and is there once its server
takes connections. Applied by moto_rds.py."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.control_plane.ports import POSTGRES_PORTS, ports
from cygni.local_cloud.databases import installation
from cygni.local_cloud.identity import HOST
from cygni.local_cloud.patching import after


def fix(models: Any) -> None:
    usual = models.DBInstance.address.fget

    def serve(instance: Any, *args: Any, **named: Any) -> None:
        if is_served(instance):
            instance.local_port = ports.reserve(POSTGRES_PORTS)
            instance.status = "creating"

    def let_go(backend: Any, instance: Any, *args: Any, **named: Any) -> None:
        ports.release(vars(instance).get("local_port", 0))

    def own_port(backend: Any, replica: Any, *args: Any, **named: Any) -> None:
        vars(replica).pop("local_port", None)  # copied from its source

    def address(instance: Any) -> Any:
        return HOST if local_port(instance) else usual(instance)

    def endpoint(instance: Any) -> dict[str, Any]:
        return {"Address": address(instance), "Port": local_port(instance) or instance.port}

    after(models.DBInstance, "__init__", serve)
    after(models.RDSBackend, "create_db_instance_read_replica", own_port)
    after(models.RDSBackend, "delete_db_instance", let_go)
    models.DBInstance.address = property(address)
    models.DBInstance.endpoint = property(endpoint)


def is_served(instance: Any) -> bool:
    """Whether there is a server for it: PostgreSQL, no member of a cluster, with a password that RDS keeps."""
    return is_meant(instance) and installation.find(str(instance.engine_version)) is not None


def is_meant(instance: Any) -> bool:
    """Whether there would be one if there were PostgreSQL on this machine."""
    own = instance.db_cluster_identifier is None and bool(instance.manage_master_user_password)
    return bool(instance.engine == "postgres") and own and not instance.is_replica


def local_port(instance: Any) -> int:
    """Where it is served, 0 for nowhere. A replica is served by its source."""
    if instance.is_replica:
        source = instance.backend.databases.get(instance.source_db_instance_identifier)
        return local_port(source) if source is not None and source is not instance else 0
    return int(getattr(instance, "local_port", 0))
