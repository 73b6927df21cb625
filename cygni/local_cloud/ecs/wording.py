"""What ECS says of services and tasks, in its own words (pure), so that whoever reads them knows them from AWS.

Sources: Amazon ECS developer guide, "Amazon ECS service event messages" and "Stopped tasks error messages".
"""

from __future__ import annotations

from collections.abc import Sequence


def in_progress(deployment: str) -> str:
    return f"ECS deployment {deployment} in progress."


def completed(deployment: str) -> str:
    return f"ECS deployment {deployment} completed."


def failed(deployment: str) -> str:
    return "ECS deployment circuit breaker: tasks failed to start."


def rolling_back(deployment: str) -> str:
    """The reason of the deployment that takes the place of a failed one; `deployment` is what it goes back to."""
    return f"ECS deployment circuit breaker: rolling back to deploymentId {deployment}."


def event_started(service: str, tasks: Sequence[str]) -> str:
    return f"(service {service}) has started {len(tasks)} tasks: {_listed(tasks)}."


def event_stopped(service: str, tasks: Sequence[str]) -> str:
    return f"(service {service}) has stopped {len(tasks)} running tasks: {_listed(tasks)}."


def event_draining(service: str, count: int) -> str:
    return f"(service {service}) has begun draining connections on {count} tasks."


def event_registered(service: str, count: int, target_group: str) -> str:
    return f"(service {service}) registered {count} targets in (target-group {target_group})"


def event_deregistered(service: str, count: int, target_group: str) -> str:
    return f"(service {service}) deregistered {count} targets in (target-group {target_group})"


def event_unhealthy(service: str, port: int, target_group: str, reason: str) -> str:
    return f"(service {service}) (port {port}) is unhealthy in (target-group {target_group}) due to (reason {reason})"


def event_steady(service: str) -> str:
    return f"(service {service}) has reached a steady state."


def event_completed(service: str, deployment: str) -> str:
    return f"(service {service}) (deployment {deployment}) deployment completed."


def event_failed(service: str, deployment: str) -> str:
    return f"(service {service}) (deployment {deployment}) deployment failed: tasks failed to start."


def event_rolling_back(service: str, deployment: str) -> str:
    return f"(service {service}) rolling back to deployment {deployment}."


def event_throttled(service: str) -> str:
    return f"(service {service}) is unable to consistently start tasks successfully."


def event_not_placed(service: str, why: str) -> str:
    return f"(service {service}) was unable to place a task. Reason: {why}."


def event_no_instance(service: str) -> str:
    return (
        f"(service {service}) was unable to place a task because no container instance met all of its requirements. "
        "Reason: No Container Instances were found in your cluster."
    )


def stopped_by_scaling(deployment: str) -> str:
    return f"Scaling activity initiated by (deployment {deployment})"


def stopped_by_health(target_group: str) -> str:
    return f"Task failed ELB health checks in (target-group {target_group})"


STOPPED_BY_USER = "Task stopped by user"
ESSENTIAL_EXITED = "Essential container in task exited"


def cannot_pull(image: str, why: str) -> str:
    return f"CannotPullContainerError: failed to resolve ref {image}: {why}"


def cannot_start(why: str) -> str:
    return f"CannotStartContainerError: {why}"


def no_security_group(group: str) -> str:
    return (
        f"Error retrieving security group information for [{group}]: The security group '{group}' does not exist "
        "(ErrorCode: InvalidGroup.NotFound)"
    )


def no_log_group(group: str) -> str:
    return (
        "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed "
        f"to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist. ({group})"
    )


def no_secret(where: str, why: str) -> str:
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: unable to retrieve secret from "
        f"{where}: {why}"
    )


def _listed(tasks: Sequence[str]) -> str:
    return " ".join(f"(task {one})" for one in tasks)
