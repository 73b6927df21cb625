"""Every error Cygni raises on purpose.

    CygniError                    internal_error
    ├── UsageError                usage              the call itself makes no sense
    │   ├── ConfirmationRequired  confirmation_required  no terminal and no --yes
    │   ├── BuildContextRefused   build_context_refused  an image cannot be made from such a folder
    │   ├── BuildSecretMissing    build_secret_missing   what a secret of a build refers to cannot be had
    │   └── NoExchangeRate        no_exchange_rate   an amount is asked for in a currency without a rate
    ├── SpecError                 spec_invalid       cygni.yaml, with file, line and column
    ├── NotFound                  not_found          no such project, environment, stack
    ├── EngineError               engine_failed      the Pulumi engine could not do its work
    │   ├── EngineMissing         engine_missing     no engine found, downloaded or built
    │   └── EngineDied            engine_died        the engine's process ended without an answer
    ├── AuthError                 auth_failed        AWS or a forge does not know, or does not allow, the caller
    │   ├── Unauthenticated       unauthenticated    the control plane does not know the caller
    │   └── PermissionDenied      permission_denied  the control plane does not allow it to the caller
    ├── AlreadyExists             already_exists     the name is taken
    ├── PreconditionFailed        precondition_failed somebody else has changed it since it was read
    ├── WrongState                wrong_state        it is over already, or not yet where this can be done with it
    ├── LimitReached              limit_reached      the plan of the organization allows no more of it
    ├── ResourceFailed            resource_failed    the cloud refused a resource
    │   └── Unreachable           unreachable        the cloud does not answer, or asks to come back later
    ├── PolicyViolation           policy_violation   a mandatory policy forbids the plan
    ├── WorldChanged              world_changed      the plan no longer fits what is there
    ├── NotPromotable         not_promotable     what one environment runs cannot be given to another as it is
    ├── StatefulProtected         stateful_protected replacing or deleting data, not allowed by name
    ├── Cancelled                 cancelled          a person said no, or stopped it
    ├── DeadlineExceeded          deadline_exceeded
    ├── LockHeld                  lock_held          somebody else is deploying
    │   └── LeaseLost             lease_lost         somebody else has taken over what this command was releasing
    ├── ReleaseFailed             release_failed     a release was not let through; what ran before runs
    │   ├── GateFailed            gate_failed        a gate, a check or an alarm spoke against it
    │   ├── TasksFailed           tasks_failed       its tasks end, cannot start or do not get healthy
    │   └── JobFailed             job_failed         the job that must succeed before it did not
    ├── ToolMissing               tool_missing       a program of somebody else's is not installed, or too old
    ├── RunFailed                 run_failed         a job that was run by hand ended badly
    ├── RollbackFailed            rollback_failed    and what ran before could not be brought back
    ├── DeployKilled              deploy_killed      the process that deployed was killed before it was done
    ├── PreflightFailed           preflight_failed   a check before a deploy found what is in its way
    ├── CostGuard                 cost_guard         the plan costs more than was allowed
    │   ├── BudgetExceeded        budget_exceeded    a budget of the control plane has too little left
    │   └── PaymentOverdue        payment_overdue    an invoice is not paid, and its grace is over
    ├── BuildFailed           build_failed       an image could not be made from the folder of a service
    │   ├── BaseImageMissing      base_image_missing   the image it begins with is not there, or not for the caller
    │   └── RegistryUnreachable   registry_unreachable a registry does not answer, or stopped to on the way
    ├── PriceBookError            price_book_invalid
    ├── PriceListError            price_list_invalid AWS's price list is not what Cygni can read
    ├── DocumentError             document_invalid   a preview or a state that was given cannot be read
    ├── StateError                state_invalid      Cygni's own records cannot be read or written
    │   ├── StateBeingMade        state_being_made   somebody else is making their place at this moment
    │   └── NoSpace               no_space           too little room on the disk to begin
    ├── LocalCloudError           local_cloud_failed
    │   └── LocalCloudEmpty       local_cloud_empty  the state has resources, the local cloud has none
    └── ControlPlaneError     control_plane_failed   the control plane does not start, or does not answer as one
        └── RateLimited       rate_limited       the control plane takes no more requests of the caller for a while

A code is stable; the wording is not. How an error is shown (exit code, problem+json) is decided where it
is shown, never here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class CygniError(Exception):
    """Something a person can act on.

    `message` says what happened, `hint` what to do next, `details` holds machine-readable facts.
    """

    code: ClassVar[str] = "internal_error"

    def __init__(self, message: str, *, hint: str | None = None, details: Mapping[str, Any] | None = None):
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: dict[str, Any] = dict(details or {})


class UsageError(CygniError):
    code = "usage"


class ConfirmationRequired(UsageError):
    code = "confirmation_required"


class BuildContextRefused(UsageError):
    """`details` have the `reason` (too_large, link_leaves, link_loop, special_file, unreadable) and the `path`."""

    code = "build_context_refused"


class BuildSecretMissing(UsageError):
    """`details` have the `id` and the `reference`."""

    code = "build_secret_missing"


class NoExchangeRate(UsageError):
    code = "no_exchange_rate"


class SpecError(CygniError):
    code = "spec_invalid"


class NotFound(CygniError):
    code = "not_found"


class EngineError(CygniError):
    code = "engine_failed"


class EngineMissing(EngineError):
    code = "engine_missing"


class EngineDied(EngineError):
    code = "engine_died"


class AuthError(CygniError):
    code = "auth_failed"


CREDENTIALS_HINT = (
    "Give valid credentials that may do this: AWS_PROFILE (after aws sso login), or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY with AWS_SESSION_TOKEN. Check whose they are with: aws sts get-caller-identity"
)


class Unauthenticated(AuthError):
    code = "unauthenticated"


class PermissionDenied(AuthError):
    code = "permission_denied"


class AlreadyExists(CygniError):
    code = "already_exists"


class PreconditionFailed(CygniError):
    code = "precondition_failed"


class WrongState(CygniError):
    code = "wrong_state"


class LimitReached(CygniError):
    code = "limit_reached"


class ResourceFailed(CygniError):
    code = "resource_failed"


class Unreachable(ResourceFailed):
    """The same call may do well a moment later."""

    code = "unreachable"


class PolicyViolation(CygniError):
    code = "policy_violation"


class WorldChanged(CygniError):
    code = "world_changed"


class NotPromotable(CygniError):
    code = "not_promotable"


class StatefulProtected(CygniError):
    code = "stateful_protected"


class Cancelled(CygniError):
    code = "cancelled"


class DeadlineExceeded(CygniError):
    code = "deadline_exceeded"


class LockHeld(CygniError):
    code = "lock_held"


class LeaseLost(LockHeld):
    code = "lease_lost"


class ReleaseFailed(CygniError):
    code = "release_failed"


class GateFailed(ReleaseFailed):
    code = "gate_failed"


class TasksFailed(ReleaseFailed):
    """`details` have the task's `exit_code`, its stop `reason` and the last lines of its log, `lines`."""

    code = "tasks_failed"


class JobFailed(ReleaseFailed):
    """`details` as those of TasksFailed."""

    code = "job_failed"


class ToolMissing(CygniError):
    code = "tool_missing"


class RunFailed(CygniError):
    """`details` as those of TasksFailed."""

    code = "run_failed"


class RollbackFailed(CygniError):
    code = "rollback_failed"


class DeployKilled(CygniError):
    code = "deploy_killed"


class CostGuard(CygniError):
    code = "cost_guard"


class BudgetExceeded(CostGuard):
    """`details` have the `budget`, its `amount` and `unit`, what is `left` of it and what was `needed`."""

    code = "budget_exceeded"


class PaymentOverdue(CostGuard):
    """`details` have the number of the `invoice`, and when it was `due`."""

    code = "payment_overdue"


class PreflightFailed(CygniError):
    """`details` have the failed `checks`, as `cx doctor --json` has them."""

    code = "preflight_failed"


class BuildFailed(CygniError):
    """`details` have the `tool`, its `exit_code` and the `last_lines` that it said."""

    code = "build_failed"


class BaseImageMissing(BuildFailed):
    """`details` have the `base` too."""

    code = "base_image_missing"


class RegistryUnreachable(BuildFailed):
    """The same command may do well a moment later."""

    code = "registry_unreachable"


class PriceBookError(CygniError):
    code = "price_book_invalid"


class PriceListError(CygniError):
    """`details` may have `problems`: each with its `kind`, `offer`, `region`, `price` and `text`."""

    code = "price_list_invalid"


class DocumentError(CygniError):
    code = "document_invalid"


class StateError(CygniError):
    code = "state_invalid"


class StateBeingMade(StateError):
    """Somebody else is making the place of the states at this moment: to ask again finds it made."""

    code = "state_being_made"


class NoSpace(StateError):
    code = "no_space"


class LocalCloudError(CygniError):
    code = "local_cloud_failed"


class LocalCloudEmpty(LocalCloudError):
    code = "local_cloud_empty"


class ControlPlaneError(CygniError):
    code = "control_plane_failed"


class RateLimited(ControlPlaneError):
    """`details` have `retry_after`: in how many seconds the same request may do well, where the server says."""

    code = "rate_limited"


def rebuilt(told: Mapping[str, Any]) -> CygniError:
    """The error that another process or a control plane told (`code`, `message`, `hint`, `details`), of its own class;
    of CygniError itself for a code that this version does not know."""
    kinds: list[type[CygniError]] = [CygniError]
    for kind in kinds:  # grows as it goes
        kinds += kind.__subclasses__()
    kind = next((one for one in kinds if one.code == told["code"]), CygniError)
    return kind(told["message"], hint=told.get("hint"), details=told.get("details"))
