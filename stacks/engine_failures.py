"""What the engine's error text means, as one of Cygni's errors (pure).

The engine exits with 1 for nearly everything, so the text and the diagnostics it sent have to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cygni.errors import (
    CREDENTIALS_HINT,
    AuthError,
    CygniError,
    EngineDied,
    EngineError,
    EngineMissing,
    LockHeld,
    NotFound,
    ResourceFailed,
    StateBeingMade,
    StateError,
    WorldChanged,
)
from cygni.plan.events import STACK_TYPE, DiagnosticEvent, name_of
from cygni.resources import is_cloud
from stacks.operations import OperationKind, StackOperation

_ENGINE_CHATTER = ("update failed", "preview failed", "running program")
_PROGRAM_FAILED = "python inline source runtime error:"
_TRACEBACK = "Traceback (most recent call last)"
_NOT_REACHED = "expected resource operations for"  # of each planned step that a failure before it prevented


def failure_of(operation: StackOperation, text: str, said: Sequence[DiagnosticEvent]) -> CygniError:
    """The error a person should see for a failed engine command.

    `text` is the command's output, `said` the diagnostics received while it ran.
    """
    errors = [event for event in said if event.severity == "error"]
    engines = _engines_own(text, said)
    for phrase, build in _KNOWN:
        if phrase.search(engines):
            return build(operation, engines)
    for event in errors:
        for phrase, build in _KNOWN_OF_STEPS:
            if phrase.match(event.message.strip()):
                return build(operation, event.message)
    if operation.kind is OperationKind.UP and operation.plan_file:
        if not errors and _is_silent(text):
            return _outputs_changed(operation)
        if any(event.message.startswith(_NOT_REACHED) for event in errors) and all(
            _is_chatter(event.message) for event in errors
        ):
            return _nothing_to_do(operation, errors)
    return _resource_failure(operation, text, errors)


def _engines_own(text: str, said: Sequence[DiagnosticEvent]) -> str:
    """What the engine said for itself: a resource's message, which the output repeats, is the cloud's own words."""
    of_resources = {line for event in said if _is_resources(event) for line in _lines(event.message)}
    own = [line for line in _lines(text) if line.removeprefix("error: ") not in of_resources]
    general = [event.message for event in said if event.severity == "error" and not _is_resources(event)]
    return "\n".join([*own, *general])


def _is_resources(event: DiagnosticEvent) -> bool:
    parts = event.urn.split("::")
    return len(parts) > 2 and is_cloud(parts[2].rpartition("$")[2])


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines()]


_LOOKS_ONLY = frozenset({OperationKind.PREVIEW, OperationKind.DESTROY_PREVIEW})
_NOTHING_DONE = "Nothing was changed. Mend the cause and run the same command again."
_CONTINUE = "What was finished is recorded. Mend the cause and run the same command again to continue."


def _resource_failure(operation: StackOperation, text: str, errors: Sequence[DiagnosticEvent]) -> CygniError:
    stopped = _NOTHING_DONE if operation.kind in _LOOKS_ONLY else _CONTINUE
    blamed = [event for event in errors if event.urn and not _is_chatter(event.message)]
    about = [event for event in blamed if not _is_program(event)]
    messages = [f"{name_of(event.urn)}: {_one_line(event.message)}" for event in about]
    general = [
        _one_line(event.message) for event in errors if event not in about and not _is_chatter(event.message)
    ]
    said = "\n".join(dict.fromkeys(messages or general[:1] or _denials(text)))
    details: dict[str, object] = {"stack": operation.stack}
    if about:
        details["resources"] = sorted({event.urn for event in about})
    if is_denied(said):
        return AuthError(said, hint=f"{CREDENTIALS_HINT} {stopped}", details=details)
    if about:
        return ResourceFailed(said, hint=_one_per_account(said) or stopped, details=details)
    return EngineError(
        said or f"the engine failed on stack {operation.stack}",
        hint="Run again with --debug to see all the engine said.",
        details={**details, "output": text[-4000:]},
    )


_ONE_PER_ACCOUNT = {
    "security.guardduty": re.compile(r"a detector already exists for the current account", re.IGNORECASE),
    "security.security_hub": re.compile(r"already subscribed to Security Hub", re.IGNORECASE),
}
"""How AWS refuses a second of what an account has one of in a region, by what asks for it in cygni.yaml."""


def _one_per_account(said: str) -> str:
    """What to do where somebody else has switched on what is for the whole account; empty for anything else."""
    asked = [key for key, refusal in _ONE_PER_ACCOUNT.items() if refusal.search(said)]
    if not asked:
        return ""
    keys = " and ".join(asked)
    return f"It is on in this account and region, and watches over this environment too: remove {keys} here."


# How AWS, botocore and the SDK for Go say that they do not know, or do not allow, the caller.
_DENIED = re.compile(
    r"\b(ExpiredToken(Exception)?|RequestExpired|InvalidClientTokenId|InvalidAccessKeyId|SignatureDoesNotMatch"
    r"|UnrecognizedClientException|AuthFailure|AccessDenied(Exception)?|UnauthorizedOperation"
    r"|NoCredentials(Error)?|NoCredentialProviders|ProfileNotFound)\b"
    r"|no valid credential sources|unable to locate credentials|failed to refresh cached credentials"
    r"|failed to get shared config profile|the config profile \([^)]*\) could not be found|the SSO session .* expired",
    re.IGNORECASE,
)


def is_denied(words: str) -> bool:
    """Whether that is how AWS or one of its SDKs says that it does not know, or does not allow, the caller."""
    return bool(_DENIED.search(words))


def _denials(text: str) -> list[str]:
    return [_one_line(line) for line in text.splitlines() if is_denied(line)][:1]


def _is_program(event: DiagnosticEvent) -> bool:
    """Whether it is the program as a whole that failed, not one resource."""
    return f"::{STACK_TYPE}::" in event.urn


def _is_chatter(message: str) -> bool:
    return message.strip() in _ENGINE_CHATTER or message.startswith(_NOT_REACHED)


def _one_line(message: str) -> str:
    """What was said in one line, without the traceback that the SDK appends to a program's exception."""
    said, _, traceback = message.partition(_TRACEBACK)
    lines = said.removeprefix(_PROGRAM_FAILED).split() or traceback.strip().splitlines()[-1:]
    return " ".join(lines)


def _lock_held(operation: StackOperation, words: str) -> CygniError:
    holder = re.search(r"created by (\S+) \(pid (\d+)\) at (\S+)", words)
    by = f" by {holder[1]} (pid {holder[2]}) since {holder[3]}" if holder else ""
    return LockHeld(
        f"stack {operation.stack} is locked{by}",
        hint="Wait for that deploy to end, or wait for it here with --lock-wait 15m. cx unlock tells whether it lives.",
    )


def _is_silent(text: str) -> bool:
    """Whether the engine came to its end and failed all the same, without a word why. It does so (3.255) where the
    stack's own outputs are not those of its plan, which it looks at last."""
    return bool(re.search(r"^Duration: ", text, re.MULTILINE)) and "error:" not in text


def _outputs_changed(operation: StackOperation) -> CygniError:
    return WorldChanged(
        f"the outputs of {operation.stack} are no longer those that were shown, though its resources are",
        hint="The resources are done and recorded, the outputs are as they were before. Run the command again to see "
        "the new plan.",
        details={"stack": operation.stack},
    )


def _nothing_to_do(operation: StackOperation, errors: Iterable[DiagnosticEvent]) -> CygniError:
    """Where no failure kept the engine from what the plan has, there was nothing to do for it after all."""
    names = sorted({name_of(event.urn) for event in errors if event.message.startswith(_NOT_REACHED)})
    return WorldChanged(
        f"what would be applied is no longer what was shown: nothing was to be done for {', '.join(names)}",
        hint="What was finished is recorded. Run the command again to see the new plan.",
        details={"stack": operation.stack},
    )


def _plan_violated(operation: StackOperation, words: str) -> CygniError:
    found = re.search(_VIOLATION + "(.*)", words)
    urn = (found[1] or found[2]) if found else None
    name = f"{name_of(urn)}: " if urn else ""
    what = f": {name}{_one_line(found[3])}" if found else ""
    return WorldChanged(
        f"what would be applied is no longer what was shown{what}",
        hint="Nothing further was changed. Run the command again to see the new plan.",
        details={"stack": operation.stack},
    )


def _no_stack(operation: StackOperation, _: str) -> CygniError:
    return NotFound(f"there is no stack {operation.stack} in the state", hint="Deploy it first: cx deploy")


def _passphrase(operation: StackOperation, _: str) -> CygniError:
    return StateError(
        f"the state of {operation.stack} was encrypted with another passphrase",
        hint=f"Restore the file {operation.settings.passphrase_file} that belonged to this state, or name the one that "
        "does with CYGNI_PASSPHRASE_FILE: who shares a state shares its passphrase.",
    )


def _no_plugin(operation: StackOperation, words: str) -> CygniError:
    found = re.search(r"resource plugin '?pulumi-resource-(\w+)'? at version v?([\d.]+)", words)
    which = f"the official {found[1]} provider {found[2]}" if found else "a provider plugin"
    return EngineMissing(
        f"{which} is not here and could not be downloaded",
        hint=f"It is downloaded once, to {operation.settings.plugin_cache}: run this where there is internet. "
        "The environment local needs no download.",
        details={"stack": operation.stack},
    )


def _provider_died(operation: StackOperation, _: str) -> CygniError:
    return EngineDied(
        f"the provider plugin ended in the middle of its work on stack {operation.stack}",
        hint="Nothing is lost. Run the same command again: it looks up in the cloud what was in flight.",
        details={"stack": operation.stack},
    )


def _disk_full(operation: StackOperation, _: str) -> CygniError:
    return StateError(
        "no space left on the device while the engine wrote its state",
        hint="Free some space and run the same command again: it continues from what was recorded.",
        details={"stack": operation.stack},
    )


def _being_made(operation: StackOperation, _: str) -> CygniError:
    return StateBeingMade(
        "another process makes the table of the states at the same time",
        hint="Nothing was done. Run the same command again.",
        details={"stack": operation.stack},
    )


def _phrase(pattern: str) -> re.Pattern[str]:
    """A phrase as the engine begins a line with it; the SDK names the stream where the output begins."""
    return re.compile(rf"^(?:\s*(?:stdout|stderr|error|warning):)*\s*(?:{pattern})", re.MULTILINE)


# Of a component's outputs it does not say whose they are.
_VIOLATION = r"(?:resource (?:(urn:\S+) )?violates plan: |(urn:\S+) is not allowed by the plan: )"

_KNOWN = (
    (re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE), _disk_full),
    (_phrase(r"(?:\[[^\]]*\] )?the stack is currently locked by"), _lock_held),
    (_phrase(_VIOLATION), _plan_violated),
    (
        re.compile(r"Could not automatically download and install|could not find plugin|no resource plugin"),
        _no_plugin,
    ),
    (
        re.compile(
            r"error reading from server|transport is closing|connection error: desc|could not read plugin"
        ),
        _provider_died,
    ),
    (_phrase("no stack named"), _no_stack),
    # The engine makes its table in PostgreSQL "if not exists", which two at once both find to be so.
    (re.compile(r"failed to create table .*\((?:23505|42P07|XX000)\)"), _being_made),
    (re.compile(r"(?:^|: |\s)incorrect passphrase", re.MULTILINE), _passphrase),
)
"""What is said of no resource."""

_KNOWN_OF_STEPS = (
    (
        re.compile(r".*failed to save snapshot.*(?:no space left on device|disk quota exceeded)", re.DOTALL),
        _disk_full,
    ),
    (re.compile(_VIOLATION), _plan_violated),
    (
        re.compile(
            r"(?:rpc error: code = \w+ desc = )?"
            r"(?:error reading from server|transport is closing|connection error: desc|could not read plugin)"
        ),
        _provider_died,
    ),
)
"""What the engine itself says of the step of a resource, from the beginning of the message: of the state it
writes, of its plan, of a provider that is gone."""
