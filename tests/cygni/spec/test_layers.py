"""Where values come from: the file, the environment's part of it, the size of the environment, or nowhere."""

from __future__ import annotations

import pytest

from cygni.spec.layers import Layers, Setting, Source, settings
from cygni.spec.loader import parse_layers

TEXT = """\
project: shop
region: us-east-1
services:
  web:
    image: nginx:1
    port: 80
    env:
      GREETING: hello
      LEVEL: info
  mailer:
    kind: worker
    build: { tag: v1 }
queues:
  mail:
environments:
  production:
    services:
      web:
        memory: 1024
        env:
          LEVEL: warning
        command: [serve, "--fast"]
      mailer:
        image: mailer:2
  staging:
"""


def layers(environment: str) -> Layers:
    return parse_layers(TEXT, "cygni.yaml", environment)


def found(environment: str, path: str) -> Setting:
    [one] = [one for one in settings(layers(environment)) if ".".join(map(str, one.path)) == path]
    return one


class TestSettings:
    @pytest.mark.parametrize(
        ("path", "value", "source", "line"),
        [
            ("services.web.image", "nginx:1", Source.TOP_LEVEL, 5),
            ("services.web.env.GREETING", "hello", Source.TOP_LEVEL, 8),
            ("services.web.env.LEVEL", "warning", Source.ENVIRONMENT, 21),
            ("services.web.memory", 1024, Source.ENVIRONMENT, 19),
            ("services.web.command", ["serve", "--fast"], Source.ENVIRONMENT, 22),
            ("services.mailer.image", "mailer:2", Source.ENVIRONMENT, 24),
            ("services.web.count", 2, Source.SIZE, None),
            ("network.nat", "per-zone", Source.SIZE, None),
            ("log_retention", 90, Source.SIZE, None),
            ("services.web.cpu", 256, Source.DEFAULT, None),
            ("queues.mail.fifo", False, Source.DEFAULT, None),
        ],
    )
    def test_tell_where_each_value_is_from(
        self, path: str, value: object, source: Source, line: int | None
    ) -> None:
        one = found("production", path)
        assert (one.value, one.source, one.line) == (value, source, line)

    def test_of_an_environment_with_nothing_of_its_own_are_those_of_the_top_level(self) -> None:
        assert found("staging", "services.web.env.LEVEL") == Setting(
            ("services", "web", "env", "LEVEL"), "info", Source.TOP_LEVEL, 9
        )
        assert found("preview-login", "log_retention").source is Source.DEFAULT

    def test_leave_out_what_is_not_there(self) -> None:
        paths = {".".join(map(str, one.path)) for one in settings(layers("production"))}
        assert not {path for path in paths if path.startswith(("services.mailer.build", "domain"))}
        assert "environment" not in paths

    def test_are_the_whole_specification(self) -> None:
        spec = layers("production").spec
        assert {one.path[0] for one in settings(layers("production"))} >= {
            name for name, value in spec.model_dump(exclude={"environment"}).items() if value
        }
