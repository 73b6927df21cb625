"""Aurora clusters."""

from __future__ import annotations

from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.arn_tags import update_tags
from cygni.local_cloud.provider.handlers.base import At, Handler, State, is_gone, unless_gone
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.handlers.rds_shapes import CLUSTER, common, logs_change, requested, tagged
from cygni.local_cloud.provider.wire import Values

_MINUTE = 60.0


def _identifier(inputs: State) -> str:
    prefix = inputs.get("clusterIdentifierPrefix") or "tf-"
    return str(inputs.get("clusterIdentifier") or name_of({**inputs, "namePrefix": prefix}))


class Cluster(Handler):
    """A cluster, which holds the data; its id is the identifier."""

    token = "aws:rds/cluster:Cluster"

    _SWITCHES: ClassVar = {
        "deletionProtection": "DeletionProtection",
        "manageMasterUserPassword": "ManageMasterUserPassword",
        "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    }

    def _described(self, at: At, id: str) -> dict[str, Any] | None:
        try:
            found = at.client("rds").describe_db_clusters(DBClusterIdentifier=id)["DBClusters"]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return dict(found[0]) if found else None

    def create(self, at: At, inputs: State) -> str:
        client = at.client("rds")
        given = {**inputs, "clusterIdentifier": _identifier(inputs)}
        wanted = requested(client, "CreateDBCluster", given)
        client.create_db_cluster(**wanted, **tagged(inputs))
        return str(wanted["DBClusterIdentifier"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._wait(at, id)

    def _wait(self, at: At, id: str) -> None:
        def available() -> bool | None:
            return True if (self._described(at, id) or {}).get("Status") == "available" else None

        at.cloud.await_(f"cluster {id} to be available", available, seconds=120 * _MINUTE)

    def read(self, at: At, id: str, known: State) -> Values | None:
        found = self._described(at, id)
        if found is None:
            return None
        values = shapes.outputs(self.properties, found, rename=CLUSTER)
        values |= common(found, known)
        values["clusterMembers"] = [
            each["DBInstanceIdentifier"] for each in found.get("DBClusterMembers", [])
        ]
        if values.get("storageType") == "aurora":
            values["storageType"] = ""
        if str(values.get("engine", "")).startswith("aurora"):
            values.pop("allocatedStorage", None)  # Aurora's storage grows by itself
        certificate = found.get("CertificateDetails") or {}
        values["caCertificateIdentifier"] = certificate.get("CAIdentifier") or known.get(
            "caCertificateIdentifier"
        )
        if not known:  # an import: what AWS does not tell, as the official provider assumes it
            values |= {"skipFinalSnapshot": True, "deleteAutomatedBackups": True}
        return {
            name: value
            for name, value in values.items()
            if value is not None or name == "manageMasterUserPassword"
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("rds")
        values = {name: news[name] for name in changed if name in news}
        wanted = requested(
            client, "ModifyDBCluster", values, drop=("applyImmediately", "enabledCloudwatchLogsExports")
        )
        for name, member in self._SWITCHES.items():
            if name in changed:
                wanted[member] = bool(news.get(name))
        if "enabledCloudwatchLogsExports" in changed:
            wanted["CloudwatchLogsExportConfiguration"] = logs_change(olds, news)
        if "masterPasswordWoVersion" in changed:
            wanted["MasterUserPassword"] = news.get("masterPasswordWo")
        if wanted:
            immediately = bool(news.get("applyImmediately"))
            client.modify_db_cluster(DBClusterIdentifier=id, ApplyImmediately=immediately, **wanted)
            self._wait(at, id)
        update_tags(at, "rds", str(olds["arn"]), olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        skip = bool(known.get("skipFinalSnapshot"))
        last = {} if skip else {"FinalDBSnapshotIdentifier": known.get("finalSnapshotIdentifier") or ""}
        if self._described(at, id) is None:
            return
        if not skip and not last["FinalDBSnapshotIdentifier"]:
            raise RuntimeError("finalSnapshotIdentifier is required when skipFinalSnapshot is false")
        with unless_gone():
            at.client("rds").delete_db_cluster(
                DBClusterIdentifier=id,
                SkipFinalSnapshot=skip,
                DeleteAutomatedBackups=known.get("deleteAutomatedBackups") is not False,
                **last,
            )

        def gone() -> bool | None:
            return True if self._described(at, id) is None else None

        at.cloud.await_(f"cluster {id} to be deleted", gone, seconds=120 * _MINUTE)

    def find(self, at: At, inputs: State) -> list[str]:
        found = self._described(at, _identifier(inputs))
        return [found["DBClusterIdentifier"]] if found else []
