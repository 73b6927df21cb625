"""`cx import`: what exists becomes part of the state, by its id and after a question."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cx
from tests.engine_state import read_state

URN = "urn:pulumi:shop.local.data::cygni::aws:s3/bucket:Bucket::shop-local-uploads"
IMPORT = ("import", "bucket", "uploads", "old-uploads")


@pytest.fixture
def undeployed(cx: Cx) -> Cx:
    """All is deployed but the bucket."""
    cx.write(buckets=None)
    cx("deploy", "-y")
    cx.write()
    return cx


def bucket_in_state(cx: Cx) -> list[str]:
    cx("diff")
    [data] = [one for one in cx.runner.asked if one.stack == "shop.local.data"][:1]
    return [one["id"] for one in read_state(data)["resources"] if one["urn"] == URN]


class TestImport:
    def test_puts_it_into_the_state(self, undeployed: Cx) -> None:
        undeployed.answers("y\n")
        ended = undeployed(*IMPORT)
        assert ended.code == 0, ended.err
        assert "data  s3.Bucket shop-local-uploads, in the cloud old-uploads" in ended.err
        assert "the next deploy would change nothing of it" in ended.err
        assert "Import it into the state of shop (local)? [y/N]" in ended.err
        assert bucket_in_state(undeployed) == ["old-uploads"]
        assert undeployed("diff", "--detailed-exit-code").code == 0

    def test_tells_what_a_deploy_would_change_of_it(self, undeployed: Cx) -> None:
        undeployed.runner.world["shop-local-uploads"] = {"bucket": "shop-local-uploads", "versioning": False}
        ended = undeployed(*IMPORT, "--yes", "--json")
        changes = {change["path"]: change for change in ended.answer["imported"]["changes"]}
        assert (changes["versioning"]["before"], changes["versioning"]["after"]) == (False, True)
        assert ended.answer["imported"]["urn"] == URN

    @pytest.mark.parametrize(
        ("kind", "name"),
        [("s3.Bucket", "shop-local-uploads"), ("aws:s3/bucket:Bucket", "uploads"), ("urn", URN)],
    )
    def test_finds_it_by_type_and_name_or_urn(self, undeployed: Cx, kind: str, name: str) -> None:
        assert undeployed("import", kind, name, "old-uploads", "--yes").code == 0
        assert bucket_in_state(undeployed) == ["old-uploads"]

    def test_changes_nothing_without_a_yes(self, undeployed: Cx) -> None:
        undeployed.answers("n\n")
        assert undeployed(*IMPORT).code == 8
        assert bucket_in_state(undeployed) == []

    def test_answers_programs_that_may_not_ask(self, undeployed: Cx) -> None:
        ended = undeployed(*IMPORT, "--json")
        assert (ended.code, ended.answer["error"]["details"]["import"]["id"]) == (2, "old-uploads")
        assert bucket_in_state(undeployed) == []

    def test_refuses_what_would_be_replaced(self, undeployed: Cx) -> None:
        undeployed.runner.world["shop-local-uploads"] = {"bucket": "old-uploads", "versioning": True}
        ended = undeployed(*IMPORT, "--yes")
        assert (ended.code, "would replace it, because of bucket" in ended.err) == (2, True)
        assert bucket_in_state(undeployed) == []

    def test_refuses_what_the_cloud_does_not_have(self, undeployed: Cx) -> None:
        undeployed.runner.world["shop-local-uploads"] = None
        ended = undeployed(*IMPORT, "--yes")
        assert (ended.code, "there is no s3.Bucket old-uploads in the cloud" in ended.err) == (6, True)
        assert bucket_in_state(undeployed) == []

    def test_refuses_what_is_in_the_state(self, cx: Cx) -> None:
        cx("deploy", "-y")
        ended = cx(*IMPORT, "--yes")
        assert (ended.code, "bucket uploads is in the state already" in ended.err) == (2, True)

    def test_refuses_an_id_that_another_stack_has(self, undeployed: Cx) -> None:
        undeployed("deploy", "-y", "-e", "staging")
        [data] = [
            one for one in undeployed.runner.asked if (one.kind, one.stack) == ("up", "shop.staging.data")
        ]
        [bucket] = [one for one in read_state(data)["resources"] if one["type"].endswith(":Bucket")]
        ended = undeployed("import", "bucket", "uploads", bucket["id"], "--yes")
        assert (ended.code, "is in the state of shop.staging.data already" in ended.err) == (2, True)

    @pytest.mark.parametrize("kind", ["database", "bucket"])
    def test_knows_nothing_that_is_not_in_the_specification(self, undeployed: Cx, kind: str) -> None:
        ended = undeployed("import", kind, "nothing", "x", "--yes")
        assert ended.code == 6
        assert "To be made are: s3.Bucket shop-local-uploads" in ended.err
