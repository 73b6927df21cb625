"""examples/shop, by the commands of its README: a database, a queue, a worker, migrations, and releases of it all."""

from __future__ import annotations

import json
import os
import shutil
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cygni.local_cloud.databases import installation
from tests.cygni.local_cloud.balanced import eventually
from tests.e2e.project import Project
from tests.e2e.reader import Reader

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(not installation.installations(), reason="there is no PostgreSQL for this machine"),
]

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop"


class Visitor(Reader):
    """A reader of the README who also goes shopping."""

    def __init__(self, project: Project) -> None:
        super().__init__(project, EXAMPLE / "README.md")

    def ask(self, path: str) -> tuple[str, Any]:
        """What the shop answers: the version of the API (empty for a page), and the text."""
        url = self.project.cx("outputs", "--json").json["services"]["urls"]["web"]
        with urllib.request.urlopen(url.rstrip("/") + path, timeout=30) as answer:
            return answer.headers.get("X-Version", ""), answer.read().decode()

    def orders(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.ask("/api/orders")[1])
        return found


@pytest.fixture
def reader(new_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch) -> Visitor:
    # The Python on PATH is this one: it has what the programs need, so that nothing is fetched.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    project = new_project("shop")
    project.releases = True
    shutil.copytree(EXAMPLE, project.folder, dirs_exist_ok=True)
    return Visitor(project)


@pytest.mark.timeout(900)
def test_does_what_its_readme_says(reader: Visitor) -> None:
    said = reader.do("Try it")
    assert "<li>tea" in said
    assert eventually(lambda: reader.orders()[0]["status"] == "handled", seconds=60)
    assert "order 1 is handled" in reader.project.cx("logs", "worker").out

    said = reader.do("Change the schema")
    assert "job migrate done" in said
    assert reader.ask("/api/orders")[0] == "2"
    assert "Shop 2" in reader.ask("/")[1]
    assert columns(reader.project) == ["id", "item", "status", "note"]

    renew_password(reader.project)
    said = reader.project.cx("diff").err
    assert "worker: new tasks (DATABASE_MAIN_PASSWORD, DATABASE_MAIN_USER and 2 more changed)" in said
    assert "the job migrate" not in said
    assert reader.project.cx("deploy", "--yes").code == 0
    assert [one["item"] for one in reader.orders()] == ["tea"]
    assert reader.project.deploy().last_line.startswith("No changes")

    said = reader.do("A migration that fails")
    assert 'relation "nowhere" does not exist' in said
    assert reader.ask("/api/orders")[0] == "2"
    assert columns(reader.project) == ["id", "item", "status", "note"]

    reader.do("Back to the version before")
    assert reader.ask("/api/orders")[0] == "1"
    assert "Shop 1" in reader.ask("/")[1]
    assert [one["item"] for one in reader.orders()] == ["tea"]

    databases = reader.project.settings.data_dir / "local-cloud" / "data-plane" / "databases"
    assert list(databases.iterdir()) != []
    reader.do("Remove everything")
    assert reader.project.inventory() == []
    assert reader.project.stacks() == []
    assert eventually(lambda: list(databases.iterdir()) == [])
    assert reader.blocks == {}, "a section of the README that nobody has tried"


def renew_password(project: Project) -> None:
    """As AWS does every 90 days; new connections need the new one when the server has it."""
    rds, secrets = project.client("rds"), project.client("secretsmanager")
    [found] = rds.describe_db_instances()["DBInstances"]
    arn = found["MasterUserSecret"]["SecretArn"]
    known = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])
    secrets.put_secret_value(
        SecretId=arn, SecretString=json.dumps({**known, "password": "renewed-and-other"})
    )
    assert eventually(lambda: takes_the_password(project), seconds=120)


def takes_the_password(project: Project) -> bool:
    try:
        return columns(project) != []
    except psycopg.OperationalError:
        return False


def columns(project: Project) -> list[str]:
    """The columns of the orders, as the database has them, reached as services reach it."""
    rds, secrets = project.client("rds"), project.client("secretsmanager")
    [found] = rds.describe_db_instances()["DBInstances"]
    secret = secrets.get_secret_value(SecretId=found["MasterUserSecret"]["SecretArn"])["SecretString"]
    with psycopg.connect(
        host=found["Endpoint"]["Address"],
        port=found["Endpoint"]["Port"],
        dbname=found["DBName"],
        user="cygni",
        password=json.loads(secret)["password"],
        sslmode="require",
    ) as connection:
        wanted = "SELECT column_name FROM information_schema.columns WHERE table_name = 'orders' ORDER BY ordinal_position"
        return [name for (name,) in connection.execute(wanted)]
