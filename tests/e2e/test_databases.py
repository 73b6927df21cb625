"""Databases and caches from the first deploy to the last destroy."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from cygni.naming import Part
from tests.e2e.project import WORKER, Project, Result

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

MAIN = {"replicas": 1, "default": True, "instance_class": "db.t4g.micro"}
REPORTS = {"engine": "aurora-postgres", "max_capacity": 1}
STORES: dict[str, Any] = {"databases": {"main": MAIN, "reports": REPORTS}, "caches": {"fast": {"nodes": 2}}}
EVERYTHING = ("main", "reports", "fast")


def passwords(project: Project) -> list[str]:
    """Every password that is in Secrets Manager."""
    secrets = project.client("secretsmanager")
    names = [one["ARN"] for one in secrets.list_secrets()["SecretList"]]
    return [json.loads(secrets.get_secret_value(SecretId=name)["SecretString"])["password"] for name in names]


def texts_of(project: Project) -> Iterator[tuple[str, str]]:
    """All that Cygni has written for the project: state, plans, records, logs, temporary files."""
    for folder in (project.settings.data_dir, project.temporary, project.folder):
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                yield str(path), path.read_bytes().decode("utf-8", errors="replace")
    for one in psutil.process_iter():
        try:
            if one.uids().real == os.getuid():
                yield f"process {one.pid}", " ".join([*one.cmdline(), *map(str, one.environ().items())])
        except psutil.Error:
            continue


def finds(project: Project, canaries: list[str], *results: Result) -> list[str]:
    """Where any of the canaries is found."""
    said = [(f"output {n}", one.out + one.err) for n, one in enumerate(results)]
    return [
        where for where, text in [*texts_of(project), *said] if any(canary in text for canary in canaries)
    ]


class TestDatabases:
    def test_are_deployed_changed_kept_and_destroyed(self, project: Project) -> None:
        project.write(services={"mailer": WORKER}, **STORES)
        deployed = self._first_deploy(project)
        self._no_secret_anywhere(project, deployed)
        self._nothing_to_do(project)
        self._changes_in_place(project)
        self._refuses_to_lose(project)
        self._refuses_what_aws_protects(project)
        self._everything_goes(project)

    def _first_deploy(self, project: Project) -> Result:
        result = project.cx("deploy", "--yes", "--json")
        assert result.code == 0, result.err
        assert (project.differences(), project.duplicates()) == ([], [])
        kinds = project.kinds()
        assert (kinds["db-instance"], kinds["db-cluster"]) == (3, 1)  # with the cluster's own
        assert (kinds["replication-group"], kinds["cache-cluster"], kinds["secret"]) == (1, 2, 2)
        [definition] = project.client("ecs").list_task_definitions()["taskDefinitionArns"]
        described = project.client("ecs").describe_task_definition(taskDefinition=definition)[
            "taskDefinition"
        ]
        [container] = described["containerDefinitions"]
        self._reaches_the_database(project, container)
        return result

    def _reaches_the_database(self, project: Project, container: dict[str, Any]) -> None:
        variables = {one["name"]: one["value"] for one in container["environment"]}
        secrets = {one["name"]: one["valueFrom"] for one in container["secrets"]}
        arn, key = secrets["PGPASSWORD"].removesuffix("::").rsplit(":", 1)
        stored = json.loads(project.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
        assert stored[key] in passwords(project)
        assert stored["username"] == "cygni"
        instances = project.client("rds").describe_db_instances()["DBInstances"]
        assert arn in [one["MasterUserSecret"]["SecretArn"] for one in instances if "MasterUserSecret" in one]
        with psycopg.connect(
            host=variables["PGHOST"],
            port=variables["PGPORT"],
            dbname=variables["PGDATABASE"],
            sslmode=variables["PGSSLMODE"],
            user=stored["username"],
            password=stored[key],
        ) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == (variables["PGDATABASE"],)
        assert variables["CACHE_FAST_URL"].startswith("rediss://")

    def _no_secret_anywhere(self, project: Project, *results: Result) -> None:
        canaries = passwords(project)
        assert len(set(canaries)) == 2
        shown = [
            project.cx("outputs", "--json"),
            project.cx("status", "--json"),
            project.cx("diff", "--json"),
        ]
        # The local cloud is where they belong: it holds them in memory alone.
        assert finds(project, canaries, *results, *shown) == []
        assert finds(project, ["shop-local-main"]) != []  # the search does find what is there

    def _nothing_to_do(self, project: Project) -> None:
        before = project.snapshot()
        assert project.deploy().last_line.startswith("No changes")
        refreshed = project.cx("diff", "--json", "--refresh", "--detailed-exit-code")
        assert refreshed.code == 0, refreshed.err + refreshed.out
        assert project.snapshot() == before

    def _changes_in_place(self, project: Project) -> None:
        before = passwords(project)
        databases = {
            "main": {**MAIN, "instance_class": "db.t4g.small"},
            "reports": {**REPORTS, "max_capacity": 2},
        }
        project.change(databases=databases, caches={"fast": {"nodes": 3}})
        result = project.cx("deploy", "--yes", "--json")
        assert result.code == 0, result.err
        [data] = [one for one in result.json["plan"]["stacks"] if one["name"] == "data"]
        assert {step["change"] for step in data["steps"]} == {"update"}
        assert project.differences() == []
        found = project.client("rds").describe_db_instances()["DBInstances"]
        assert {one["DBInstanceClass"] for one in found} == {"db.t4g.small", "db.serverless"}
        assert project.kinds()["cache-cluster"] == 3
        assert passwords(project) == before

    def _refuses_to_lose(self, project: Project) -> None:
        before = project.snapshot()
        replaced = {**MAIN, "instance_class": "db.t4g.small", "database": "other"}
        project.change(databases={"main": replaced, "reports": {**REPORTS, "max_capacity": 2}})
        refused = project.cx("deploy", "--yes")
        assert (refused.code, "--allow-destroy main" in refused.err) == (2, True), refused.err
        assert project.snapshot() == before

    def _refuses_what_aws_protects(self, project: Project) -> None:
        main = {**MAIN, "instance_class": "db.t4g.small", "final_snapshot": True}
        project.change(databases={"main": {**main, "deletion_protection": True}, "reports": REPORTS})
        project.deploy()
        before = project.snapshot()
        flags = [flag for name in EVERYTHING for flag in ("--allow-destroy", name)]
        refused = project.cx("destroy", "--yes", *flags)
        assert (refused.code, "AWS refuses to delete what is protected: main" in refused.err) == (2, True)
        assert project.snapshot() == before
        project.change(databases={"main": main, "reports": REPORTS})
        project.deploy()

    def _everything_goes(self, project: Project) -> None:
        flags = [flag for name in EVERYTHING for flag in ("--allow-destroy", name)]
        result = project.cx("destroy", "--yes", *flags)
        assert result.code == 0, result.err
        [left] = project.inventory()
        assert left["kind"] == "db-snapshot"  # the last of main, which was asked for
        assert "-final-" in left["id"]
        assert project.stacks() == []
        assert not any(project.state(part).exists for part in Part)


LIVES: dict[str, Any] = {
    "main": {"default": True, "replicas": 1, "final_snapshot": True, "instance_class": "db.t4g.micro"},
    "reports": {"engine": "aurora-postgres", "max_capacity": 1, "final_snapshot": True},
}
FLAGS = [
    flag
    for name in ("main", "main-replica-1", "reports", "reports-1", "fast", "encryption-key")
    for flag in ("--allow-destroy", name)
]


def keys(project: Project) -> list[str]:
    """The keys that databases, clusters of them and caches are encrypted with; empty for one of AWS."""
    rds, caches = project.client("rds"), project.client("elasticache")
    instances = rds.describe_db_instances()["DBInstances"]
    found = [
        *(one for one in instances if "DBClusterIdentifier" not in one),
        *rds.describe_db_clusters()["DBClusters"],
        *caches.describe_replication_groups()["ReplicationGroups"],
    ]
    return [one.get("KmsKeyId", "") for one in found]


def lives(project: Project) -> set[str]:
    """What RDS knows each database by, which no other ever is."""
    return {one["DbiResourceId"] for one in project.client("rds").describe_db_instances()["DBInstances"]}


class TestLives:
    def test_follow_each_other_as_often_as_one_likes(self, project: Project) -> None:
        """Each switch of the key replaces all that it encrypts, and keeps what that held in a snapshot of its own."""
        project.write(databases=LIVES, caches={"fast": {"final_snapshot": True}})
        project.deploy()
        for count, own in enumerate((True, False, True, False), 1):
            before = lives(project)
            project.change(security={"kms": own})
            result = project.cx("deploy", "--yes", *FLAGS)
            assert result.code == 0, result.err
            assert not before & lives(project)
            made = project.client("kms").list_aliases()["Aliases"]
            [key] = [one["TargetKeyId"] for one in made if "shop" in one["AliasName"]] or ["none"]
            assert [one.endswith(key) for one in keys(project)] == [own] * 4, keys(project)
            rds, caches = project.client("rds"), project.client("elasticache")
            assert len(rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]) == count
            kept = rds.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
            assert len(kept) == count
            assert len(caches.describe_snapshots()["Snapshots"]) == count
        self._another_name(project)
        assert project.cx("diff", "--refresh", "--detailed-exit-code").code == 0
        result = project.cx("destroy", "--yes", *FLAGS)
        assert result.code == 0, result.err
        kinds = project.kinds()
        assert (kinds["db-snapshot"], kinds["db-cluster-snapshot"]) == (6, 6), kinds

    def _another_name(self, project: Project) -> None:
        """A replica goes with its source: RDS would make it a database of its own, with what was before."""
        before = lives(project)
        project.change(databases={name: {**one, "database": "other"} for name, one in LIVES.items()})
        result = project.cx("deploy", "--yes", *FLAGS)
        assert result.code == 0, result.err
        assert not before & lives(project)
