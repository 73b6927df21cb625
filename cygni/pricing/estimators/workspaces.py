"""WorkSpaces and AppStream: desktops and fleets."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text, whole

ESTIMATORS: Final = (
    priced(
        "aws:workspaces/workspace:Workspace",
        parts=(
            Part(
                fixed("desktop, {compute}", "AmazonWorkSpaces", "workspace", "workspace-month"),
                by={
                    "bundle": text("bundleId"),
                    "compute": text("workspaceProperties.computeTypeName", "VALUE"),
                    "running_mode": text("workspaceProperties.runningMode", "ALWAYS_ON"),
                },
            ),
        ),
    ),
    priced(
        "aws:appstream/fleet:Fleet",
        parts=(
            Part(
                fixed("fleet instance {instance_type}", "AmazonAppStream", "instance", "hour"),
                whole("computeCapacity.desiredInstances"),
                by={"instance_type": text("instanceType"), "fleet_type": text("fleetType", "ON_DEMAND")},
            ),
        ),
        not_counted=("fees of users",),
    ),
)
