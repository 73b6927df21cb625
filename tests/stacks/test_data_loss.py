from __future__ import annotations

from typing import Any

from cygni.naming import Part
from cygni.plan.model import Change, Step
from stacks.data_loss import marked

BUCKET = "urn:pulumi:shop.staging.data::cygni::cygni:data:Bucket$aws:s3/bucket:Bucket::shop-staging-uploads"


def deletion(**given: Any) -> Step:
    return Step(Part.DATA, BUCKET, "aws:s3/bucket:Bucket", "shop-staging-uploads", Change.DELETE, **given)


def buckets(*given: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": [{"urn": BUCKET, **one} for one in given]}}


def marked_ids(exported: dict[str, Any], *steps: Step) -> list[str]:
    resources = marked(exported, steps)["deployment"]["resources"]
    return [one["id"] for one in resources if (one.get("inputs") or {}).get("forceDestroy")]


class TestMarked:
    LIVE_AND_LEFT = buckets({"id": "new"}, {"id": "old", "delete": True}, {"id": "older", "delete": True})

    def test_spares_the_live_bucket_when_a_leftover_of_it_goes(self) -> None:
        assert marked_ids(self.LIVE_AND_LEFT, deletion(leftover=True, id="old")) == ["old"]

    def test_takes_every_leftover_where_the_id_is_not_known(self) -> None:
        assert marked_ids(self.LIVE_AND_LEFT, deletion(leftover=True)) == ["old", "older"]

    def test_spares_leftovers_when_the_live_bucket_goes(self) -> None:
        assert marked_ids(self.LIVE_AND_LEFT, deletion()) == ["new"]
        assert marked_ids(self.LIVE_AND_LEFT, deletion(id="new")) == ["new"]

    def test_lets_go_of_the_named_resources_alone(self) -> None:
        exported = {
            "version": 3,
            "deployment": {
                "resources": [
                    {
                        "urn": BUCKET,
                        "inputs": {"bucket": "a"},
                        "outputs": {"bucket": "a", "forceDestroy": False},
                    },
                    {"urn": BUCKET + "-2", "inputs": {"bucket": "b"}},
                ]
            },
        }
        first, second = marked(exported, [deletion()])["deployment"]["resources"]
        assert first["inputs"] == {"bucket": "a", "forceDestroy": True}
        assert first["outputs"]["forceDestroy"] is True
        assert second == {"urn": BUCKET + "-2", "inputs": {"bucket": "b"}}

    def test_changes_nothing_of_what_it_is_given(self) -> None:
        exported: Any = {
            "version": 3,
            "deployment": {"resources": [{"urn": BUCKET, "inputs": {"bucket": "a"}}]},
        }
        marked(exported, [deletion()])
        assert exported["deployment"]["resources"][0]["inputs"] == {"bucket": "a"}
