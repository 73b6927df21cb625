"""The databases of a running local cloud, with PostgreSQL."""

from __future__ import annotations

import itertools
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from cygni.local_cloud.databases import installation
from cygni.local_cloud.databases.layout import sockets_of
from cygni.local_cloud.databases.server import SERVER_MODULE
from cygni.local_cloud.process import LocalCloud
from tests.cygni.local_cloud.balanced import eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not installation.installations(), reason="there is no PostgreSQL for this machine"),
]
_NUMBERS = itertools.count(1)


class Database:
    """An RDS instance of the worker's local cloud."""

    def __init__(self, aws: Callable[..., Any], cloud: LocalCloud) -> None:
        self.rds, self.secrets = aws("rds"), aws("secretsmanager")
        self.name = f"served-{next(_NUMBERS)}"
        self.folders = cloud.log_file.parent / "data-plane" / "databases"
        self.rds.create_db_instance(
            DBInstanceIdentifier=self.name,
            Engine="postgres",
            EngineVersion="17",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="cygni",
            ManageMasterUserPassword=True,
            DBName="app",
        )

    def described(self) -> Any:
        return self.rds.describe_db_instances(DBInstanceIdentifier=self.name)["DBInstances"][0]

    def wait(self) -> None:
        assert eventually(lambda: self.described()["DBInstanceStatus"] == "available", seconds=60)

    def password(self) -> str:
        secret = self.described()["MasterUserSecret"]["SecretArn"]
        text = self.secrets.get_secret_value(SecretId=secret)["SecretString"]
        return str(json.loads(text)["password"])

    def connect(self, **other: Any) -> psycopg.Connection[Any]:
        endpoint = self.described()["Endpoint"]
        given = {"host": endpoint["Address"], "port": endpoint["Port"], "user": "cygni", "dbname": "app"}
        given |= {"password": self.password(), "sslmode": "require", "autocommit": True, **other}
        return psycopg.connect(**given)

    def processes(self) -> list[psutil.Process]:
        id = self.described()["DbiResourceId"]
        return [
            one
            for one in psutil.process_iter(["cmdline"])
            if any(id in word for word in one.info["cmdline"] or ())
        ]

    def folder(self) -> Path:
        return self.folders / str(self.described()["DbiResourceId"])

    def delete(self) -> None:
        self.rds.delete_db_instance(DBInstanceIdentifier=self.name, SkipFinalSnapshot=True)


@pytest.fixture
def database(aws: Callable[..., Any], local_cloud: LocalCloud) -> Iterator[Database]:
    made = Database(aws, local_cloud)
    yield made
    if made.rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [made.name]}])[
        "DBInstances"
    ]:
        made.delete()


class TestDatabases:
    def test_is_available_once_it_takes_connections(self, database: Database) -> None:
        database.wait()
        with database.connect() as connection:
            connection.execute("CREATE TABLE orders (id int)")
            assert connection.execute("SELECT current_user, current_database()").fetchone() == (
                "cygni",
                "app",
            )

    def test_lets_nobody_in_without_tls_or_with_another_password(self, database: Database) -> None:
        database.wait()
        with pytest.raises(psycopg.OperationalError, match="no encryption"):
            database.connect(sslmode="disable")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            database.connect(password="another")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            database.connect(user="rdsadmin")

    def test_cancels_a_query(self, database: Database) -> None:
        database.wait()
        with database.connect() as connection, pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute("SELECT pg_sleep(0)")
            threading.Timer(0.2, connection.cancel).start()
            connection.execute("SELECT pg_sleep(60)")

    def test_takes_the_new_password_once_it_is_renewed(self, database: Database) -> None:
        database.wait()
        former = database.password()
        database.rds.modify_db_instance(
            DBInstanceIdentifier=database.name, RotateMasterUserPassword=True, ApplyImmediately=True
        )
        assert database.password() != former

        def renewed() -> bool:
            try:
                database.connect().close()
            except psycopg.OperationalError:
                return False
            return True

        assert eventually(renewed, seconds=60)
        with pytest.raises(psycopg.OperationalError):
            database.connect(password=former)

    def test_comes_back_with_its_data_when_it_was_killed(self, database: Database) -> None:
        database.wait()
        with database.connect() as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
        [server] = [one for one in database.processes() if SERVER_MODULE in one.cmdline()]
        server.kill()

        def value() -> Any:
            try:
                with database.connect() as connection:
                    return connection.execute("SELECT value FROM kept").fetchone()
            except psycopg.OperationalError:
                return None

        assert eventually(lambda: value() == (42,), seconds=60)

    def test_goes_on_while_the_data_plane_is_killed(
        self, database: Database, local_cloud: LocalCloud
    ) -> None:
        database.wait()

        def data_plane() -> Any:
            with urllib.request.urlopen(f"{local_cloud.endpoint}/_cygni/health") as answer:
                return json.load(answer)["data_plane"]["pid"]

        pid = data_plane()
        with database.connect() as connection:
            psutil.Process(pid).kill()
            assert eventually(data_plane, lambda found: found not in (None, pid), seconds=60)
            assert connection.execute("SELECT 1").fetchone() == (1,)
        database.connect().close()
        assert database.described()["DBInstanceStatus"] == "available"

    def test_is_told_of_with_its_address(self, database: Database, local_cloud: LocalCloud) -> None:
        database.wait()
        with urllib.request.urlopen(f"{local_cloud.endpoint}/_cygni/databases") as answer:
            told = json.load(answer)["databases"]
        [found] = [one for one in told if one["name"] == database.name]
        endpoint = database.described()["Endpoint"]
        assert found["address"] == f"{endpoint['Address']}:{endpoint['Port']}"
        assert (found["user"], found["database"], found["problem"]) == ("cygni", "app", "")
        assert database.password() not in json.dumps(told)

    def test_leaves_nothing_when_it_is_deleted(self, database: Database) -> None:
        database.wait()
        folder, running = database.folder(), database.processes()
        sockets = sockets_of(folder)
        assert sockets.is_dir()
        assert folder.is_dir()
        assert running
        database.delete()
        assert eventually(
            lambda: not folder.exists() and not any(one.is_running() for one in running), seconds=30
        )

    def test_is_reached_through_a_replica_too(self, database: Database) -> None:
        database.wait()
        name = f"{database.name}-replica"
        made = database.rds.create_db_instance_read_replica(
            DBInstanceIdentifier=name, SourceDBInstanceIdentifier=database.name
        )["DBInstance"]
        found = database.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        database.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
        assert made["DBInstanceIdentifier"] == name
        assert found["Endpoint"] == database.described()["Endpoint"]
