from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from botocore.loaders import JSONFileLoader
from botocore.session import Session
from cygni.local_cloud import sdk_models

parsed = []
parse = JSONFileLoader._load_file
JSONFileLoader._load_file = lambda loader, path, opened: parsed.append(path) or parse(loader, path, opened)
for _ in range(calls):
    sdk_models.remember()
for _ in range(2):
    Session().get_service_data("sqs")
    assert Session().get_service_model("sqs").operation_model("SendMessage").name == "SendMessage"
    assert "us-east-1" in Session().get_available_regions("sqs")
    assert JSONFileLoader().load_file("/not/there") is None
print(*sorted(path.rpartition("/")[2] for path in parsed if "sqs" in path and path.endswith(".gz")))
"""


def parsed(calls: int) -> int:
    """How often a process reads the model of SQS for four sessions that ask for it, after so many calls."""
    program = f"calls = {calls}\n{PROGRAM}"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return run.stdout.split().count("service-2.json.gz")


class TestRemember:
    def test_a_process_parses_a_model_once(self) -> None:
        assert parsed(calls=1) == 1

    def test_changes_nothing_when_it_is_called_again(self) -> None:
        assert parsed(calls=3) == 1

    def test_is_what_makes_the_difference(self) -> None:
        assert parsed(calls=0) > 1
