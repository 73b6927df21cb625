"""`cx env` from the outside."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO

import yaml
from rich.console import Console

from cli.env_view import show_list
from cygni.pricing.exchange import DOLLARS
from stacks.environments import ListedEnvironment
from tests.cli.conftest import NAT, Cx


class TestList:
    def test_tells_of_what_is_written_and_of_what_is_deployed(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        cx.write(environments={"production": NAT, "preview-login": None})
        ended = cx("env", "list")
        assert (ended.code, ended.out) == (0, "")
        rows = [line.split("  ")[0] for line in ended.err.splitlines() if not line.startswith("warning:")]
        assert rows == ["Environment", "local", "preview-login", "production"]
        assert "not deployed" in ended.err
        assert "$18.02" in ended.err

    def test_is_one_object_for_programs(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        cx.write(environments={"production": NAT})
        local, production = cx("env", "list", "--json").answer["environments"]
        assert (local["name"], local["size"], local["target"], local["written"]) == (
            "local",
            "preview",
            "local",
            False,
        )
        assert local["last_deploy"] is not None
        assert production == {
            **production,
            "written": True,
            "deployed": False,
            "last_deploy": None,
            "monthly": None,
        }

    def test_tells_what_is_wrong_with_an_environment(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        cx.cloud = "life-2"
        cx.runner.killed_at = "shop-local-web"
        cx.write(services={"web": {"image": "nginx:1", "port": 80, "cpu": 512, "memory": 1024}})
        cx("deploy", "--yes", "--refresh")
        assert "warning: local: " in cx("env", "list").err

    def test_of_a_new_project_says_how_to_begin(self, cx: Cx) -> None:
        ended = cx("env", "list")
        assert ended.code == 0
        assert "nothing is deployed" in ended.err
        assert cx("env", "list", "--json").answer == {"project": "shop", "environments": []}

    def test_of_a_file_with_mistakes_says_where(self, cx: Cx) -> None:
        cx.write(regoin="x")
        ended = cx("env", "list")
        assert ended.code == 2
        assert "regoin" in ended.err

    def test_asks_neither_engine_nor_cloud(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        cx("env", "list")
        assert cx.runner.asked == []

    def test_says_what_it_costs_at_most_where_that_is_known(self) -> None:
        one = ListedEnvironment(
            "staging",
            "staging",
            "aws",
            written=True,
            deployed=True,
            monthly=Decimal("0.80"),
            unknown=1,
            monthly_at_most=Decimal("70.88"),
        )
        out = StringIO()
        show_list(Console(file=out, width=200), [one], DOLLARS)
        assert "at most $70.88 (1 resource unpriced)" in out.getvalue()


class TestShow:
    def test_prints_yaml_that_says_where_each_value_is_from(self, cx: Cx) -> None:
        cx.write(environments={"production": {"services": {"web": {"cpu": 512, "memory": 1024}}}})
        ended = cx("env", "show", "production")
        assert (ended.code, ended.out) == (0, "")
        said = {
            line.partition("#")[0].strip(): line.partition("#")[2].strip() for line in ended.err.splitlines()
        }
        assert said["region: us-east-1"].startswith("cygni.yaml:")
        assert said["cpu: 512"].endswith("of this environment")
        assert said["count: 2"] == "default of production"
        assert said["path: /"] == "default"
        document = yaml.safe_load(ended.err)
        assert document["services"]["web"]["memory"] == 1024
        assert document["network"]["nat"] == "none"

    def test_gives_programs_the_specification_and_its_sources(self, cx: Cx) -> None:
        answer = cx("env", "show", "staging", "--json").answer
        assert (answer["environment"], answer["size"]) == ("staging", "staging")
        assert answer["specification"]["services"]["web"]["port"] == 80
        sources = {tuple(one["path"]): (one["value"], one["source"]) for one in answer["settings"]}
        assert sources["services", "web", "port"] == (80, "top level")
        assert sources["log_retention",] == (30, "size")
        json.dumps(answer)

    def test_of_a_name_that_cannot_be_says_what_can(self, cx: Cx) -> None:
        ended = cx("env", "show", "prod")
        assert ended.code == 6
        assert "production" in ended.err
