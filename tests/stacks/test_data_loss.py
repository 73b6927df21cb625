from __future__ import annotations

from typing import Any

from stacks.data_loss import marked

BUCKET = "urn:pulumi:shop.staging.data::cygni::cygni:data:Bucket$aws:s3/bucket:Bucket::shop-staging-uploads"


class TestMarked:
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
        first, second = marked(exported, {BUCKET})["deployment"]["resources"]
        assert first["inputs"] == {"bucket": "a", "forceDestroy": True}
        assert first["outputs"]["forceDestroy"] is True
        assert second == {"urn": BUCKET + "-2", "inputs": {"bucket": "b"}}

    def test_changes_nothing_of_what_it_is_given(self) -> None:
        exported: Any = {
            "version": 3,
            "deployment": {"resources": [{"urn": BUCKET, "inputs": {"bucket": "a"}}]},
        }
        marked(exported, {BUCKET})
        assert exported["deployment"]["resources"][0]["inputs"] == {"bucket": "a"}
