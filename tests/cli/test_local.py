from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from cli import local
from cygni.errors import ConfirmationRequired, LocalCloudError
from cygni.local_cloud import process
from cygni.local_cloud.databases.installation import installations
from tests.conftest import aws_clients
from tests.cygni.local_cloud.balanced import Balanced, eventually


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """The test's data folder is its own (conftest.own_environment); what it started ends with it."""
    yield
    process.stop()


def run(*arguments: str) -> tuple[int, str, str, BaseException | None]:
    result = CliRunner().invoke(local.app, list(arguments))
    return result.exit_code, result.stdout, result.stderr, result.exception


def answer(*arguments: str) -> dict[str, Any]:
    """The one JSON object on stdout; nothing may be on stderr."""
    code, out, err, _ = run(*arguments, "--json")
    assert (code, err) == (0, "")
    values: dict[str, Any] = json.loads(out)
    return values


class TestHelp:
    def test_of_reset_says_what_is_lost(self) -> None:
        out = run("reset", "--help")[1]
        assert "lose everything in the local cloud" in out
        assert "Never covers losing data" not in out


class TestUp:
    def test_starts_and_tells_a_person_on_stderr(self) -> None:
        code, out, err, _ = run("up")
        cloud = process.status()
        assert cloud is not None
        assert (code, out) == (0, "")
        assert err == f"The local cloud runs: {cloud.endpoint} (process {cloud.pid})\n"

    def test_says_where_it_runs_already(self) -> None:
        first = answer("up")
        again = answer("up")
        assert again["instance_id"] == first["instance_id"]
        assert run("up")[2] == f"The local cloud runs already: {first['endpoint']}\n"

    def test_takes_a_port(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        assert answer("up", "--port", str(port))["port"] == port

    def test_leaves_the_error_to_whoever_renders_errors(self) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            _, out, _, error = run("up", "--port", str(other.getsockname()[1]))
        assert isinstance(error, LocalCloudError)
        assert out == ""


class TestStatus:
    def test_says_what_to_do_where_nothing_runs(self) -> None:
        assert answer("status") == {"running": False}
        assert "cx local up" in run("status")[2]

    def test_tells_what_the_cloud_holds(self) -> None:
        endpoint = answer("up")["endpoint"]
        aws_clients(endpoint)("sqs").create_queue(QueueName="jobs")
        told = answer("status")
        assert (told["running"], told["resources"]) == (True, {"sqs": 1})
        code, out, err, _ = run("status")
        assert (code, out) == (0, "")
        assert "holds     1 sqs" in err

    def test_tells_where_load_balancers_are(self) -> None:
        run("up")
        cloud = process.status()
        assert cloud is not None
        elsewhere = Balanced(cloud)
        balancer = elsewhere.balancer()
        assert answer("status")["load_balancers"][0]["address"] == balancer["DNSName"]
        elsewhere.listener(balancer, {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}})
        expected = f"  balancer  {balancer['LoadBalancerName']}, port 80: http://{balancer['DNSName']}"
        assert eventually(lambda: expected in run("status")[2].splitlines())

    @pytest.mark.skipif(not installations(), reason="there is no PostgreSQL for this machine")
    def test_tells_where_databases_are(self) -> None:
        rds = aws_clients(answer("up")["endpoint"])("rds")
        made = rds.create_db_instance(
            DBInstanceIdentifier="main",
            Engine="postgres",
            DBInstanceClass="db.t4g.micro",
            AllocatedStorage=20,
            MasterUsername="cygni",
            ManageMasterUserPassword=True,
        )["DBInstance"]
        address = f"{made['Endpoint']['Address']}:{made['Endpoint']['Port']}"
        assert answer("status")["databases"][0]["address"] == address
        expected = f"  database  main: {address}, user cygni"
        assert eventually(lambda: expected in run("status")[2].splitlines(), seconds=60)


class TestReset:
    def test_empties_the_cloud_when_told_to(self) -> None:
        before = answer("up")
        aws_clients(before["endpoint"])("sqs").create_queue(QueueName="jobs")
        assert run("reset", "--yes")[2] == "The local cloud is empty: 1 resource gone.\n"
        assert answer("status")["resources"] == {}
        assert answer("reset", "-y")["instance_id"] != before["instance_id"]

    def test_never_asks_where_there_is_no_terminal(self) -> None:
        before = answer("up")
        _, out, _, error = run("reset")
        assert isinstance(error, ConfirmationRequired)
        assert error.hint == "Add --yes to empty the local cloud: 0 resources will be lost."
        assert out == ""
        assert answer("status")["instance_id"] == before["instance_id"]

    def test_says_when_nothing_runs(self) -> None:
        assert isinstance(run("reset", "--yes")[3], LocalCloudError)


class TestLogs:
    def test_are_lines_for_people_and_objects_for_programs(self) -> None:
        answer("up")
        answer("reset", "--yes")
        code, out, err, _ = run("logs", "-n", "1")
        assert (code, err) == (0, "")
        assert "reset: now lc-" in out
        _, out, err, _ = run("logs", "--json")
        assert err == ""
        assert sorted({key for line in out.splitlines() for key in json.loads(line)}) == ["line"]
        assert len(out.splitlines()) == 3  # where images are pushed to, and where it serves

    def test_can_be_followed(self) -> None:
        answer("up")
        program = "from cli.local import app; app()"
        command = [sys.executable, "-u", "-c", program, "logs", "--follow", "-n", "1", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as following:
            assert following.stdout is not None
            assert "serving on port" in following.stdout.readline()  # so it follows by now
            process.reset()
            assert "reset: now lc-" in json.loads(following.stdout.readline())["line"]
            following.terminate()


class TestDown:
    def test_ends_it_and_says_so(self) -> None:
        answer("up")
        assert answer("down") == {"running": False, "ended": True}
        assert process.status() is None
        assert run("down")[2] == "The local cloud was not running.\n"


class TestImport:
    def test_loads_nothing_heavy(self) -> None:
        program = (
            "import sys, cli.local; print(sorted({'moto', 'boto3', 'psutil', 'filelock'} & set(sys.modules)))"
        )
        finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert finished.stdout.strip() == "[]"
