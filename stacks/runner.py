"""The real engine behind `StackRunner`: the only module that imports `pulumi.automation`.

Each operation runs in a child process (`stacks.child_process`) with its own work folder, PULUMI_HOME and
temporary folder. Programs are inline: the child itself is the language host.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pulumi import automation as auto
from pulumi.automation import events as engine_events
from semver import VersionInfo

from cygni.errors import CygniError, EngineDied
from cygni.plan.events import (
    DiagnosticEvent,
    PolicyEvent,
    ResourceState,
    StackEvent,
    StepEvent,
    SummaryEvent,
)
from cygni.state_place import hidden
from stacks import child_process
from stacks.engine_environment import caller_environment, engine_environment
from stacks.engine_failures import failure_of
from stacks.interrupts import held_back
from stacks.operations import EngineSettings, OperationKind, OperationResult, StackOperation
from stacks.program import program_for, remembering
from stacks.pulumi_project import PULUMI_PROJECT
from stacks.quick_host import loading_ahead, make_quick
from stacks.records import write_whole
from stacks.started_engines import witness_of
from stacks.state import stored_salt


def install_upstream(root: Path, version: str) -> None:
    """Downloads the engine with Pulumi's own installer to `root`/bin. Raises whatever the installer raises."""
    auto.PulumiCommand.install(root=str(root), version=VersionInfo.parse(version))


def perform(
    operation: StackOperation, folder: Path, send: Callable[[StackEvent], None], stop: child_process.Stop
) -> OperationResult:
    """Does one operation in this process. Meant for the child; raises CygniError."""
    make_quick()
    _forget_shell(operation.settings)
    temporary = folder / "tmp"
    temporary.mkdir()
    # The SDK writes whole states there, with their secrets.
    tempfile.tempdir = os.environ["TMPDIR"] = str(temporary)
    seen: list[DiagnosticEvent] = []

    def _clean(text: str) -> str:
        return hidden(text, operation.settings.backend_url)

    def on_event(event: engine_events.EngineEvent) -> None:
        for translated in _translated(event):
            if isinstance(translated, DiagnosticEvent):
                translated = replace(translated, message=_clean(translated.message))  # noqa: PLW2901
                seen.append(translated)
            send(translated)

    refused: list[CygniError] = []
    stack = _open(operation, folder, stop, refused)
    try:
        return _act(operation, stack, on_event)
    except auto.CommandError as error:
        if refused:
            raise refused[0] from None
        raise failure_of(operation, _clean(str(error)), seen) from None


def _forget_shell(settings: EngineSettings) -> None:
    """The engine inherits this process's environment, and the program runs here."""
    kept = caller_environment(os.environ, settings)
    for name in set(os.environ) - set(kept):
        del os.environ[name]


_OnEngineEvent = Callable[[engine_events.EngineEvent], None]


def _act(operation: StackOperation, stack: _Stack, on_event: _OnEngineEvent) -> OperationResult:
    refresh = operation.refresh or None
    plan = None if operation.plan_file is None else str(operation.plan_file)
    match operation.kind:
        case OperationKind.INIT:
            _initialise(operation, stack)
        case OperationKind.PREVIEW:
            stack.preview(plan=plan, refresh=refresh, on_event=on_event, suppress_progress=True)
        case OperationKind.UP:
            stack.up(
                plan=plan, refresh=refresh, on_event=on_event, show_secrets=False, suppress_progress=True
            )
        case OperationKind.REFRESH:
            targets = list(operation.targets) or None
            stack.refresh(target=targets, on_event=on_event, show_secrets=False, suppress_progress=True)
        case OperationKind.REFRESH_PREVIEW:
            stack.preview_refresh(on_event=on_event, suppress_progress=True)
        case OperationKind.DESTROY_PREVIEW:
            stack.preview_destroy(on_event=on_event, suppress_progress=True)
        case OperationKind.DESTROY:
            stack.destroy(refresh=refresh, on_event=on_event, show_secrets=False, suppress_progress=True)
        case OperationKind.EXPORT:
            exported = stack.export_stack()
            return OperationResult({"version": exported.version, "deployment": exported.deployment})
        case OperationKind.IMPORT:
            given = operation.deployment or {}
            stack.import_stack(auto.Deployment(version=given["version"], deployment=given["deployment"]))
        case OperationKind.CANCEL:
            stack.cancel()
        case OperationKind.REMOVE:
            stack.workspace.remove_stack(stack.name)
    return OperationResult()


def _initialise(operation: StackOperation, stack: _Stack) -> None:
    try:
        stack.workspace.create_stack(stack.name)
    except auto.StackAlreadyExistsError:
        return  # made by another command a moment ago
    _keep_stack_settings(operation, Path(stack.workspace.work_dir))


class _Command(auto.PulumiCommand):
    """The engine's command, without the version call at each start, and with its process known."""

    def __init__(self, operation: StackOperation, stop: child_process.Stop) -> None:
        settings = operation.settings
        self.command = str(settings.executable)
        self.version = VersionInfo.parse(settings.version.removeprefix("v"))
        self._stop = stop
        self._started = partial(witness_of(settings).engine, operation.stack)

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], Any] | None = None,
        on_error: Callable[[str], Any] | None = None,
    ) -> auto.CommandResult:
        with held_back():
            process = subprocess.Popen(
                [self.command, "--non-interactive", "--color", "never", *args],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env={**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"},
                encoding="utf-8",
                errors="replace",
            )
        self._stop.engine_started(process.pid)
        with self._started(process.pid):
            try:
                result = _read_to_end(process, on_output, on_error)
            finally:
                self._stop.engine_ended()
            if result.code < 0:
                raise EngineDied(
                    f"the engine was killed by signal {-result.code}",
                    hint="Nothing is lost: the state records each finished step. Run the same command again.",
                )
        if result.code != 0:
            raise auto.errors.create_command_error(result)
        return result


def _read_to_end(
    process: subprocess.Popen[str],
    on_output: Callable[[str], Any] | None,
    on_error: Callable[[str], Any] | None,
) -> auto.CommandResult:
    captured: dict[str, list[str]] = {"stdout": [], "stderr": []}

    def read(stream: Any, name: str, callback: Callable[[str], Any] | None) -> None:
        for line in stream:
            captured[name].append(line.rstrip("\n"))
            if callback is not None:
                callback(line.rstrip("\n"))

    readers = [
        threading.Thread(target=read, args=(process.stdout, "stdout", on_output)),
        threading.Thread(target=read, args=(process.stderr, "stderr", on_error)),
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return auto.CommandResult(
        stdout="\n".join(captured["stdout"]), stderr="\n".join(captured["stderr"]), code=process.wait()
    )


class _Stack(auto.Stack):
    """A stack that is known to exist, without the calls made before and after each operation.

    Automation's own class starts the command four more times around an update (select, outputs twice,
    history), about half a second each, for answers that the events have given already; the history call
    would also return configuration in plain text.
    """

    def __init__(self, name: str, workspace: auto.Workspace) -> None:
        self.name = name
        self.workspace = workspace

    def outputs(self) -> auto.OutputMap:
        return {}

    def info(self, show_secrets: bool = False) -> auto.UpdateSummary:
        return auto.UpdateSummary(
            kind="update",
            start_time=None,  # type: ignore[arg-type]  # unused here
            message="",
            environment={},
            config={},
            result="succeeded",
        )


def _open(
    operation: StackOperation, folder: Path, stop: child_process.Stop, refused: list[CygniError]
) -> _Stack:
    """The stack, whose program puts what it refuses to do into `refused`."""
    settings = operation.settings
    work, home = folder / "work", folder / "home"
    for path in (work, home):
        path.mkdir()
    settings.plugin_cache.mkdir(parents=True, exist_ok=True)
    (home / "plugins").symlink_to(settings.plugin_cache)
    (work / "Pulumi.yaml").write_text(json.dumps(_project_settings(settings)), encoding="utf-8")
    kept = _stack_settings_file(operation)
    config = yaml.safe_load(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    # Another machine may have made the stack, or made it anew: what the state was encrypted with counts.
    if salt := stored_salt(settings, operation.stack):
        config["encryptionsalt"] = salt
    config["config"] = {"aws:region": settings.region}
    (work / f"Pulumi.{operation.stack}.yaml").write_text(json.dumps(config), encoding="utf-8")
    program = None
    if operation.inputs is not None:
        program = remembering(program_for(operation.stack, operation.inputs, operation.upstream), refused)
        if operation.kind in (OperationKind.PREVIEW, OperationKind.UP):
            program = loading_ahead(operation.inputs.part, program)
    workspace = auto.LocalWorkspace(
        work_dir=str(work),
        pulumi_home=str(home),
        program=program,
        secrets_provider="passphrase",
        env_vars=engine_environment(settings, Path(tempfile.gettempdir())),
        pulumi_command=_Command(operation, stop),
    )
    return _Stack(operation.stack, workspace)


def _project_settings(settings: EngineSettings) -> dict[str, Any]:
    # The back end is told by a variable alone: its URL may hold a password.
    project: dict[str, Any] = {"name": PULUMI_PROJECT, "runtime": "python"}
    if settings.plugins:
        project["plugins"] = {
            "providers": [{"name": name, "path": str(path)} for name, path in settings.plugins.items()]
        }
    return project


def _stack_settings_file(operation: StackOperation) -> Path:
    return operation.settings.config_dir / f"{operation.stack}.yaml"


def _keep_stack_settings(operation: StackOperation, work: Path) -> None:
    """The salt of the stack's encryption lives in its settings file, which must outlive the work folder."""
    made = work / f"Pulumi.{operation.stack}.yaml"
    write_whole(_stack_settings_file(operation), made.read_text(encoding="utf-8"))


def _translated(event: engine_events.EngineEvent) -> list[StackEvent]:
    if event.resource_pre_event:
        return [_step("planned", event.resource_pre_event.metadata)]
    if event.res_outputs_event:
        return [_step("done", event.res_outputs_event.metadata)]
    if event.res_op_failed_event:
        return [_step("failed", event.res_op_failed_event.metadata)]
    if event.diagnostic_event:
        said = event.diagnostic_event
        if said.ephemeral or said.severity == "debug":
            return []
        return [DiagnosticEvent(said.severity, said.message.strip(), said.urn or "")]
    if event.policy_event:
        found = event.policy_event
        return [
            PolicyEvent(
                found.policy_name,
                found.policy_pack_name,
                found.enforcement_level,
                found.message,
                found.resource_urn or "",
            )
        ]
    if event.summary_event:
        summary = event.summary_event
        changes = {str(getattr(op, "value", op)): count for op, count in summary.resource_changes.items()}
        return [SummaryEvent(changes, float(summary.duration_seconds))]
    return []


def _step(phase: Any, metadata: engine_events.StepEventMetadata) -> StepEvent:
    return StepEvent(
        phase=phase,
        operation=str(getattr(metadata.op, "value", metadata.op)),
        urn=metadata.urn,
        type=metadata.type,
        old=_state(metadata.old),
        new=_state(metadata.new),
        replace_keys=tuple(metadata.keys or ()),
        changed_keys=tuple(metadata.diffs or ()),
        diff={path: change.diff_kind.value for path, change in (metadata.detailed_diff or {}).items()},
    )


def _state(state: engine_events.StepEventStateMetadata | None) -> ResourceState | None:
    if state is None:
        return None
    return ResourceState(
        type=state.type,
        urn=state.urn,
        id=state.id or "",
        parent=state.parent or "",
        custom=bool(state.custom),
        inputs=state.inputs or {},
        outputs=state.outputs or {},
    )
