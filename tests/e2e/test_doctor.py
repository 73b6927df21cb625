"""`cx doctor` with the real engine and the local cloud: what it says of a plan and a state that the engine made."""

from __future__ import annotations

import shlex
import socket
from typing import Any

import pytest

from cygni.naming import Part
from stacks.state import salt_of
from tests.aws_line import run_aws_line
from tests.e2e.project import WEB, Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def examined(project: Project, *arguments: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """What `cx doctor` says, by check."""
    result = project.cx("doctor", "--json", *arguments, env=env)
    assert result.code in (0, 15), result.err
    return {one["id"]: one for one in result.json["checks"]}


def type_fix(project: Project, fix: str) -> None:
    for line in fix.splitlines():
        if line.startswith("aws "):
            run_aws_line(line, lambda service, region: project.client(service))
        else:
            program, *words = shlex.split(line)
            assert program == "cx"
            asks = ["--yes"] if words[0] == "deploy" else []
            assert project.cx(*words, *asks).code == 0


class TestDoctor:
    def test_finds_nothing_in_the_way_of_a_first_deploy(self, project: Project) -> None:
        project.write(services={"web": WEB}, network={"nat": "none"})
        result = project.cx("doctor", "--json")
        document = result.json
        assert (result.code, document["counts"]["fail"]) == (0, 0)
        found = {one["id"]: one for one in document["checks"]}
        assert found["plan"]["status"] == "pass"
        assert found["quota-vpcs"]["evidence"] == "1 used, the plan adds 1, the quota is 5"
        assert found["permissions"]["status"] == "skip"

    def test_finds_and_mends_what_stands_in_the_way_of_one(self, project: Project) -> None:
        project.write(services={"web": WEB}, network={"nat": "none"})
        assert project.cx("local", "up").code == 0
        ec2 = project.client("ec2")
        while len(ec2.describe_vpcs()["Vpcs"]) < 5:
            ec2.create_vpc(CidrBlock="10.9.0.0/16")
        found = examined(project, "quotas")["quota-vpcs"]
        assert (found["status"], "the local cloud does not" in found["evidence"]) == ("warn", True)
        type_fix(project, found["fix"])
        assert examined(project, "quotas")["quota-vpcs"]["status"] == "pass"

        bad = {"CYGNI_PULUMI": str(project.root / "none")}
        found = examined(project, "engine", "plan", env=bad)
        assert (found["engine"]["status"], found["engine"]["fix"]) == ("fail", "unset CYGNI_PULUMI")
        assert found["plan"]["status"] == "skip"

    def test_finds_and_mends_what_befell_a_deployed_environment(self, project: Project) -> None:
        project.write(services={"web": WEB}, network={"nat": "none"})
        project.deploy()
        found = examined(project, "state", "plan")
        assert {one["status"] for one in found.values()} <= {"pass", "skip"}
        assert "opens the state" in found["passphrase"]["evidence"]

        passphrase = project.settings.data_dir / "passphrase"
        right = passphrase.read_text()
        passphrase.write_text("another")
        assert salt_of(project.state(Part.SERVICES))
        found = examined(project, "passphrase")["passphrase"]
        assert (found["status"], "does not open the state" in found["evidence"]) == ("fail", True)
        passphrase.write_text(right)

        assert project.cx("local", "reset", "--yes").code == 0
        found = examined(project, "local-life")["local-life"]
        assert (found["status"], found["fix"]) == ("fail", "cx deploy --refresh")
        type_fix(project, found["fix"])
        assert examined(project, "local-life")["local-life"]["status"] == "pass"
        project.destroy()

    def test_finds_a_port_that_is_taken(self, project: Project) -> None:
        project.write(services={"web": WEB}, network={"nat": "none"})
        with socket.create_server(("127.0.0.1", 0)) as other:
            env = {"CYGNI_LOCAL_PORT": str(other.getsockname()[1])}
            found = examined(project, "local-cloud", env=env)["local-cloud"]
            assert (found["status"], found["fix"]) == ("fail", "unset CYGNI_LOCAL_PORT")
        assert examined(project, "local-cloud")["local-cloud"]["status"] == "pass"
