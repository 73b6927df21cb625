"""Buckets with all their settings, from the first deploy to the last destroy."""

from __future__ import annotations

import pytest

from tests.conftest import aws_clients
from tests.e2e.project import Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]

FILES = {
    "versioning": True,
    "lifecycle": {
        "old": {"prefix": "logs/", "transitions": {"standard-ia": 30, "glacier": 90}, "expire_after": 365}
    },
    "cors": {"origins": ["https://app.example.com"], "methods": ["GET", "PUT"]},
    "replication": {"region": "eu-west-1"},
}


class TestBuckets:
    def test_are_deployed_changed_and_destroyed(self, project: Project) -> None:
        project.write(buckets={"files": FILES, "plain": {"encryption": "kms", "abort_uploads_after": 0}})
        project.deploy()
        assert project.differences() == []
        assert project.kinds()["bucket"] == 3
        self._are_what_was_asked_for(project)

        before = project.snapshot()
        assert project.deploy().last_line.startswith("No changes")
        assert project.snapshot() == before

        changed = {**FILES, "cors": None, "lifecycle": {"old": {"former_versions_expire_after": 9}}}
        project.change(
            buckets={"files": {key: value for key, value in changed.items() if value}, "plain": {}}
        )
        project.deploy()
        assert project.differences() == []
        self._are_what_they_were_changed_to(project)

        refused = project.cx("destroy", "--yes")
        assert (refused.code, "--allow-destroy files.replica" in refused.err) == (2, True)
        project.destroy("files", "files.replica", "plain")
        assert project.left_behind() == []

    def _are_what_was_asked_for(self, project: Project) -> None:
        s3 = aws_clients(project.cx("local", "status", "--json").json["endpoint"])("s3")
        names = project.cx("outputs", "data.bucketNames", "--json").json
        replication = s3.get_bucket_replication(Bucket=names["files"])["ReplicationConfiguration"]
        [rule] = replication["Rules"]
        copy = rule["Destination"]["Bucket"].rpartition(":")[2]
        assert s3.get_bucket_location(Bucket=copy)["LocationConstraint"] == "eu-west-1"
        assert s3.get_bucket_versioning(Bucket=copy)["Status"] == "Enabled"
        rules = s3.get_bucket_lifecycle_configuration(Bucket=names["files"])["Rules"]
        assert {rule["ID"] for rule in rules} == {"rule.old", "abort-uploads"}
        [cors] = s3.get_bucket_cors(Bucket=names["files"])["CORSRules"]
        assert cors["AllowedOrigins"] == ["https://app.example.com"]
        [encrypted] = s3.get_bucket_encryption(Bucket=names["plain"])["ServerSideEncryptionConfiguration"][
            "Rules"
        ]
        assert encrypted["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"

    def _are_what_they_were_changed_to(self, project: Project) -> None:
        s3 = aws_clients(project.cx("local", "status", "--json").json["endpoint"])("s3")
        names = project.cx("outputs", "data.bucketNames", "--json").json
        with pytest.raises(s3.exceptions.ClientError, match="NoSuchCORSConfiguration"):
            s3.get_bucket_cors(Bucket=names["files"])
        rules = s3.get_bucket_lifecycle_configuration(Bucket=names["files"])["Rules"]
        [old] = [rule for rule in rules if rule["ID"] == "rule.old"]
        assert old["NoncurrentVersionExpiration"] == {"NoncurrentDays": 9}
        [encrypted] = s3.get_bucket_encryption(Bucket=names["plain"])["ServerSideEncryptionConfiguration"][
            "Rules"
        ]
        assert encrypted["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
