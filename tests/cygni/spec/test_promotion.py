"""What goes from one environment to another, and what each keeps for itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cygni.errors import NotPromotable, SpecError
from cygni.spec import CronService, ProjectSpec, WebService, WorkerService
from cygni.spec.layers import Layers
from cygni.spec.loader import parse_layers
from cygni.spec.promotion import ServiceRelease, differences, promoted

WEB = {"image": "web:1", "port": 80, "env": {"LEVEL": "info", "OLD": "x"}}
RELEASE = ServiceRelease(
    image="web:2",
    architecture="arm64",
    stop_timeout=60,
    environment={"LEVEL": "debug", "NEW": "y"},
    command=("serve",),
    port=8080,
)


def layers(environment: str, environments: dict[str, Any] | None = None, **services: Any) -> Layers:
    text = {
        "project": "shop",
        "region": "us-east-1",
        "services": services or {"web": WEB},
        "environments": environments or {},
    }
    return parse_layers(json.dumps(text), "cygni.yaml", environment)


def promote(
    releases: dict[str, ServiceRelease], environments: dict[str, Any] | None = None, **services: Any
) -> ProjectSpec:
    source = layers("staging", environments, **services)
    return promoted(source, layers("production", environments, **services), releases)


def web(spec: ProjectSpec) -> WebService:
    found = spec.services["web"]
    assert isinstance(found, WebService)
    return found


class TestRelease:
    def test_gives_image_command_port_variables_processor_and_time_to_stop(self) -> None:
        one = web(promote({"web": RELEASE}))
        assert (one.image, one.command, one.port) == ("web:2", ("serve",), 8080)
        assert one.env == {"LEVEL": "debug", "NEW": "y"}
        assert (one.architecture, one.stop_timeout) == ("arm64", 60)

    def test_leaves_the_sizes_of_its_new_place(self) -> None:
        environments = {"production": {"services": {"web": {"cpu": 512, "memory": 1024}}}}
        one = web(promote({"web": RELEASE}, environments))
        assert (one.cpu, one.memory, one.count) == (512, 1024, 2)

    def test_without_a_command_takes_away_the_one_written_since(self) -> None:
        release = ServiceRelease(image="web:2", architecture="x86_64", stop_timeout=30, port=80)
        assert web(promote({"web": release}, web={**WEB, "command": ["later"]})).command is None

    def test_of_a_tag_is_a_tag_in_the_new_places_repository(self) -> None:
        built = {"build": {"tag": "v1", "context": "web"}, "port": 80}
        release = ServiceRelease(tag="v7", architecture="x86_64", stop_timeout=30, port=80)
        one = web(promote({"web": release}, web=built))
        assert one.image is None
        assert one.build is not None
        assert (one.build.tag, one.build.context) == ("v7", "web")

    def test_of_an_image_replaces_a_build_and_the_other_way(self) -> None:
        built = {"build": {"tag": "v1"}, "port": 80}
        assert web(promote({"web": RELEASE}, web=built)).build is None
        release = ServiceRelease(tag="v7", architecture="x86_64", stop_timeout=30, port=80)
        assert web(promote({"web": release})).image is None

    def test_gives_what_is_no_web_service_no_port(self) -> None:
        nightly = {"kind": "cron", "image": "job:1", "schedule": "0 3 * * *"}
        release = ServiceRelease(image="job:2", architecture="x86_64", stop_timeout=30)
        spec = promote({"nightly": release}, nightly=nightly)
        one = spec.services["nightly"]
        assert isinstance(one, CronService)
        assert (one.image, one.schedule) == ("job:2", "cron(0 3 * * ? *)")


class TestWhatAnEnvironmentWritesItself:
    def test_stays_there_for_the_one_that_receives(self) -> None:
        own = {"env": {"LEVEL": "error", "URL": "https://shop.test"}, "command": ["mine"], "image": "web:0"}
        one = web(promote({"web": RELEASE}, {"production": {"services": {"web": own}}}))
        assert one.env == {"LEVEL": "error", "URL": "https://shop.test", "NEW": "y"}
        assert one.command == ("mine",)
        assert one.image == "web:2"

    def test_stays_behind_for_the_one_that_gives(self) -> None:
        theirs = {"env": {"LEVEL": "debug"}, "command": ["serve"], "image": "web:2", "port": 8080}
        one = web(promote({"web": RELEASE}, {"staging": {"services": {"web": theirs}}}))
        assert one.env == {"LEVEL": "info", "NEW": "y"}
        assert (one.command, one.port) == (None, 80)
        assert one.image == "web:2"

    def test_does_not_part_an_image_from_its_processor(self) -> None:
        theirs = {"staging": {"services": {"web": {"architecture": "arm64"}}}}
        assert web(promote({"web": RELEASE}, theirs)).architecture == "arm64"
        own = {"production": {"services": {"web": {"architecture": "x86_64"}}}}
        assert web(promote({"web": RELEASE}, own)).architecture == "x86_64"

    def test_may_be_a_service(self) -> None:
        debug = {"kind": "worker", "image": "debug:1"}
        spec = promote(
            {"web": RELEASE, "probe": ServiceRelease("x86_64", 30, image="probe:1")},
            {"staging": {"services": {"probe": debug}}, "production": {"services": {"audit": debug}}},
        )
        assert set(spec.services) == {"web", "audit"}
        assert isinstance(spec.services["audit"], WorkerService)
        assert spec.services["audit"].image == "debug:1"

    def test_may_be_a_service_of_both(self) -> None:
        debug = {"services": {"probe": {"kind": "worker", "image": "debug:1"}}}
        both = {"staging": debug, "production": debug}
        releases = {"web": RELEASE, "probe": ServiceRelease("x86_64", 30, image="probe:2")}
        assert promote(releases, both).services["probe"].image == "probe:2"
        with pytest.raises(NotPromotable, match="not deployed in staging: probe"):
            promote({"web": RELEASE}, both)


class TestRefusals:
    def test_of_a_service_that_is_not_deployed_yet(self) -> None:
        with pytest.raises(NotPromotable, match="not deployed in staging: web") as refused:
            promote({})
        assert refused.value.details == {"missing": ["web"], "strange": []}

    def test_of_a_service_that_cygni_yaml_does_not_have_any_more(self) -> None:
        with pytest.raises(NotPromotable, match=r"not in cygni\.yaml: mailer"):
            promote({"web": RELEASE, "mailer": RELEASE})

    def test_of_a_service_that_has_become_another_kind(self) -> None:
        with pytest.raises(NotPromotable, match="web"):
            promote({"web": ServiceRelease("x86_64", 30, image="web:2")})
        with pytest.raises(NotPromotable, match="mailer"):
            promote({"mailer": RELEASE}, mailer={"kind": "worker", "image": "mailer:1"})

    def test_of_what_does_not_fit_the_other_environment(self) -> None:
        release = ServiceRelease("x86_64", 30, image="web:2", port=80, environment={"BIG": "x" * 70_000})
        with pytest.raises(SpecError, match="does not fit production"):
            promote({"web": release})


class TestDifferences:
    def test_are_the_keys_that_cygni_yaml_has_otherwise(self) -> None:
        target = layers("production").spec
        assert differences(promote({"web": RELEASE}), target) == {
            "web": ["image", "architecture", "env", "command", "stop_timeout", "port"]
        }

    def test_are_none_where_the_same_is_written(self) -> None:
        target = layers("production").spec
        same = ServiceRelease("x86_64", 30, image="web:1", port=80, environment={"OLD": "x", "LEVEL": "info"})
        assert differences(promote({"web": same}), target) == {}
