from __future__ import annotations

from datetime import UTC, datetime

from cli.dev_logs import COLOURS, line
from cygni.targets.fargate.log_groups import Written


def written(service: str = "web", text: str = "hello") -> Written:
    return Written(datetime(2026, 11, 21, tzinfo=UTC), service, "task", text, "1")


class TestLine:
    def test_has_the_service_in_front_in_a_column(self) -> None:
        assert line(written(), ("web", "worker")).plain == "web    | hello"

    def test_gives_each_service_a_colour_of_its_own(self) -> None:
        services = ("api", "web", "worker")
        colours = {str(line(written(name), services).spans[0].style) for name in services}
        assert colours == set(COLOURS[:3])

    def test_takes_no_word_of_a_program_for_markup(self) -> None:
        assert line(written(text="[red]x[/red] [/]"), ("web",)).plain == "web | [red]x[/red] [/]"
