"""`cx env promote` from the outside: what it takes, refuses, asks, and leaves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cygni.local_cloud.process import LocalCloud
from cygni.targets.ecr import login
from cygni.targets.fargate.clients import Clients
from cygni.targets.image_copy import ImageRepository
from tests.cli.conftest import NAT, Cx, policy, valid
from tests.engine_state import read_state
from tests.fake_programs import BUCKET, TASK
from tests.image_pushes import push

WEB = {"image": "nginx:1", "port": 80, "env": {"GREETING": "hello"}}
MAILER = {"kind": "worker", "image": "mailer:1"}


def services(**web: Any) -> dict[str, Any]:
    return {"web": {**WEB, **web}, "mailer": MAILER}


@pytest.fixture
def ecr(
    aws: Callable[..., Any], local_cloud: LocalCloud, clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], ImageRepository]]:
    """Makes repositories of what is AWS to the commands: a local cloud."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_cloud.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    made = []

    def make(name: str) -> ImageRepository:
        aws("ecr").create_repository(repositoryName=name)
        made.append(name)
        return ImageRepository(login(clients), name)

    yield make
    for name in made:
        aws("ecr").delete_repository(repositoryName=name, force=True)


def running(cx: Cx, environment: str) -> dict[str, Any]:
    """The container of the web service in the state of an environment, once something was asked there."""
    operation = next(one for one in reversed(cx.runner.asked) if one.stack == f"shop.{environment}.services")
    [task] = [
        one
        for one in read_state(operation)["resources"]
        if one["type"] == TASK and one["urn"].endswith("-web")
    ]
    [container] = json.loads(task["inputs"]["containerDefinitions"])
    assert isinstance(container, dict)
    return container


@pytest.fixture
def ahead(cx: Cx) -> Cx:
    """Staging runs what cygni.yaml said before; the file has moved on."""
    cx.write(services=services(image="nginx:7", env={"GREETING": "hi"}))
    assert cx("deploy", "-y", "-e", "staging").code == 0
    cx.write(services=services(image="nginx:8"))
    return cx


class TestPromotion:
    def test_deploys_what_the_other_environment_runs(self, ahead: Cx) -> None:
        ended = ahead("env", "promote", "--yes")
        assert (ended.code, ended.out) == (0, "")
        assert "Promoting staging to production:\n  web  nginx:7\n  mailer  mailer:1\n" in ended.err
        container = running(ahead, "production")
        assert container["image"] == "nginx:7"
        variables = {one["name"]: one["value"] for one in container["environment"]}
        assert variables["GREETING"] == "hi"

    def test_leaves_behind_what_services_are_bound_to(self, ahead: Cx) -> None:
        ahead("env", "promote", "--yes")
        [services_up] = [
            one for one in ahead.runner.asked if (one.kind, one.stack) == ("up", "shop.production.services")
        ]
        assert services_up.inputs is not None
        web = next(one for one in services_up.inputs.services if one.name == "web")  # type: ignore[union-attr]
        assert dict(web.environment) == {"GREETING": "hi"}
        assert web.count == 2  # of production

    def test_says_where_cygni_yaml_says_otherwise(self, ahead: Cx) -> None:
        said = ahead("env", "promote", "--yes").err
        assert "web: cygni.yaml has another image and env for production" in said
        assert (ahead.folder / "cygni.yaml").read_text().count("nginx:8") == 1

    def test_is_shown_as_a_change_by_the_next_plain_deploy(self, ahead: Cx) -> None:
        ahead("env", "promote", "--yes")
        difference = ahead("diff", "-e", "production", "--json", "--detailed-exit-code")
        assert difference.code == 10
        [step] = [step for stack in valid(difference.answer)["stacks"] for step in stack["steps"]]
        assert (step["name"], step["change"]) == ("shop-production-web", "replace")
        ahead("deploy", "-y", "-e", "production")
        assert running(ahead, "production")["image"] == "nginx:8"

    def test_that_was_done_changes_nothing_the_second_time(self, ahead: Cx) -> None:
        ahead("env", "promote", "--yes")
        ended = ahead("env", "promote")
        assert ended.code == 0
        assert "No changes: shop (production) is as staging is." in ended.err
        assert not ahead.changed_anything

    def test_is_one_object_for_programs(self, ahead: Cx) -> None:
        answer = ahead("env", "promote", "--yes", "--json").answer
        assert valid(answer["plan"])["environment"] == "production"
        assert answer["promotion"] == {
            "from": "staging",
            "to": "production",
            "images": {"web": "nginx:7", "mailer": "mailer:1"},
            "unlike_cygni_yaml": {"web": ["image", "env"]},
        }
        assert answer["applied"] > 0

    def test_goes_between_any_two_environments(self, ahead: Cx) -> None:
        assert ahead("env", "promote", "staging", "preview-login", "--yes").code == 0
        assert running(ahead, "preview-login")["image"] == "nginx:7"

    def test_of_a_tag_goes_into_the_other_repository(
        self, cx: Cx, ecr: Callable[[str], ImageRepository]
    ) -> None:
        built = {"web": {"build": {"tag": "v1"}, "port": 80}}
        cx.write(services=built)
        cx("deploy", "-y", "-e", "staging")
        cx.write(services={"web": {"build": {"tag": "v2"}, "port": 80}})
        staging, production = ecr("shop/staging/web"), ecr("shop/production/web")
        gone = cx("env", "promote", "--yes", "--json")
        assert (gone.answer["error"]["code"], cx.changed_anything) == ("not_promotable", False)
        digest = push(staging, "v1")
        ended = cx("env", "promote", "--yes")
        assert ended.code == 0, ended.err
        assert "  web  tag v1\n" in ended.err
        assert f"web: {production}:v1 is {digest}, as in staging" in ended.err
        assert running(cx, "production")["image"] == "registry.test/web:v1"
        again = cx("env", "promote", "--yes")
        assert (again.code, "as in staging" in again.err) == (0, False)

    def test_of_a_tag_that_others_push_needs_no_repository_of_theirs(self, cx: Cx) -> None:
        cx.write(services={"web": {"build": {"tag": "v1"}, "port": 80}})
        cx("deploy", "-y", "-e", "staging")
        assert cx("env", "promote", "--yes", "--trust-state").code == 0


class TestGuards:
    def test_ask_before_anything_changes(self, ahead: Cx) -> None:
        ahead.answers("n\n")
        ended = ahead("env", "promote")
        assert (ended.code, ahead.changed_anything) == (8, False)
        assert "Apply these changes to shop (production, account 123456789012)? [y/N]" in ended.err

    def test_need_yes_without_a_terminal(self, ahead: Cx) -> None:
        assert ahead("env", "promote").code == 2
        assert not ahead.changed_anything

    def test_hold_the_cost(self, ahead: Cx) -> None:
        ended = ahead("env", "promote", "--yes", "--max-cost-increase", "1")
        assert (ended.code, ahead.changed_anything) == (14, False)

    def test_hold_the_policies(self, ahead: Cx) -> None:
        event = policy("mandatory")
        ahead.runner.saying = {"data preview": [event]}
        ended = ahead("env", "promote", "--yes", "--json")
        assert (ended.code, ahead.changed_anything) == (5, False)

    def test_hold_the_data(self, ahead: Cx) -> None:
        ahead("env", "promote", "--yes")
        ahead.write(services=services(image="nginx:8"), buckets=None)
        assert ahead("env", "promote", "--yes").code == 2
        assert ahead("env", "promote", "--yes", "--allow-destroy", "uploads").code == 0


class TestRefusals:
    def test_of_the_same_environment_twice(self, ahead: Cx) -> None:
        assert ahead("env", "promote", "staging", "staging").code == 2

    def test_where_nothing_is_deployed(self, cx: Cx) -> None:
        ended = cx("env", "promote", "--yes")
        assert ended.code == 6
        assert "nothing of shop is deployed to staging" in ended.err

    def test_of_an_environment_whose_deploy_did_not_finish(self, ahead: Cx) -> None:
        ahead.runner.killed_at = "shop-staging-web"
        assert ahead("deploy", "-y", "-e", "staging").code == 1
        ended = ahead("env", "promote", "--yes")
        assert (ended.code, ahead.runner.calls) == (7, [])
        assert "its last deploy did not finish" in ended.err
        assert "cx deploy -e staging" in ended.err

    def test_of_an_environment_that_was_changed_outside(self, ahead: Cx) -> None:
        ahead("diff", "-e", "staging", "--refresh")
        preview = next(one for one in ahead.runner.asked if one.stack == "shop.staging.data")
        [bucket] = [one for one in read_state(preview)["resources"] if one["type"] == BUCKET]
        ahead.runner.world["shop-staging-uploads"] = {**bucket["inputs"], "versioning": False}
        ended = ahead("env", "promote", "--yes")
        assert (ended.code, ahead.changed_anything) == (7, False)
        assert "staging was changed outside of Cygni" in ended.err
        assert "shop-staging-uploads" in ended.err
        assert not any(".production." in one.stack for one in ahead.runner.asked)
        assert ahead("env", "promote", "--yes", "--trust-state").code == 0

    def test_of_services_that_are_not_the_same(self, ahead: Cx) -> None:
        ahead.write(services={**services(), "api": {"image": "api:1", "port": 81, "path": "/api"}})
        ended = ahead("env", "promote", "--yes", "--json")
        assert (ended.code, ended.answer["error"]["code"]) == (7, "not_promotable")
        assert ended.answer["error"]["details"] == {"missing": ["api"], "strange": []}
        assert not ahead.changed_anything

    def test_leave_cost_of_the_giving_environment_alone(self, ahead: Cx) -> None:
        ahead.write(services=services(image="nginx:8"), environments={"staging": NAT})
        assert ahead("env", "promote", "--yes").code == 0
        assert {one.stack.split(".")[1] for one in ahead.runner.asked if one.kind == "up"} == {"production"}
