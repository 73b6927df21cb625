"""Samples of what starts tasks, scales them, finds them and watches them."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.provider.operations import Kept
from tests.cygni.local_cloud.provider.samples import RETAGGED, Make, Sample, tags


def run_task(make: Make, **more: Any) -> dict[str, Any]:
    return {
        "arn": make("cluster").outputs["arn"],
        "roleArn": make("role").outputs["arn"],
        "ecsParameters": {
            "taskDefinitionArn": make("task definition").outputs["arn"],
            "launchType": "FARGATE",
            "taskCount": 1,
            "propagateTags": "TASK_DEFINITION",
            "networkConfiguration": {
                "subnets": [make("subnet").id],
                "securityGroups": [make("group").id],
                "assignPublicIp": True,
            },
            "tags": {"a": "b"},
        },
        **more,
    }


def target_place(make: Make) -> dict[str, Any]:
    names = (make("cluster").outputs["name"], make("service").outputs["name"])
    return {
        "serviceNamespace": "ecs",
        "resourceId": "/".join(("service", *names)),
        "scalableDimension": "ecs:service:DesiredCount",
    }


def imported_policy(kept: Kept) -> str:
    place = ("serviceNamespace", "resourceId", "scalableDimension", "name")
    return "/".join(kept.outputs[name] for name in place)


def tracking(metric: str, value: float, **more: Any) -> dict[str, Any]:
    return {
        "policyType": "TargetTrackingScaling",
        "targetTrackingScalingPolicyConfiguration": {
            "targetValue": value,
            "predefinedMetricSpecification": {"predefinedMetricType": metric},
            **more,
        },
    }


def query(id: str, name: str) -> dict[str, Any]:
    metric = {"namespace": "AWS/ApplicationELB", "metricName": name, "period": 60, "stat": "Sum"}
    return {"id": id, "metric": {**metric, "dimensions": {"LoadBalancer": "app/a/1"}}}


COMPUTE: dict[str, Sample] = {
    "schedule group": Sample(
        "aws:scheduler/scheduleGroup:ScheduleGroup",
        lambda make: {"name": "sample", **tags()},
        lambda make: RETAGGED,
    ),
    "schedule": Sample(
        "aws:scheduler/schedule:Schedule",
        lambda make: {
            "name": "nightly",
            "groupName": make("schedule group").id,
            "description": "one",
            "scheduleExpression": "cron(0 3 * * ? *)",
            "scheduleExpressionTimezone": "Europe/Berlin",
            "startDate": "2030-01-01T00:00:00Z",
            "flexibleTimeWindow": {"mode": "FLEXIBLE", "maximumWindowInMinutes": 15},
            "target": run_task(
                make,
                retryPolicy={"maximumEventAgeInSeconds": 600, "maximumRetryAttempts": 2},
                deadLetterConfig={"arn": make("queue").outputs["arn"]},
            ),
        },
        lambda make: {
            "scheduleExpression": "rate(5 minutes)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "state": "DISABLED",
            "target": run_task(make, retryPolicy={"maximumEventAgeInSeconds": 900, "maximumRetryAttempts": 0}),
        },
    ),
    "plain schedule": Sample(
        "aws:scheduler/schedule:Schedule",
        lambda make: {
            "name": "plain",
            "scheduleExpression": "rate(1 hour)",
            "flexibleTimeWindow": {"mode": "OFF"},
            "target": {
                "arn": make("queue").outputs["arn"],
                "roleArn": make("role").outputs["arn"],
                "input": "{}",
                "sqsParameters": {"messageGroupId": "a"},
            },
        },
        unreadable=("groupName",),  # read as "default", which is what not saying it means
    ),
    "target": Sample(
        "aws:appautoscaling/target:Target",
        lambda make: {**target_place(make), "minCapacity": 1, "maxCapacity": 4, **tags()},
        lambda make: {
            "minCapacity": 0,
            "maxCapacity": 8,
            "suspendedState": {"dynamicScalingInSuspended": True},
            **RETAGGED,
        },
        lambda kept: f"ecs/{kept.id}/ecs:service:DesiredCount",
    ),
    "tracking policy": Sample(
        "aws:appautoscaling/policy:Policy",
        lambda make: {
            "name": "cpu",
            **{name: make("target").outputs[name] for name in target_place(make)},
            **tracking("ECSServiceAverageCPUUtilization", 60, scaleInCooldown=300),
        },
        lambda make: tracking("ECSServiceAverageMemoryUtilization", 70, scaleOutCooldown=30),
        imported_policy,
    ),
    "step policy": Sample(
        "aws:appautoscaling/policy:Policy",
        lambda make: {
            "name": "steps",
            **{name: make("target").outputs[name] for name in target_place(make)},
            "policyType": "StepScaling",
            "stepScalingPolicyConfiguration": {
                "adjustmentType": "ChangeInCapacity",
                "cooldown": 60,
                "metricAggregationType": "Maximum",
                "stepAdjustments": [{"metricIntervalLowerBound": "0", "scalingAdjustment": 1}],
            },
        },
        import_id=imported_policy,
    ),
    "namespace": Sample(
        "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        lambda make: {"name": "shop.internal", "vpc": make("vpc").id, "description": "one", **tags()},
        lambda make: {"description": "two", **RETAGGED},
        lambda kept: f"{kept.id}:{kept.outputs['vpc']}",
    ),
    "discovered service": Sample(
        "aws:servicediscovery/service:Service",
        lambda make: {
            "name": "api",
            "dnsConfig": {
                "namespaceId": make("namespace").id,
                "routingPolicy": "MULTIVALUE",
                "dnsRecords": [{"type": "A", "ttl": 10}],
            },
            "healthCheckCustomConfig": {"failureThreshold": 1},
            "forceDestroy": True,
            **tags(),
        },
        lambda make: {
            "description": "two",
            "dnsConfig": {
                "namespaceId": make("namespace").id,
                "routingPolicy": "MULTIVALUE",
                "dnsRecords": [{"type": "A", "ttl": 60}],
            },
            **RETAGGED,
        },
        unreadable=("forceDestroy",),
    ),
    "alarm": Sample(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        lambda make: {
            "name": "slow",
            "namespace": "AWS/ApplicationELB",
            "metricName": "TargetResponseTime",
            "dimensions": {"LoadBalancer": "app/a/1", "TargetGroup": "targetgroup/b/2"},
            "extendedStatistic": "p95",
            "period": 60,
            "evaluationPeriods": 5,
            "datapointsToAlarm": 3,
            "threshold": 0.5,
            "comparisonOperator": "GreaterThanThreshold",
            "treatMissingData": "notBreaching",
            "alarmDescription": "one",
            **tags(),
        },
        lambda make: {"threshold": 2, "alarmDescription": "two", "actionsEnabled": False, **RETAGGED},
    ),
    "computed alarm": Sample(
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        lambda make: {
            "name": "errors",
            "evaluationPeriods": 2,
            "threshold": 5,
            "comparisonOperator": "GreaterThanThreshold",
            "metricQueries": [
                {"id": "rate", "expression": "100 * bad / all", "label": "errors", "returnData": True},
                query("bad", "HTTPCode_Target_5XX_Count"),
                query("all", "RequestCount"),
            ],
            **tags(),
        },
        lambda make: {"evaluationPeriods": 3, **RETAGGED},
    ),
}  # fmt: skip
