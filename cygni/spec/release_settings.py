"""From a specification to what the release engine is told (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cygni.releases.settings import (
    CanaryStep,
    GateSettings,
    HealthTiming,
    HttpCheck,
    Limits,
    ReleaseSettings,
)
from cygni.spec.model import ProjectSpec
from cygni.spec.releasing import Gates, WorkerGates
from cygni.spec.services import WebService, WorkerService


def release_settings(spec: ProjectSpec) -> Mapping[str, ReleaseSettings]:
    """How each service that keeps running is released, by name."""
    found: dict[str, ReleaseSettings] = {}
    for name, service in sorted(spec.services.items()):
        if isinstance(service, WebService):
            found[name] = _web(service)
        elif isinstance(service, WorkerService):
            found[name] = _common(service)
    return found


def _common(service: WebService | WorkerService) -> ReleaseSettings:
    """What both kinds have, as of a worker."""
    release, scaled = service.release, service.autoscale
    return ReleaseSettings(
        strategy=service.strategy,
        takes_traffic=False,
        count=service.count,
        limits=Limits(scaled.min, scaled.max) if scaled is not None else None,
        canary=(),
        bake=float(release.bake),
        warm=0.0,
        start_timeout=float(release.start_timeout),
        crash_limit=release.crash_limit,
        approve=release.approve,
        before=release.before or "",
        before_timeout=float(release.before_timeout),
        depends_on=release.depends_on,
        group=release.group or "",
        gates=_common_gates(release.gates),
        timing=HealthTiming(0.0, 0, 0.0, float(service.stop_timeout)),
    )


def _web(service: WebService) -> ReleaseSettings:
    release, check = service.release, service.health_check
    return replace(
        _common(service),
        takes_traffic=True,
        canary=tuple(CanaryStep(weight, float(release.pause)) for weight in release.canary),
        warm=float(release.warm),
        gates=_gates(release.gates),
        timing=HealthTiming(
            float(check.interval),
            check.healthy_threshold,
            float(service.deregistration_delay),
            float(service.stop_timeout),
        ),
    )


def _common_gates(gates: WorkerGates) -> GateSettings:
    return GateSettings(
        error_tolerance=None,
        latency_factor=None,
        smoke=gates.smoke or (),
        smoke_timeout=float(gates.smoke_timeout),
        alarms=gates.alarms or (),
    )


def _gates(gates: Gates) -> GateSettings:
    return replace(
        _common_gates(gates),
        max_error_percent=gates.max_errors,
        error_tolerance=gates.error_tolerance if gates.compare else None,
        max_latency=gates.max_latency,
        latency_factor=gates.latency_factor if gates.compare else None,
        min_requests=gates.min_requests,
        patience=float(gates.patience),
        too_few=gates.too_few,
        http=tuple(
            HttpCheck(one.path, one.success_codes, one.contains, float(one.timeout))
            for _, one in sorted(gates.http.items())
        ),
    )
