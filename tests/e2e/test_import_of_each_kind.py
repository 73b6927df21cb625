"""What somebody made by hand, or what a lost state knew, becomes part of the project: one of each kind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from cygni.local_cloud import process
from cygni.naming import CACHE_NAME_LIMIT, DATABASE_NAME_LIMIT, messaging_name, store_name
from tests.e2e.project import WORKER, Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]

LOGS = "/cygni/shop/local/mailer"
MAIN = {"instance_class": "db.t4g.micro", "final_snapshot": False}


class TestImport:
    def test_takes_over_what_holds_messages_and_logs(self, project: Project) -> None:
        """The deploy after it leaves them what they are, with what is in them, and makes nothing twice."""
        project.write(
            services={"mailer": WORKER}, queues={"mail": {"dead_letter": False}}, topics={"orders": {}}
        )
        process.start(project.settings)
        imported = [
            self._imported(project, "queue", "mail", self._queue(project)),
            self._imported(project, "topic", "orders", self._topic(project)),
            self._imported(project, "cloudwatch.LogGroup", "mailer", self._log_group(project)),
        ]
        self._deployed(project, imported)
        queues = project.client("sqs")
        [url] = queues.list_queues()["QueueUrls"]
        assert [one["Body"] for one in queues.receive_message(QueueUrl=url)["Messages"]] == ["precious"]
        [streams] = project.client("logs").describe_log_streams(logGroupName=LOGS)["logStreams"]
        assert streams["logStreamName"] == "before"

    def test_takes_over_databases_and_caches(self, project: Project) -> None:
        """They are in subnets of the project's network; a cache cannot change its group of subnets."""
        project.write(databases={})
        project.deploy()
        project.change(databases={"main": MAIN}, caches={"fast": {}})
        made = [self._database(project), self._subnets(project), self._cache(project)]
        before = project.client("rds").describe_db_instances()["DBInstances"][0]["DbiResourceId"]
        kinds = [("database", "main"), ("elasticache.SubnetGroup", "fast"), ("cache", "fast")]
        imported = [
            self._imported(project, kind, name, id) for (kind, name), id in zip(kinds, made, strict=True)
        ]
        self._deployed(project, imported)
        [database] = project.client("rds").describe_db_instances()["DBInstances"]
        assert (database["DbiResourceId"], "MasterUserSecret" in database) == (before, True)
        [cache] = project.client("elasticache").describe_replication_groups()["ReplicationGroups"]
        assert cache["ReplicationGroupId"] == made[-1]

    def _deployed(self, project: Project, imported: Sequence[str]) -> None:
        result = project.cx("deploy", "--yes", "--json")
        assert result.code == 0, result.err
        steps = [step for stack in result.json["plan"]["stacks"] for step in stack["steps"]]
        assert {step["change"] for step in steps if step["urn"] in imported} == {"update"}
        assert project.duplicates() == []
        refreshed = project.cx("diff", "--refresh", "--detailed-exit-code")
        assert refreshed.code == 0, refreshed.err

    def _imported(self, project: Project, kind: str, name: str, id: str) -> str:
        result = project.cx("import", kind, name, id, "--yes", "--json")
        assert result.code == 0, result.err
        told = result.json["imported"]
        assert any(change["path"].startswith("tags") for change in told["changes"])
        return str(told["urn"])

    def _queue(self, project: Project) -> str:
        queues = project.client("sqs")
        url = str(queues.create_queue(QueueName=messaging_name("shop", "local", "mail"))["QueueUrl"])
        queues.send_message(QueueUrl=url, MessageBody="precious")
        return url

    def _topic(self, project: Project) -> str:
        name = messaging_name("shop", "local", "orders")
        return str(project.client("sns").create_topic(Name=name)["TopicArn"])

    def _log_group(self, project: Project) -> str:
        project.client("logs").create_log_group(logGroupName=LOGS)
        project.client("logs").create_log_stream(logGroupName=LOGS, logStreamName="before")
        return LOGS

    def _database(self, project: Project) -> str:
        name = store_name("shop", "local", "main", DATABASE_NAME_LIMIT)
        project.client("rds").create_db_instance(
            DBInstanceIdentifier=name,
            Engine="postgres",
            EngineVersion="17.4",
            DBName="app",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            StorageType="gp3",
            StorageEncrypted=True,
            MasterUsername="cygni",
            MasterUserPassword="made-by-hand-1",
        )
        return name

    def _subnets(self, project: Project) -> str:
        place = project.cx("outputs", "--json").json["foundation"]
        project.client("elasticache").create_cache_subnet_group(
            CacheSubnetGroupName="by-hand",
            CacheSubnetGroupDescription="by hand",
            SubnetIds=place["isolatedSubnetIds"],
        )
        return "by-hand"

    def _cache(self, project: Project) -> str:
        name = store_name("shop", "local", "fast", CACHE_NAME_LIMIT)
        project.client("elasticache").create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="by hand",
            Engine="valkey",
            EngineVersion="8.0",
            CacheSubnetGroupName="by-hand",
            CacheNodeType="cache.t4g.micro",
            NumCacheClusters=1,
            AtRestEncryptionEnabled=True,
            TransitEncryptionEnabled=True,
            AutomaticFailoverEnabled=False,
        )
        return name
