from __future__ import annotations

import pytest

from cli.exit_codes import ExitCode, exit_code
from cygni import errors
from cygni.errors import CygniError

# What a program may rely on: for each class of the tree its code and the exit code it ends a command with.
TABLE: dict[type[CygniError], tuple[str, int]] = {
    errors.CygniError: ("internal_error", 1),
    errors.UsageError: ("usage", 2),
    errors.ConfirmationRequired: ("confirmation_required", 2),
    errors.BuildContextRefused: ("build_context_refused", 2),
    errors.BuildSecretMissing: ("build_secret_missing", 2),
    errors.NoExchangeRate: ("no_exchange_rate", 2),
    errors.SpecError: ("spec_invalid", 2),
    errors.NotFound: ("not_found", 6),
    errors.EngineError: ("engine_failed", 1),
    errors.EngineMissing: ("engine_missing", 15),
    errors.EngineDied: ("engine_died", 1),
    errors.AuthError: ("auth_failed", 3),
    errors.ResourceFailed: ("resource_failed", 4),
    errors.Unreachable: ("unreachable", 4),
    errors.PolicyViolation: ("policy_violation", 5),
    errors.WorldChanged: ("world_changed", 7),
    errors.NotPromotable: ("not_promotable", 7),
    errors.StatefulProtected: ("stateful_protected", 2),
    errors.Cancelled: ("cancelled", 8),
    errors.DeadlineExceeded: ("deadline_exceeded", 9),
    errors.LockHeld: ("lock_held", 13),
    errors.LeaseLost: ("lease_lost", 13),
    errors.ReleaseFailed: ("release_failed", 11),
    errors.Unauthenticated: ("unauthenticated", 3),
    errors.PermissionDenied: ("permission_denied", 3),
    errors.AlreadyExists: ("already_exists", 1),
    errors.PreconditionFailed: ("precondition_failed", 7),
    errors.WrongState: ("wrong_state", 7),
    errors.LimitReached: ("limit_reached", 1),
    errors.DocumentError: ("document_invalid", 2),
    errors.GateFailed: ("gate_failed", 11),
    errors.TasksFailed: ("tasks_failed", 11),
    errors.JobFailed: ("job_failed", 11),
    errors.RunFailed: ("run_failed", 4),
    errors.ToolMissing: ("tool_missing", 15),
    errors.DeployKilled: ("deploy_killed", 1),
    errors.RollbackFailed: ("rollback_failed", 12),
    errors.PreflightFailed: ("preflight_failed", 15),
    errors.CostGuard: ("cost_guard", 14),
    errors.BudgetExceeded: ("budget_exceeded", 14),
    errors.PaymentOverdue: ("payment_overdue", 14),
    errors.BuildFailed: ("build_failed", 1),
    errors.BaseImageMissing: ("base_image_missing", 1),
    errors.RegistryUnreachable: ("registry_unreachable", 1),
    errors.PriceBookError: ("price_book_invalid", 1),
    errors.PriceListError: ("price_list_invalid", 1),
    errors.StateError: ("state_invalid", 1),
    errors.StateBeingMade: ("state_being_made", 1),
    errors.NoSpace: ("no_space", 15),
    errors.LocalCloudError: ("local_cloud_failed", 1),
    errors.ControlPlaneError: ("control_plane_failed", 1),
    errors.RateLimited: ("rate_limited", 1),
    errors.LocalCloudEmpty: ("local_cloud_empty", 7),
}


def tree(root: type[CygniError]) -> set[type[CygniError]]:
    return {root}.union(*(tree(kind) for kind in root.__subclasses__() if kind.__module__ == errors.__name__))


class TestExitCode:
    def test_is_decided_for_every_error(self) -> None:
        assert tree(CygniError) == set(TABLE)

    @pytest.mark.parametrize("kind", list(TABLE), ids=lambda kind: kind.__name__)
    def test_of_an_error_is_pinned_with_its_code(self, kind: type[CygniError]) -> None:
        assert (kind.code, exit_code(kind("what happened")).value) == TABLE[kind]

    def test_of_whatever_was_interrupted_is_130(self) -> None:
        assert exit_code(errors.Cancelled("x", details={"interrupted": True})) is ExitCode.INTERRUPTED

    def test_is_one_of_the_documented(self) -> None:
        assert {code.value: code.name for code in ExitCode} == {
            0: "OK",
            1: "GENERIC",
            2: "USAGE",
            3: "AUTH",
            4: "RESOURCE_FAILED",
            5: "POLICY",
            6: "NOT_FOUND",
            7: "UNEXPECTED_CHANGES",
            8: "CANCELLED",
            9: "TIMEOUT",
            10: "CHANGES_PENDING",
            11: "GATE_FAILED",
            12: "ROLLBACK_FAILED",
            13: "LOCK_HELD",
            14: "COST_GUARD",
            15: "PREFLIGHT_FAILED",
            130: "INTERRUPTED",
        }


class TestErrorTree:
    def test_is_drawn_whole(self) -> None:
        drawn = errors.__doc__ or ""
        for kind, (code, _) in TABLE.items():
            assert f"{kind.__name__} " in drawn
            assert f" {code}" in drawn

    def test_has_one_code_for_each_class(self) -> None:
        assert len({code for code, _ in TABLE.values()}) == len(TABLE)
