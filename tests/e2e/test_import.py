"""A bucket that somebody made by hand becomes one of the project."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.local_cloud import process
from cygni.naming import Part
from tests.conftest import aws_clients
from tests.e2e.project import Project, is_one_error

pytestmark = [pytest.mark.engine, pytest.mark.slow]


def s3(project: Project) -> Any:
    return aws_clients(process.start(project.settings).endpoint)("s3")


class TestImport:
    def test_takes_over_a_bucket_with_what_is_in_it(self, project: Project) -> None:
        client = s3(project)
        client.create_bucket(Bucket="old-uploads")
        client.put_object(Bucket="old-uploads", Key="precious", Body=b"1")
        project.write(buckets={"uploads": {}})
        other = project.cx("import", "bucket", "uploads", "old-uploads", "--yes")
        assert (other.code, is_one_error(other)) == (2, True), other.err
        assert "would replace it, because of bucket" in other.err
        project.change(buckets={"uploads": {"name": "old-uploads"}})
        asked = project.cx("import", "bucket", "uploads", "old-uploads", "--json")
        assert asked.code == 2, asked.err
        assert project.state(Part.DATA).resources == []
        imported = project.cx("import", "bucket", "uploads", "old-uploads", "--yes", "--json", "--debug")
        assert imported.code == 0, imported.err
        told = imported.json["imported"]
        assert (told["id"], told["stack"]) == ("old-uploads", "data")
        assert {change["path"].split(".")[0].split("[")[0] for change in told["changes"]} <= {
            "tags",
            "tagsAll",
        }
        missing = project.cx("import", "bucket", "uploads", "old-uploads", "--yes")
        assert (missing.code, "in the state already" in missing.err) == (2, True), missing.err
        project.deploy()
        assert client.get_object(Bucket="old-uploads", Key="precious")["Body"].read() == b"1"
        assert [one["Name"] for one in client.list_buckets()["Buckets"]] == ["old-uploads"]
        assert project.duplicates() == []
        assert project.differences() == []
        assert project.cx("diff", "--refresh", "--detailed-exit-code").code == 0
        project.destroy("uploads")

    def test_refuses_what_is_not_there(self, project: Project) -> None:
        project.write(buckets={"uploads": {"name": "nobody-made-it"}})
        process.start(project.settings)
        result = project.cx("import", "bucket", "uploads", "nobody-made-it", "--yes")
        assert (result.code, is_one_error(result)) == (6, True), result.err
        assert "there is no s3.Bucket nobody-made-it in the cloud" in result.err
        assert project.state(Part.DATA).resources == []
