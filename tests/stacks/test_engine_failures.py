from __future__ import annotations

from pathlib import Path

import pytest

from cygni.errors import (
    AuthError,
    CygniError,
    EngineDied,
    EngineError,
    LockHeld,
    NotFound,
    ResourceFailed,
    StateBeingMade,
    StateError,
    WorldChanged,
)
from cygni.plan.events import DiagnosticEvent
from stacks.engine_failures import failure_of
from stacks.operations import OperationKind, StackOperation
from tests.factories import create_environment

STACK = "shop.staging.data"
BUCKET = f"urn:pulumi:{STACK}::cygni::aws:s3/bucket:Bucket::shop-staging-uploads"
VPC = f"urn:pulumi:{STACK}::cygni::aws:ec2/vpc:Vpc::shop-staging"
PROGRAM = f"urn:pulumi:{STACK}::cygni::pulumi:pulumi:Stack::cygni-{STACK}"


def failure(text: str = "", *said: DiagnosticEvent) -> CygniError:
    settings = create_environment(Path("/made-up")).engine
    return failure_of(StackOperation(OperationKind.UP, STACK, settings), text, said)


def applied(text: str = "", *said: DiagnosticEvent) -> CygniError:
    """As `failure`, of an update that is held to a plan."""
    settings = create_environment(Path("/made-up")).engine
    operation = StackOperation(OperationKind.UP, STACK, settings, plan_file=Path("/made-up/plan.json"))
    return failure_of(operation, text, said)


def error(message: str, urn: str = "") -> DiagnosticEvent:
    return DiagnosticEvent("error", message, urn)


TABLE = [
    (
        (
            "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete "
            "the lock file with `pulumi cancel`.\n  file:///s/.pulumi/locks/a.json: created by me@box (pid 12) at "
            "2026-01-02T03:04:05Z"
        ),
        LockHeld,
        f"stack {STACK} is locked by me@box (pid 12) since 2026-01-02T03:04:05Z",
    ),
    ("error: the stack is currently locked by somebody", LockHeld, f"stack {STACK} is locked"),
    (
        f"error: resource {BUCKET} violates plan: properties changed: ~~versioning[{{true}}!={{false}}]",
        WorldChanged,
        (
            "what would be applied is no longer what was shown: shop-staging-uploads: properties changed: "
            "~~versioning[{true}!={false}]"
        ),
    ),
    (
        f"error: {BUCKET} is not allowed by the plan: no steps were expected for this resource",
        WorldChanged,
        (
            "what would be applied is no longer what was shown: shop-staging-uploads: no steps were expected for this "
            "resource"
        ),
    ),
    ("error: no stack named 'x' found", NotFound, f"there is no stack {STACK} in the state"),
    (
        "error: incorrect passphrase",
        StateError,
        f"the state of {STACK} was encrypted with another passphrase",
    ),
    (
        "error: failed to save snapshot: write /s/x.json: no space left on device",
        StateError,
        "no space left on the device while the engine wrote its state",
    ),
    (
        "error: disk quota exceeded",
        StateError,
        "no space left on the device while the engine wrote its state",
    ),
    (
        (
            "error: unable to open bucket postgres://[secret]@/states: failed to create table pulumi_state: pq: "
            'duplicate key value violates unique constraint "pg_type_typname_nsp_index" (23505)'
        ),
        StateBeingMade,
        "another process makes the table of the states at the same time",
    ),
    ("exit status 255", EngineError, f"the engine failed on stack {STACK}"),
    ("", EngineError, f"the engine failed on stack {STACK}"),
]


TRACEBACK = 'Traceback (most recent call last):\n  File "/x/_server.py", line 96, in Run\n    self.run()\n'
DENIED = [
    "operation error STS: GetCallerIdentity, api error ExpiredToken: The security token included is expired",
    "api error InvalidClientTokenId: The security token included in the request is invalid.",
    "UnrecognizedClientException: The security token included in the request is invalid",
    "api error AuthFailure: AWS was not able to validate the provided access credentials",
    "api error AccessDenied: User: arn:aws:iam::123456789012:user/me is not authorized to perform: iam:CreateRole",
    "AccessDeniedException: User is not authorized to perform: ecs:CreateCluster",
    "api error UnauthorizedOperation: You are not authorized to perform this operation.",
    "NoCredentialsError: Unable to locate credentials",
    "No valid credential sources found",
    "failed to get shared config profile, nonexist",
    "The config profile (nonexist) could not be found",
]


class TestDeniedCaller:
    @pytest.mark.parametrize("said", DENIED)
    def test_is_told_from_a_resource_that_failed(self, said: str) -> None:
        found = failure("error: update failed", error(said, VPC))
        assert (type(found), found.message) == (AuthError, f"shop-staging: {said}")
        assert found.details == {"stack": STACK, "resources": [VPC]}
        assert "AWS_PROFILE" in (found.hint or "")

    @pytest.mark.parametrize("said", DENIED)
    def test_is_told_from_a_program_that_failed(self, said: str) -> None:
        message = f"invoke of aws:index/getAvailabilityZones:getAvailabilityZones failed: {said}"
        raised = f"python inline source runtime error: {message}\n{TRACEBACK}Exception: {message}\n"
        found = failure("error: an unhandled error occurred", error(raised, PROGRAM))
        assert (type(found), found.message) == (AuthError, message)

    @pytest.mark.parametrize("said", DENIED)
    def test_is_told_from_the_engines_output_alone(self, said: str) -> None:
        found = failure(f"Previewing update\nerror: {said}\n")
        assert (type(found), found.message) == (AuthError, f"error: {said}")


class TestProgramThatFailed:
    def test_is_told_without_its_traceback(self) -> None:
        raised = f"python inline source runtime error: no zones\n{TRACEBACK}ValueError: no zones\n"
        found = failure("exit status 255", error(raised, PROGRAM))
        assert (type(found), found.message) == (EngineError, "no zones")

    def test_is_told_by_its_exception_if_that_says_nothing(self) -> None:
        raised = f"python inline source runtime error: \n{TRACEBACK}AssertionError\n"
        assert failure("", error(raised, PROGRAM)).message == "AssertionError"


OF_RESOURCES = [
    "deleting bucket: it is currently locked by another operation",
    "the stack is currently locked by a person",
    "updating the stack:\n  no stack named 'web' exists",
    "writing an object: no space left on device",
    "the policy violates plan limits",
    "this is not allowed by the plan: of your account",
    "incorrect passphrase",
    "proxy: connection error: desc = refused by the upstream",
    "could not find plugin for the mail server",
]


class TestFailureOf:
    @pytest.mark.parametrize(("text", "kind", "message"), TABLE)
    def test_understands_the_engines_words(self, text: str, kind: type[CygniError], message: str) -> None:
        found = failure(text)
        assert (type(found), found.message) == (kind, message)
        assert found.hint

    def test_understands_the_silence_over_outputs_that_are_not_as_planned(self) -> None:
        text = (
            '\n code: 1\n stdout: Updating (t):\n\nOutputs:\n  - address: "1"\n\nResources:\n    2 unchanged\n\n'
            "Duration: 1s\n\n stderr: \n"
        )
        note = DiagnosticEvent("warning", "this bucket is old", BUCKET)
        found = applied(text, note)
        assert (type(found), found.details) == (WorldChanged, {"stack": STACK})
        assert found.message.startswith(f"the outputs of {STACK} are no longer those that were shown")
        assert "Run the command again" in (found.hint or "")
        assert type(failure(text, note)) is EngineError
        assert type(applied("\n code: 1\n stdout: Updating (t):\n stderr: \n")) is EngineError
        assert type(applied(text, error("no zones"))) is EngineError
        assert type(applied(text.replace("stderr: ", "stderr: error: update canceled"))) is EngineError

    def test_understands_outputs_of_a_component_that_are_not_as_planned(self) -> None:
        component = f"urn:pulumi:{STACK}::cygni::cygni:network:Network::shop-staging"
        found = applied("", error("resource violates plan: properties changed: ++o[{1}!={2}]\n", component))
        assert (type(found), found.message) == (
            WorldChanged,
            "what would be applied is no longer what was shown: properties changed: ++o[{1}!={2}]",
        )

    @pytest.mark.parametrize(("text", "kind", "message"), [row for row in TABLE if row[1] is not EngineError])
    def test_understands_them_in_a_diagnostic_too(
        self, text: str, kind: type[CygniError], message: str
    ) -> None:
        assert type(failure("exit status 1", error(text))) is kind

    @pytest.mark.parametrize("said", OF_RESOURCES)
    @pytest.mark.parametrize("repeated", [False, True])
    def test_takes_no_word_of_the_cloud_for_the_engines(self, said: str, repeated: bool) -> None:
        text = f"\n code: 1\n stdout: Diagnostics:\n  aws:s3:Bucket (b):\n    error: {said}\n\n stderr: \n"
        found = failure(text if repeated else "", error(said, BUCKET), error("update failed", PROGRAM))
        first = " ".join(said.split())
        assert (type(found), found.message) == (ResourceFailed, f"shop-staging-uploads: {first}")

    @pytest.mark.parametrize(
        ("said", "kind"),
        [
            (f"resource {BUCKET} violates plan: properties changed", WorldChanged),
            (f"{BUCKET} is not allowed by the plan: no steps were expected for this resource", WorldChanged),
            ("error reading from server: EOF", EngineDied),
            ("rpc error: code = Unavailable desc = transport is closing", EngineDied),
            (
                "post-step event returned an error: failed to save snapshot: write /s/x.json: no space left on device",
                StateError,
            ),
        ],
    )
    def test_understands_what_the_engine_says_of_a_step(self, said: str, kind: type[CygniError]) -> None:
        assert type(failure("", error(said, BUCKET))) is kind

    def test_finds_the_engines_words_among_those_of_resources(self) -> None:
        found = failure(
            "\n code: 255\n stdout: \n stderr: error: the stack is currently locked by 1 lock(s)\n",
            DiagnosticEvent("warning", "old", BUCKET),
        )
        assert isinstance(found, LockHeld)

    def test_blames_the_resources_that_failed(self) -> None:
        found = failure(
            "error: update failed",
            error("creating S3 bucket:\n   BucketAlreadyExists ", BUCKET),
            error("VpcLimitExceeded", VPC),
            error("update failed", PROGRAM),
        )
        assert isinstance(found, ResourceFailed)
        assert found.message == (
            "shop-staging-uploads: creating S3 bucket: BucketAlreadyExists\nshop-staging: VpcLimitExceeded"
        )
        assert found.details == {"stack": STACK, "resources": [VPC, BUCKET]}

    def test_tells_a_provider_that_died(self) -> None:
        found = failure("error: update failed", error("error reading from server: EOF", VPC))
        assert isinstance(found, EngineDied)
        assert found.message == f"the provider plugin ended in the middle of its work on stack {STACK}"

    def test_leaves_out_what_was_never_reached(self) -> None:
        found = failure(
            "",
            error("VpcLimitExceeded", VPC),
            error(f"expected resource operations for {BUCKET} but none were seen", BUCKET),
        )
        assert found.message == "shop-staging: VpcLimitExceeded"

    def test_tells_what_was_shown_and_had_nothing_to_do(self) -> None:
        """Nothing failed: what the plan has as a change turned out to be none."""
        unseen = [
            error(f"expected resource operations for {urn} but none were seen", urn) for urn in (BUCKET, VPC)
        ]
        found = applied("", *unseen, error("update failed", PROGRAM))
        assert (type(found), found.message) == (
            WorldChanged,
            (
                "what would be applied is no longer what was shown: nothing was to be done for shop-staging, "
                "shop-staging-uploads"
            ),
        )
        assert found.hint == "What was finished is recorded. Run the command again to see the new plan."

    def test_says_each_thing_once(self) -> None:
        assert failure("", error("no", BUCKET), error("no", BUCKET)).message == "shop-staging-uploads: no"

    def test_takes_warnings_for_no_failure(self) -> None:
        found = failure("", DiagnosticEvent("warning", "old", BUCKET))
        assert (type(found), found.details["output"]) == (EngineError, "")

    def test_tells_what_the_engine_said_when_no_resource_is_to_blame(self) -> None:
        found = failure("x" * 9000, error("could not load plugin\nfor aws"), error("preview failed"))
        assert (type(found), found.message) == (EngineError, "could not load plugin for aws")
        assert found.details == {"stack": STACK, "output": "x" * 4000}


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (
            "BadRequestException: The request is rejected because a detector already exists for the current account.",
            "security.guardduty",
        ),
        (
            "EnableSecurityHub: ResourceConflictException: Account is already subscribed to Security Hub",
            "security.security_hub",
        ),
    ],
)
def test_what_an_account_has_one_of_is_told_to_be_on_already(said: str, key: str) -> None:
    found = failure("", error(said, VPC))
    assert isinstance(found, ResourceFailed)
    assert found.hint is not None
    assert f"remove {key} here" in found.hint
