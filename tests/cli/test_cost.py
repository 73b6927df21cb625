"""`cx cost` from the outside."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import jsonschema  # type: ignore[import-untyped]
import pytest

from cygni.pricing.report_document import REPORT_SCHEMA
from tests.cli.conftest import Cx

RECORDED = Path(__file__).parents[1] / "data" / "engine_documents"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """The recorded documents, in a folder that is not the project's."""
    folder = tmp_path / "documents"
    shutil.copytree(RECORDED, folder)
    return folder


class TestShow:
    def test_tells_what_a_state_costs(self, cx: Cx, documents: Path) -> None:
        ended = cx("cost", str(documents / "node-state.json"))
        assert (ended.code, ended.out) == (0, "")
        assert ended.err.startswith("shop · dev\n")
        assert "ec2.NatGateway shop-nat" in ended.err
        assert "at least $54.52 (1 resource unpriced)" in ended.err
        assert "hush-hush" not in ended.err

    def test_tells_old_and_new_of_a_preview(self, cx: Cx, documents: Path) -> None:
        ended = cx("cost", "show", str(documents / "node-change-with-sames.json"), "--explain")
        assert "0.5 → 2 × $0.04048/vCPU-hour" in ended.err
        assert "+$54.06" in ended.err
        assert "price: AWSFargate us-east-1 vcpu arch=x86_64 os=Linux, read 2" in ended.err
        assert "assumed: 5 GB per repository" in ended.err

    def test_says_what_it_leaves_out_for_staying_as_it_is(self, cx: Cx, documents: Path) -> None:
        plan = str(documents / "node-change-with-sames.json")
        some, everything = cx("cost", plan).err, cx("cost", plan, "--all").err
        assert "unchanged resources not shown, " in some
        assert "(--all)\n" in some
        assert "not shown" not in everything

    def test_answers_programs_by_its_schema(self, cx: Cx, documents: Path) -> None:
        answer = cx("cost", str(documents / "node-change-with-sames.json"), "--json").answer
        jsonschema.validate(answer, REPORT_SCHEMA)
        assert answer["monthly_delta"] == "17.56015"
        assert answer["subject"] == ["shop", "dev"]

    @pytest.mark.parametrize(
        ("option", "begins"), [("--markdown", "### Cost: shop"), ("--html", "<!doctype html>")]
    )
    def test_writes_pages_to_stdout(self, cx: Cx, documents: Path, option: str, begins: str) -> None:
        ended = cx("cost", option, str(documents / "node-state.json"))
        assert (ended.code, ended.err) == (0, "")
        assert ended.out.startswith(begins)

    def test_reads_stdin(self, cx: Cx, documents: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        content = (documents / "node-state.json").read_bytes()
        piped = SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: False)
        monkeypatch.setattr(sys, "stdin", piped)
        assert cx("cost", "-", "--json").answer["subject"] == ["shop", "dev"]

    def test_takes_the_region_where_the_document_does_not_say_it(self, cx: Cx, tmp_path: Path) -> None:
        nat = {
            "urn": "urn:pulumi:a::b::aws:ec2/natGateway:NatGateway::n",
            "type": "aws:ec2/natGateway:NatGateway",
            "custom": True,
        }
        file = tmp_path / "s.json"
        file.write_text(json.dumps({"version": 3, "deployment": {"resources": [nat]}}))
        assert cx("cost", str(file), "--json").answer["monthly_after"] is None
        assert cx("cost", str(file), "--region", "us-east-1", "--json").answer["monthly_after"] == "32.85"

    def test_shows_the_largest_of_many(self, cx: Cx, tmp_path: Path) -> None:
        urn = "urn:pulumi:a::b::aws:ec2/natGateway:NatGateway"
        nats = [
            {"urn": f"{urn}::n{number:03}", "type": "aws:ec2/natGateway:NatGateway", "custom": True}
            for number in range(60)
        ]
        file = tmp_path / "s.json"
        file.write_text(json.dumps({"version": 3, "deployment": {"resources": nats}}))
        shown = cx("cost", str(file), "--region", "us-east-1").err
        assert (shown.count("ec2.NatGateway"), "… and 20 more, $657.00 and ~$90.00 (--all)" in shown) == (
            40,
            True,
        )
        assert cx("cost", str(file), "--region", "us-east-1", "--all").err.count("ec2.NatGateway") == 60

    @pytest.mark.parametrize(
        ("name", "content", "says"),
        [
            ("missing.json", None, "cannot read"),
            ("empty.json", b"", "is empty"),
            ("half.json", b'{"steps": [{"op"', "cut off"),
            ("other.json", b'{"planned_values": {}}', "a plan of Terraform"),
            ("old.json", b'{"version": 1, "deployment": {}}', "version 1"),
            ("utf16.json", '{"version": 3}'.encode("utf-16"), "not UTF-8"),
        ],
    )
    def test_refuses_what_it_cannot_read_in_one_sentence(
        self, cx: Cx, tmp_path: Path, name: str, content: bytes | None, says: str
    ) -> None:
        file = tmp_path / name
        if content is not None:
            file.write_bytes(content)
        ended = cx("cost", str(file))
        assert (ended.code, ended.out) == (2, "")
        assert says in ended.err
        assert ended.err.startswith("error: ")
        assert "hint:  " in ended.err
        error = cx("cost", str(file), "--json").answer["error"]
        assert error["code"] in ("usage", "document_invalid")

    def test_refuses_a_folder_and_two_formats(self, cx: Cx, tmp_path: Path) -> None:
        assert "cannot read" in cx("cost", str(tmp_path)).err
        assert cx("cost", "x", "--json", "--html").code == cx("cost").code == 2


class TestCompare:
    def test_tells_what_the_second_costs_more(self, cx: Cx, documents: Path) -> None:
        files = [str(documents / name) for name in ("node-state.json", "node-change-with-sames.json")]
        there, back = (cx("cost", "compare", *pair, "--json").answer for pair in (files, files[::-1]))
        assert there["monthly_delta"] == "17.56015"
        assert back["monthly_delta"] == "-17.56015"
        jsonschema.validate(there, REPORT_SCHEMA)

    def test_takes_one_document_from_stdin_at_most(self, cx: Cx) -> None:
        ended = cx("cost", "compare", "-", "-")
        assert (ended.code, "only one" in ended.err) == (2, True)


class TestPlans:
    def test_of_cygni_are_read_back(self, cx: Cx, tmp_path: Path) -> None:
        cx("deploy", "--yes")
        cx.write(network={"nat": "single"})
        ended = cx("diff", "--json")
        plan = tmp_path / "plan.json"
        plan.write_text(ended.out)
        answer = cx("cost", str(plan), "--json").answer
        jsonschema.validate(answer, REPORT_SCHEMA)
        cost = ended.answer["cost"]
        assert answer["subject"] == ["shop", "local"]
        for side in ("before", "after"):
            assert answer[f"monthly_{side}"] == cost[side]["totals"]["monthly"]
        assert answer["monthly_delta"] == cost["delta"]["monthly"]
        assert "ec2.NatGateway" in cx("cost", str(plan)).err
        assert cx("cost", "compare", str(plan), str(plan), "--json").answer["monthly_delta"] == "0"

    def test_have_no_inputs_to_measure(self, cx: Cx, tmp_path: Path) -> None:
        plan = tmp_path / "plan.json"
        plan.write_text(cx("diff", "--json").out)
        ended = cx("cost", "usage", "init", str(plan))
        assert (ended.code, "--stack" in ended.err) == (2, True)

    @pytest.mark.parametrize(
        ("old", "new"), [('"version": 1', '"version": 7'), ('"bound": "exact"', '"bound": "odd"')]
    )
    def test_of_another_version_or_damaged_are_refused(
        self, cx: Cx, tmp_path: Path, old: str, new: str
    ) -> None:
        text = cx("diff", "--json").out
        assert old in text
        plan = tmp_path / "plan.json"
        plan.write_text(text.replace(old, new))
        ended = cx("cost", str(plan), "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (2, "document_invalid")


class TestNastyNames:
    @pytest.mark.parametrize("how", [[], ["--explain", "--all"], ["--json"], ["--markdown"], ["--html"]])
    def test_are_shown_and_never_obeyed(self, cx: Cx, tmp_path: Path, how: list[str]) -> None:
        token = "aws:rds/instance:Instance"
        urn = f"urn:pulumi:a::b::{token}::\x1b[31mred\ud800\n[bold]"
        inputs = {
            "instanceClass": "db.\x1b[2J\ud800",
            "engine": "postgres",
            "allocatedStorage": 20,
            "region": "us-east-1",
        }
        file = tmp_path / "state.json"
        state = {"urn": urn, "type": token, "custom": True, "inputs": inputs}
        file.write_text(
            json.dumps({"version": 3, "deployment": {"resources": [state, {**state, "urn": "\x1b"}][:1]}})
        )
        ended = cx("cost", str(file), *how)
        assert ended.code == 0
        assert "\x1b" not in ended.err + ended.out
        assert "red" in ended.out + ended.err
        file.write_text(
            json.dumps({"version": 3, "deployment": {"resources": [{**state, "inputs": "\x1b"}]}})
        )
        refused = cx("cost", str(file))
        assert (refused.code, "\x1b" in refused.err) == (2, False)


class TestEnvironments:
    def test_of_a_project_are_compared_resource_by_resource(self, cx: Cx, tmp_path: Path) -> None:
        plans = {}
        for name in ("local", "preview-x"):
            plans[name] = tmp_path / f"{name}.json"
            plans[name].write_text(cx("diff", "-e", name, "--json").out)
        answer = cx("cost", "compare", *map(str, plans.values()), "--json").answer
        assert {one["change"] for one in answer["resources"]} == {"same"}
        assert all("preview-x" in one["urn"] for one in answer["resources"])


def test_knows_which_regions_there_are(cx: Cx) -> None:
    ended = cx("cost", str(RECORDED / "node-state.json"), "--region", "eu-west-11")
    assert (ended.code, "is no region of AWS; did you mean" in ended.err) == (2, True)
