"""Where moto's tasks differ from those of AWS, applied by moto_ecs.py: RunTask, DescribeTasks, ListTasks, StopTask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cygni.local_cloud.ecs.objects import Task
from cygni.local_cloud.ecs.providers import next_provider
from cygni.local_cloud.ecs.services import FARGATE
from cygni.local_cloud.ecs.tasks import Order, make_task, ours, stopped_by_user


def fix_tasks() -> None:
    """moto makes tasks that run at once and whose container has exited with 0, one container of each; stops them at
    once; leaves services and launch types out where it lists tasks; and knows no failures."""
    from moto.core.responses import ActionResult
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import DESCRIBE_TASKS_TAGS, EC2ContainerServiceResponse

    run, stop = EC2ContainerServiceResponse.run_task, EC2ContainerServiceBackend.stop_task
    describe = EC2ContainerServiceBackend.describe_tasks

    def run_ours(response: Any) -> Any:
        given = response._get_params()  # noqa: SLF001
        backend = response.ecs_backend
        if not _runs_on_fargate(backend, given):
            return run(response)
        return ActionResult({"tasks": run_task(backend, given), "failures": []})

    def describe_ours(response: Any) -> Any:
        given = response._get_params()  # noqa: SLF001
        show = "TAGS" in (given.get("include") or [])
        (response._include_in_response if show else response._exclude_from_response)(DESCRIBE_TASKS_TAGS)  # noqa: SLF001
        return ActionResult(describe_tasks(response.ecs_backend, given, describe))

    def list_matching(response: Any) -> Any:
        given = response._get_params()  # noqa: SLF001
        return ActionResult({"taskArns": list_tasks(response.ecs_backend, given)})

    def stop_ours(backend: Any, cluster_str: str, task_str: str, reason: str | None) -> Any:
        cluster = backend._get_cluster(cluster_str)  # noqa: SLF001
        wanted = task_str.rpartition("/")[2]
        for task in ours(backend.tasks.get(cluster.name, {}).values()):
            if task.id == wanted:
                if not task.is_stopped:
                    stopped_by_user(task, reason)
                return task
        if not any(arn.endswith(wanted) for arn in backend.tasks.get(cluster.name, {})):
            raise refusal("InvalidParameterException", "The referenced task was not found.")
        return stop(backend, cluster_str, task_str, reason)

    EC2ContainerServiceResponse.run_task = run_ours
    EC2ContainerServiceResponse.describe_tasks = describe_ours
    EC2ContainerServiceResponse.list_tasks = list_matching
    EC2ContainerServiceBackend.stop_task = stop_ours


def run_task(backend: Any, given: Mapping[str, Any]) -> list[Task]:
    """RunTask on Fargate. What it refuses is moto's own errors."""
    from moto.ecs.exceptions import InvalidParameterException

    cluster = backend._get_cluster(cluster_name(given))  # noqa: SLF001
    if cluster.status != "ACTIVE":
        raise refusal("ClusterNotFoundException", "Cluster not found.")
    definition = backend.describe_task_definition(given["taskDefinition"])
    if definition.status != "ACTIVE":
        raise InvalidParameterException("TaskDefinition is inactive")
    strategy, launch_type = _strategy(cluster, given), given.get("launchType")
    if launch_type and given.get("capacityProviderStrategy"):
        raise InvalidParameterException(
            "Specify either Launch Type or Capacity Provider Strategy, but not both."
        )
    network = given.get("networkConfiguration")
    with_groups(network)
    if definition.network_mode == "awsvpc" and not network:
        raise InvalidParameterException(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
    made: list[Task] = []
    for _ in range(int(given.get("count") or 1)):
        used = [task.capacity_provider_name for task in made]
        order = Order(
            cluster=cluster,
            definition=definition,
            group=given.get("group") or f"family:{definition.family}",
            network=network,
            launch_type=launch_type,
            provider=None if launch_type else next_provider(strategy, used),
            overrides=given.get("overrides") or {},
            started_by=given.get("startedBy"),
            tags=_tags(cluster, definition, given),
            enable_execute_command=bool(given.get("enableExecuteCommand")),
        )
        made.append(make_task(backend, order))
    return made


def describe_tasks(
    backend: Any, given: Mapping[str, Any], describe: Callable[[Any, str, list[str]], Any]
) -> dict[str, Any]:
    """DescribeTasks, in the order asked for; `describe` is moto's, which moves its own tasks on."""
    cluster = backend._get_cluster(cluster_name(given))  # noqa: SLF001
    there = {arn.rpartition("/")[2]: task for arn, task in backend.tasks.get(cluster.name, {}).items()}
    wanted = [one.rpartition("/")[2] for one in given.get("tasks") or []]
    motos = [id for id in wanted if id in there and not isinstance(there[id], Task)]
    if motos or not wanted:
        describe(backend, cluster.name, motos)  # which refuses an empty list
    prefix = cluster.arn.replace(":cluster/", ":task/")
    missing = [{"arn": f"{prefix}/{id}", "reason": "MISSING"} for id in wanted if id not in there]
    return {"tasks": [there[id] for id in wanted if id in there], "failures": missing}


def _tags(cluster: Any, definition: Any, given: Mapping[str, Any]) -> list[dict[str, str]]:
    tags = [*(given.get("tags") or [])]
    if given.get("propagateTags") == "TASK_DEFINITION":
        tags += definition.tags
    if given.get("enableECSManagedTags"):
        tags.append({"key": "aws:ecs:clusterName", "value": cluster.name})
    return tags


def _strategy(cluster: Any, given: Mapping[str, Any]) -> list[Any]:
    if given.get("launchType"):
        return []
    return given.get("capacityProviderStrategy") or cluster.default_capacity_provider_strategy or []


def _runs_on_fargate(backend: Any, given: Mapping[str, Any]) -> bool:
    if given.get("launchType"):
        return bool(given["launchType"] == "FARGATE")
    strategy = _strategy(backend._get_cluster(cluster_name(given)), given)  # noqa: SLF001
    return bool(strategy) and all(one["capacityProvider"] in FARGATE for one in strategy)


def list_tasks(backend: Any, given: Mapping[str, Any]) -> list[str]:
    """ListTasks: without a desired status, those that are to run."""
    cluster = backend._get_cluster(cluster_name(given))  # noqa: SLF001
    wanted = {
        "desired_status": given.get("desiredStatus") or "RUNNING",
        "launch_type": given.get("launchType"),
        "started_by": given.get("startedBy"),
    }
    if given.get("serviceName"):
        wanted["group"] = f"service:{given['serviceName'].rpartition('/')[2]}"
    found = []
    for arn, task in backend.tasks.get(cluster.name, {}).items():
        family = task.task_definition_arn.rpartition("/")[2].rpartition(":")[0]
        instance = given.get("containerInstance")
        if given.get("family") not in (None, family):
            continue
        if instance and instance not in (getattr(task, "container_instance_arn", None) or ""):
            continue
        if all(value is None or getattr(task, name) == value for name, value in wanted.items()):
            found.append(arn)
    return found


def with_groups(configuration: Any) -> None:
    network = (configuration or {}).get("awsvpcConfiguration")
    if network is not None:
        network.setdefault("securityGroups", [])
        network.setdefault("assignPublicIp", "DISABLED")


def cluster_name(given: Mapping[str, Any]) -> str:
    return str(given.get("cluster") or "default").rpartition("/")[2]


def refusal(code: str, message: str) -> Exception:
    from moto.core.exceptions import JsonRESTError

    refused: Exception = JsonRESTError(code, message)
    return refused
