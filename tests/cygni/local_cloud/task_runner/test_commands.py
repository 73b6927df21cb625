from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cygni.local_cloud.images.store import Image
from cygni.local_cloud.task_runner.commands import ContainerRun, of_bundle, of_container, words_of

IMAGE = Image(
    "docker.io/library/web:1", "d" * 64, ("python3", "app.py"), "2026-01-01T00:00:00Z", Path("/bundle")
)


@pytest.mark.parametrize(
    ("entry_point", "command", "words"),
    [
        ((), (), ["python3", "app.py"]),
        ((), ("sh", "-c", "true"), ["sh", "-c", "true"]),
        (("tini", "--"), (), ["tini", "--"]),
        (("tini", "--"), ("web",), ["tini", "--", "web"]),
    ],
)
def test_a_task_definition_says_otherwise_as_it_does_of_a_container(
    entry_point: tuple[str, ...], command: tuple[str, ...], words: list[str]
) -> None:
    assert words_of(IMAGE.start, entry_point, command) == words


class TestBundle:
    def test_runs_in_its_folder_and_keeps_compiled_files_out_of_it(self) -> None:
        command = of_bundle(IMAGE, (), (), {"HOME": "/own/task", "A": "1"})
        assert command.folder == Path("/bundle")
        assert command.variables == {
            "HOME": "/own/task",
            "A": "1",
            "PYTHONPYCACHEPREFIX": "/own/task/.pycache",
        }

    def test_may_say_where_those_are(self) -> None:
        assert of_bundle(IMAGE, (), (), {"PYTHONPYCACHEPREFIX": "/x"}).variables == {
            "PYTHONPYCACHEPREFIX": "/x"
        }


class TestContainer:
    """Their commands are only looked at: no container engine is asked for here."""

    def run(self, **over: Any) -> list[str]:
        given: dict[str, Any] = {
            "engine": "/usr/bin/docker",
            "name": "cygni-1.0",
            "image": "nginx:1",
            "entry_point": (),
            "command": (),
            "memory": 512,
            "stop_seconds": 30.0,
            "port": 20001,
            "container_port": 80,
        }
        command = of_container(
            ContainerRun(**given | over), {"B": "secret", "A": "1"}, {"PATH": "/bin"}, Path("/f")
        )
        assert command.variables == {"PATH": "/bin", "B": "secret", "A": "1"}
        assert command.container == "cygni-1.0"
        assert "secret" not in " ".join(command.words)
        return list(command.words)

    def test_publishes_its_port_on_this_machine_alone(self) -> None:
        assert self.run() == [
            "/usr/bin/docker", "run", "--rm", "--name", "cygni-1.0", "--memory", "512m", "--stop-timeout", "30",
            "--label", "cygni.task-runner=true", "--publish", "127.0.0.1:20001:80",
            "--add-host", "host.docker.internal:host-gateway", "--env", "A", "--env", "B", "nginx:1",
        ]  # fmt: skip

    def test_shares_the_network_where_it_publishes_nothing(self) -> None:
        words = self.run(port=None, container_port=None)
        assert words[words.index("--network") + 1] == "host"
        assert "--publish" not in words

    def test_is_given_its_entry_point_and_command_in_the_engine_s_order(self) -> None:
        words = self.run(entry_point=("tini", "--"), command=("web", "--fast"))
        assert words[words.index("--entrypoint") + 1] == "tini"
        assert words[-4:] == ["nginx:1", "--", "web", "--fast"]
