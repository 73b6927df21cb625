"""Changes made behind Cygni's back, and a local cloud that forgot everything."""

from __future__ import annotations

import pytest

from cygni.local_cloud import process
from tests.e2e.project import Project, is_one_error

pytestmark = [pytest.mark.engine, pytest.mark.slow]


class TestDrift:
    def test_is_seen_and_mended_where_it_is_looked_for(self, project: Project) -> None:
        project.write()
        project.deploy()
        self._somebody_meddles(project)
        assert project.deploy().last_line.startswith("No changes")
        before = project.snapshot()
        report = project.cx("drift", "--json", "--detailed-exit-code")
        assert report.code == 10, report.err
        found = {one["name"]: one for stack in report.json["stacks"] for one in stack["drift"]}
        assert found["shop-local-private-a"]["change"] == "gone"
        assert found["shop-local-s3"]["properties"] == [
            {"path": "tags.Name", "state": "shop-local-s3", "cloud": "taken"}
        ]
        assert project.snapshot() == before
        shown = project.cx("diff", "--refresh", "--detailed-exit-code")
        assert shown.code == 10, shown.err
        [line] = [line for line in shown.err.splitlines() if "changed outside of Cygni" in line]
        assert "shop-local-private-a" in line
        assert "shop-local-s3" in line
        assert "shop-local-public-a" not in line
        assert "+ ec2.Subnet shop-local-private-a" in shown.err
        assert "~ ec2.VpcEndpoint shop-local-s3" in shown.err
        project.deploy("--refresh")
        assert project.differences() == []
        assert not [one for one in project.inventory() if one["tags"].get("Name") == "taken"]
        settled = project.cx("diff", "--refresh", "--detailed-exit-code")
        assert (settled.code, "changed outside" in settled.err) == (0, False), settled.err
        assert project.cx("drift", "--detailed-exit-code").code == 0
        project.destroy()

    def _somebody_meddles(self, project: Project) -> None:
        client = project.client("ec2")
        [subnet] = [one["id"] for one in project.inventory() if _is(one, "subnet", "shop-local-private-a")]
        by_subnet = [{"Name": "association.subnet-id", "Values": [subnet]}]
        for table in client.describe_route_tables(Filters=by_subnet)["RouteTables"]:
            for association in table["Associations"]:
                if association.get("SubnetId") == subnet:
                    client.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
        client.delete_subnet(SubnetId=subnet)
        [endpoint] = [one["id"] for one in project.inventory() if one["kind"] == "vpc-endpoint"]
        client.create_tags(Resources=[endpoint], Tags=[{"Key": "Name", "Value": "taken"}])


def _is(resource: dict[str, object], kind: str, name: str) -> bool:
    return (resource["kind"], resource["name"]) == (kind, name)


class TestRestartedCloud:
    """The local cloud lives in memory: after a restart the state lists what is no more."""

    def test_can_be_filled_again_or_forgotten(self, project: Project) -> None:
        project.write()
        project.deploy()
        self._restart(project)
        for command in (("deploy", "--yes"), ("diff",)):
            result = project.cx(*command)
            assert (result.code, is_one_error(result)) == (7, True), result.err
            assert "the local cloud was restarted or reset" in result.err
            assert "cx deploy --refresh" in result.hint
        project.deploy("--refresh")
        assert project.differences() == []
        assert project.kinds()["vpc"] == 1
        self._restart(project)
        project.destroy()
        assert project.cx("status").code == 6

    def _restart(self, project: Project) -> None:
        assert project.cx("local", "down").code == 0
        assert project.cx("local", "up").code == 0
        assert process.inventory(project.settings) == []
