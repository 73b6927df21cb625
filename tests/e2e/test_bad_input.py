"""Whatever is wrong around it, `cx` answers quickly with one error, a hint and the right exit code."""

from __future__ import annotations

import json
import socket
import time

import pytest

from tests.e2e.project import Project, is_one_error

pytestmark = [pytest.mark.engine]

SOON = 90.0
"""Seconds: what expands an alias bomb, or waits for a network, takes longer also beside other tests."""
GOOD = "project: shop\nregion: us-east-1\n"
BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{this}: &{this} [{', '.join([f'*{last}'] * 9)}]\n"
    for last, this in zip("abcdefgh", "bcdefghi", strict=True)
)

TEXTS = {
    "empty": "",
    "a list": "- project: shop\n",
    "no mapping at all": "shop",
    "a wrong type": f"{GOOD}services: [web]\n",
    "an unknown key": f"{GOOD}servces: {{}}\n",
    "a key twice": f"{GOOD}project: other\n",
    "an alias bomb": BOMB,
    "an unclosed bracket": f"{GOOD}services: {{web: [",
    "a tab": "project:\tshop\n\tregion: us-east-1\n",
    "binary": "\x01\x02project: shop",
    "an unknown region": "project: shop\nregion: us-east-99\n",
    "a name that is too long": f"project: {'s' * 200}\nregion: us-east-1\n",
    "a deep nest": "a: " + "[" * 5000,
    "a python object": "project: !!python/object/apply:os.system [id]\nregion: us-east-1\n",
    "a huge file": GOOD + "#" * (20 * 1024 * 1024),
}


class TestSpecification:
    @pytest.mark.parametrize("what", TEXTS)
    def test_is_refused_when_it_is(self, project: Project, what: str) -> None:
        project.write_text(TEXTS[what])
        result = project.cx("deploy", "--yes", "--json", seconds=SOON)
        assert result.code == 2, result.out
        assert result.json["error"]["code"] == "spec_invalid"
        assert result.json["error"]["hint"]
        assert result.err == ""
        assert not project.settings.data_dir.exists()

    def test_is_refused_when_it_cannot_be_read(self, project: Project) -> None:
        (project.folder / "cygni.yaml").write_bytes(b"project: sh\xffp\n")
        assert self._code(project) == 2
        (project.folder / "cygni.yaml").unlink()
        (project.folder / "cygni.yaml").mkdir()
        assert self._code(project) == 2
        (project.folder / "cygni.yaml").rmdir()
        assert self._code(project) == 6
        (project.folder / "cygni.yaml").symlink_to("cygni.yaml")
        assert self._code(project) in (2, 6)

    @pytest.mark.slow
    def test_is_refused_when_its_region_cannot_do_that(self, project: Project) -> None:
        """Only the region itself knows how many zones it has, so the program refuses while it is previewed."""
        project.write_text("project: shop\nregion: us-west-1\nnetwork: {zones: 3}\n")
        result = project.cx("deploy", "--yes", "--json")
        assert result.code == 2, result.out
        assert result.json["error"]["code"] == "spec_invalid"
        assert (
            result.json["error"]["message"] == "the region has 2 availability zones, network.zones asks for 3"
        )
        assert result.json["error"]["hint"] == "Set network.zones to 2, or choose another region."
        assert project.inventory() == []

    def _code(self, project: Project) -> int:
        result = project.cx("deploy", "--yes", seconds=SOON)
        assert is_one_error(result), result.err
        return result.code


class TestEnvironments:
    @pytest.mark.parametrize("name", ["nowhere", "Production", "../up", "preview-", ""])
    def test_unknown_ones_are_refused(self, project: Project, name: str) -> None:
        project.write()
        result = project.cx("diff", "-e", name, seconds=SOON)
        assert result.code in (2, 6), result.err
        assert is_one_error(result)

    @pytest.mark.parametrize("name", ["staging", "preview-42"])
    def test_of_aws_fail_quickly_without_network(self, project: Project, name: str) -> None:
        """Nothing but loopback is asked: AWS's endpoint is a closed port, and no download can succeed."""
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
            project.write()
            result = project.cx(
                "diff",
                "-e",
                name,
                env={
                    "AWS_ENDPOINT_URL": nowhere,
                    "AWS_ACCESS_KEY_ID": "none",
                    "AWS_SECRET_ACCESS_KEY": "none",
                    "HTTP_PROXY": nowhere,
                    "HTTPS_PROXY": nowhere,
                    "NO_PROXY": "127.0.0.1",
                },
                seconds=100,
            )
        assert result.code in (3, 15), result.err
        assert is_one_error(result)
        assert project.left_behind() == []


class TestSurroundings:
    def test_a_port_in_use_is_told(self, project: Project) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = str(taken.getsockname()[1])
            result = project.cx("local", "up", "--port", port)
        assert result.code == 1
        assert is_one_error(result)
        assert f"port {port} is in use" in result.err

    def test_a_data_folder_that_is_none_is_told(self, project: Project) -> None:
        project.write()
        place = project.root / "file"
        place.write_text("not a folder")
        result = project.cx("deploy", "--yes", env={"CYGNI_DATA_DIR": str(place)})
        assert (result.code, is_one_error(result)) == (1, True), result.err
        assert "CYGNI_DATA_DIR" in result.hint

    def test_another_engine_is_told(self, project: Project) -> None:
        project.write()
        for command in ("/bin/true", "/bin/cat", "/nowhere/pulumi"):
            result = project.cx("deploy", "--yes", env={"CYGNI_PULUMI": command})
            assert (result.code, is_one_error(result)) == (15, True), result.err
            assert command in result.err


@pytest.mark.slow
class TestDamagedFiles:
    """One deployed project, whose files are damaged one after the other; each time the next deploy continues."""

    def test_are_told_or_made_again(self, project: Project) -> None:
        project.write()
        project.deploy()
        self._records(project)
        self._state(project)
        self._passphrase(project)
        project.deploy()
        assert project.differences() == []
        project.destroy()
        assert project.left_behind() == []

    def _records(self, project: Project) -> None:
        record = project.settings.data_dir / "projects/shop/local/foundation.json"
        for text in ("", json.dumps({"format": 1}), "\0" * 100):
            record.write_text(text)
            assert project.cx("status").code == 0
        assert project.deploy().last_line.startswith("No changes")

    def _state(self, project: Project) -> None:
        path = project.settings.data_dir / "state/.pulumi/stacks/cygni/shop.local.foundation.json"
        good = path.read_bytes()
        for bad in (b"", good[: len(good) // 2]):
            path.write_bytes(bad)
            for command in ("status", "diff"):
                result = project.cx(command)
                assert (result.code, is_one_error(result)) == (1, True), result.err
                assert str(path) in result.err
                assert "cx deploy" in result.hint
            project.deploy()
            assert project.differences() == []

    def _passphrase(self, project: Project) -> None:
        path = project.settings.data_dir / "passphrase"
        good = path.read_bytes()
        project.change(network={"nat": "single"})
        path.unlink()
        result = project.cx("deploy", "--yes")
        assert (result.code, is_one_error(result)) == (1, True), result.err
        assert "passphrase" in result.err
        assert not path.exists() or path.read_bytes() != good
        path.write_bytes(good)


@pytest.mark.slow
class TestSecrets:
    def test_are_nowhere_but_in_their_file(self, project: Project) -> None:
        canary = "canary-4f9a1c77"
        project.write()
        project.settings.data_dir.mkdir()
        (project.settings.data_dir / "passphrase").write_text(canary)
        running = project.start(
            "deploy",
            "--yes",
            "--json",
            "--debug",
            env={"AWS_SECRET_ACCESS_KEY": canary, "AWS_SESSION_TOKEN": canary},
        )
        arguments: set[str] = set()
        while running.process.poll() is None:
            arguments |= set(project.processes())
            time.sleep(0.05)
        result = running.wait()
        assert result.code == 0, result.err
        assert len(arguments) > 4
        assert canary not in result.out + result.err + "".join(arguments)
        found = [
            path
            for path in project.root.rglob("*")
            if path.is_file() and canary.encode() in path.read_bytes()
        ]
        assert found == [project.settings.data_dir / "passphrase"]
        project.destroy()
