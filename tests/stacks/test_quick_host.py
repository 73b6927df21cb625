"""What makes an operation's process quick, tried in a process of its own: it changes the whole process."""

from __future__ import annotations

import subprocess
import sys


def said_by(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestLoadingAhead:
    def test_runs_the_program_after_every_module_is_loaded(self) -> None:
        # types.ModuleType: what a module of the SDK becomes once it has been loaded.
        program = """
import sys, types
from cygni.naming import Part
from stacks.quick_host import loading_ahead
def program():
    import pulumi_aws
    print(type(pulumi_aws.s3) is types.ModuleType, "Bucket" in vars(pulumi_aws.s3))
loading_ahead(Part.DATA, program)()
"""
        assert said_by(program) == "True True\n"

    def test_knows_the_modules_of_every_part(self) -> None:
        program = """
from cygni.naming import Part
from stacks.quick_host import loading_ahead
for part in Part:
    loading_ahead(part, lambda: print(part))()
"""
        assert said_by(program).split() == ["foundation", "data", "services"]


class TestMakeQuick:
    def test_keeps_debug_messages_of_the_sdk_from_the_engine(self) -> None:
        program = """
import pulumi
from stacks.quick_host import make_quick
class Engine:
    def Log(self, request): print(request.message)
pulumi.runtime.settings.SETTINGS.engine = Engine()
make_quick()
pulumi.log.debug("registering resource")
pulumi.log.warn("deprecated")
"""
        assert said_by(program) == "deprecated\n"

    def test_collects_garbage_seldom(self) -> None:
        program = """
import gc
from stacks.quick_host import make_quick
make_quick()
print(gc.isenabled(), gc.get_threshold()[0] > 10_000)
"""
        assert said_by(program) == "True True\n"
