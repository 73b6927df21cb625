from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from components.binding import Binding, bucket_binding
from components.entrance import EntranceArgs
from components.secret_binding import secrets_binding
from components.service import Service, ServiceArgs
from components.task import TaskArgs
from cygni.health_check import HealthCheck
from tests.pulumi_mocks import Made, Registered, run_program

BUCKETS = ["arn:aws:s3:::a", "arn:aws:s3:::b"]
REPOSITORY = "arn:aws:ecr:us-east-1:123456789012:repository/shop/web"

TASK = TaskArgs(
    image="nginx:1",
    cpu=512,
    memory=1024,
    architecture="x86_64",
    ephemeral_storage=20,
    stop_timeout=45,
    environment={"B": "2", "A": "1"},
)
ENTRANCE = EntranceArgs(
    listener_arn="arn:listener",
    load_balancer_security_group="sg-alb",
    path="/api",
    priority=120,
    port=8080,
    health=HealthCheck("/health", 15, 5, 2, 3, "200-399"),
    deregistration_delay=20,
)
WORKER = ServiceArgs(
    cluster_arn="arn:cluster",
    family="shop_staging_web",
    vpc_id="vpc-1",
    subnet_ids=["subnet-1", "subnet-2"],
    public=True,
    region="us-east-1",
    log_group="/cygni/shop/staging/web",
    log_retention=30,
    task=TASK,
)
WEB = replace(WORKER, entrance=ENTRANCE)
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"


def bound(binding: Binding) -> Made:
    return made(replace(WORKER, bindings=[binding]))


def made(args: ServiceArgs, name: str = "shop-staging-web", buckets: Sequence[str] = ()) -> Made:
    def program() -> None:
        bindings = [bucket_binding(arn.rpartition(":")[2], "name", arn) for arn in buckets]
        Service(name, replace(args, bindings=[*args.bindings, *bindings]))

    return run_program(program)


def container(found: Made) -> dict[str, Any]:
    [one] = json.loads(found.only("TaskDefinition").inputs["containerDefinitions"])
    assert isinstance(one, dict)
    return one


def statements(role_policy: Registered) -> list[Mapping[str, Any]]:
    policy = json.loads(role_policy.inputs["policy"])
    assert policy["Version"] == "2012-10-17"
    found: list[Mapping[str, Any]] = policy["Statement"]
    return found


class TestColours:
    @pytest.mark.parametrize("args", [WEB, WORKER], ids=["web", "worker"])
    def test_are_two_services_that_run_nothing_before_a_release(self, args: ServiceArgs) -> None:
        found = [one for one in made(args).of("Service") if one.custom]
        running = {one.name: one.inputs["desiredCount"] for one in found}
        assert running == {"shop-staging-web-blue": 0, "shop-staging-web-green": 0}

    def test_leave_to_releases_what_they_run(self) -> None:
        for one in made(WEB).of("aws:ecs/service:Service"):
            assert one.ignored == ("desiredCount", "taskDefinition")

    def test_keep_earlier_revisions_to_go_back_to(self) -> None:
        assert made(WEB).only("TaskDefinition").inputs["skipDestroy"] is True

    def test_are_made_of_the_same_task_on_fargate(self) -> None:
        found = made(WEB)
        for one in found.of("aws:ecs/service:Service"):
            assert one.inputs["taskDefinition"] == found.only("TaskDefinition").arn
            assert one.inputs["capacityProviderStrategies"] == [
                {"capacityProvider": "FARGATE", "weight": 100, "base": 0}
            ]
            assert one.inputs["cluster"] == "arn:cluster"
            assert one.inputs["propagateTags"] == "SERVICE"

    @pytest.mark.parametrize("args", [WEB, WORKER], ids=["web", "worker"])
    def test_wait_for_what_tasks_may_do(self, args: ServiceArgs) -> None:
        found = made(args, buckets=BUCKETS)
        kinds = ("RolePolicy", "SecurityGroupIngressRule")
        needed = {one.urn for kind in kinds for one in found.of(kind)}
        assert len(needed) == (3 if args is WEB else 2)
        for one in found.of("aws:ecs/service:Service"):
            assert needed <= set(one.depends_on)

    def test_give_a_web_task_time_to_start(self) -> None:
        slow = replace(WEB, entrance=replace(ENTRANCE, health=replace(ENTRANCE.health, grace_period=120)))
        for args, seconds in ((WEB, 60), (slow, 120), (WORKER, None)):
            for one in made(args).of("aws:ecs/service:Service"):
                assert one.inputs.get("healthCheckGracePeriodSeconds") == seconds

    @pytest.mark.parametrize("public", [True, False])
    def test_have_a_public_address_only_if_asked(self, public: bool) -> None:
        for one in made(replace(WEB, public=public)).of("aws:ecs/service:Service"):
            assert one.inputs["networkConfiguration"] == {
                "assignPublicIp": public,
                "subnets": ["subnet-1", "subnet-2"],
                "securityGroups": ["SecurityGroup/shop-staging-web"],
            }


def everybody(found: Made) -> Registered:
    """The rule for requests that name no colour: the last."""
    return max(found.of("ListenerRule"), key=lambda one: int(one.inputs["priority"]))


def weights(found: Made) -> dict[str, int]:
    [action] = everybody(found).inputs["actions"]
    groups = action["forward"]["targetGroups"]
    return {
        one["arn"].rsplit("-", 2)[-1] if one["arn"].endswith(("blue", "green")) else one["arn"]: int(
            one["weight"]
        )
        for one in groups
    }


class TestWeb:
    NAME = "s-web"  # short enough for a target group to bear it

    def test_has_a_target_group_for_each_colour(self) -> None:
        for one in made(WEB, self.NAME).of("TargetGroup"):
            assert one.inputs["port"] == 8080
            assert (one.inputs["protocol"], one.inputs["targetType"]) == ("HTTP", "ip")
            assert one.inputs["deregistrationDelay"] == 20
            assert one.inputs["healthCheck"] == {
                "enabled": True,
                "path": "/health",
                "protocol": "HTTP",
                "interval": 15,
                "timeout": 5,
                "healthyThreshold": 2,
                "unhealthyThreshold": 3,
                "matcher": "200-399",
            }

    def test_puts_each_colour_behind_its_own_target_group(self) -> None:
        found = made(WEB, self.NAME)
        assert {one.name: one.inputs["loadBalancers"] for one in found.of("aws:ecs/service:Service")} == {
            f"s-web-{colour}": [
                {
                    "containerName": "app",
                    "containerPort": 8080,
                    "targetGroupArn": found.named("TargetGroup", f"s-web-{colour}").arn,
                }
            ]
            for colour in ("blue", "green")
        }

    def test_gives_all_traffic_to_blue_at_first(self) -> None:
        assert weights(made(WEB, self.NAME)) == {"blue": 100, "green": 0}

    def test_lets_a_request_name_a_colour_before_all_others(self) -> None:
        found = made(WEB, self.NAME)
        for at, colour in enumerate(("blue", "green")):
            rule = found.named("ListenerRule", f"s-web-{colour}").inputs
            assert rule["priority"] == 120 + at < everybody(found).inputs["priority"] == 122
            named = {"httpHeader": {"httpHeaderName": "x-cygni-colour", "values": [colour]}}
            assert rule["conditions"] == [named, *everybody(found).inputs["conditions"]]
            group = found.named("TargetGroup", f"s-web-{colour}").arn
            assert rule["actions"] == [{"type": "forward", "targetGroupArn": group}]

    def test_leaves_the_weights_to_releases(self) -> None:
        rule = everybody(made(WEB))
        assert rule.ignored == ("actions[*].forward.targetGroups[*].weight",)

    @pytest.mark.parametrize(
        ("path", "patterns"), [("/", ["/*"]), ("/api", ["/api", "/api/*"]), ("/a/b", ["/a/b", "/a/b/*"])]
    )
    def test_takes_what_is_below_its_path(self, path: str, patterns: list[str]) -> None:
        rule = everybody(made(replace(WEB, entrance=replace(ENTRANCE, path=path))))
        assert rule.inputs["conditions"] == [{"pathPattern": {"values": patterns}}]
        assert (rule.inputs["priority"], rule.inputs["listenerArn"]) == (122, "arn:listener")

    def test_lets_in_the_load_balancer_alone(self) -> None:
        rule = made(WEB).only("SecurityGroupIngressRule")
        assert rule.inputs["referencedSecurityGroupId"] == "sg-alb"
        assert (rule.inputs["fromPort"], rule.inputs["toPort"], rule.inputs["ipProtocol"]) == (
            8080,
            8080,
            "tcp",
        )
        assert "cidrIpv4" not in rule.inputs

    def test_waits_for_its_target_groups_to_hang_on_the_listener(self) -> None:
        found = made(WEB)
        for one in found.of("aws:ecs/service:Service"):
            assert everybody(found).urn in one.depends_on

    def test_listens_on_its_port(self) -> None:
        assert container(made(WEB))["portMappings"] == [{"containerPort": 8080, "protocol": "tcp"}]


class TestTasks:
    def test_may_send_anywhere_by_a_rule_of_the_group_itself(self) -> None:
        assert made(WORKER).only("SecurityGroup").inputs["egress"] == [
            {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}
        ]


class TestWorker:
    def test_takes_no_traffic(self) -> None:
        found = made(WORKER)
        for kind in ("TargetGroup", "ListenerRule", "SecurityGroupIngressRule", "SecurityGroupEgressRule"):
            assert found.of(kind) == []
        assert all("loadBalancers" not in one.inputs for one in found.of("Service"))
        assert "portMappings" not in container(found)


class TestTask:
    def test_has_the_size_that_was_asked_for(self) -> None:
        inputs = made(WEB).only("TaskDefinition").inputs
        assert (inputs["cpu"], inputs["memory"], inputs["family"]) == ("512", "1024", "shop_staging_web")
        assert (inputs["networkMode"], inputs["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])

    def test_is_told_its_port_unless_the_service_says_another_thing(self) -> None:
        own = replace(TASK, environment={"PORT": "9000"})
        assert container(made(replace(WEB, task=own)))["environment"] == [{"name": "PORT", "value": "9000"}]
        assert "PORT" not in {one["name"] for one in container(made(WORKER))["environment"]}

    def test_runs_the_image_with_its_environment(self) -> None:
        assert container(made(WEB)) == {
            "name": "app",
            "image": "nginx:1",
            "essential": True,
            "environment": [
                {"name": "A", "value": "1"},
                {"name": "B", "value": "2"},
                {"name": "PORT", "value": "8080"},
            ],
            "stopTimeout": 45,
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/cygni/shop/staging/web",
                    "awslogs-region": "us-east-1",
                    "awslogs-stream-prefix": "app",
                },
            },
            "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
        }

    def test_runs_another_command_if_asked(self) -> None:
        found = made(replace(WEB, task=replace(TASK, command=("run", "it"))))
        assert container(found)["command"] == ["run", "it"]

    @pytest.mark.parametrize(("architecture", "named"), [("arm64", "ARM64"), ("x86_64", "X86_64")])
    def test_runs_on_the_processor_that_was_asked_for(self, architecture: str, named: str) -> None:
        found = made(replace(WEB, task=replace(TASK, architecture=architecture)))
        assert found.only("TaskDefinition").inputs["runtimePlatform"] == {
            "cpuArchitecture": named,
            "operatingSystemFamily": "LINUX",
        }

    @pytest.mark.parametrize(("asked", "given"), [(20, None), (21, {"sizeInGib": 21})])
    def test_asks_only_for_storage_beyond_what_is_free(self, asked: int, given: Any) -> None:
        found = made(replace(WEB, task=replace(TASK, ephemeral_storage=asked)))
        assert found.only("TaskDefinition").inputs.get("ephemeralStorage") == given

    def test_writes_a_log_that_is_kept_as_long_as_asked(self) -> None:
        group = made(WEB).only("LogGroup")
        assert group.inputs["retentionInDays"] == 30
        assert group.inputs["name"] == "/cygni/shop/staging/web"


class TestRoles:
    def test_are_taken_by_tasks_alone(self) -> None:
        for role in made(WEB).of("Role"):
            assert json.loads(role.inputs["assumeRolePolicy"])["Statement"] == [
                {
                    "Effect": "Allow",
                    "Action": ["sts:AssumeRole"],
                    "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                }
            ]

    def test_are_two_of_which_the_program_has_one_that_allows_nothing(self) -> None:
        found = made(WEB)
        inputs = found.only("TaskDefinition").inputs
        assert inputs["executionRoleArn"] == found.named("Role", "shop-staging-web-execution").arn
        assert inputs["taskRoleArn"] == found.named("Role", "shop-staging-web-task").arn
        assert [one.name for one in found.of("RolePolicy")] == ["shop-staging-web-execution"]

    def test_let_ecs_write_the_log_and_no_more(self) -> None:
        found = made(WEB)
        assert statements(found.only("RolePolicy")) == [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": [f"{found.only('LogGroup').arn}:*"],
            }
        ]

    def test_let_ecs_pull_from_its_own_repository_alone(self) -> None:
        found = made(replace(WEB, task=replace(TASK, repository_arn=REPOSITORY)))
        _, token, pull = statements(found.only("RolePolicy"))
        assert (token["Action"], token["Resource"]) == (["ecr:GetAuthorizationToken"], ["*"])
        assert pull["Resource"] == [REPOSITORY]
        assert all(action.startswith("ecr:") and "*" not in action for action in pull["Action"])

    def test_let_the_program_use_its_projects_buckets_alone(self) -> None:
        found = made(WEB, buckets=BUCKETS)
        assert statements(found.named("RolePolicy", "shop-staging-web-task")) == [
            {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": BUCKETS},
            {
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"],
                "Resource": [f"{arn}/*" for arn in BUCKETS],
            },
        ]

    def test_let_ecs_read_the_secrets_it_hands_over_alone(self) -> None:
        found = bound(Binding(secrets={"PGPASSWORD": f"{SECRET}:password::"}, secret_arns=[SECRET, SECRET]))
        *_, read = statements(found.named("RolePolicy", "shop-staging-web-execution"))
        assert read == {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": [SECRET]}

    def test_let_ecs_read_exactly_the_secrets_that_are_referred_to(self) -> None:
        parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/token"
        found = bound(secrets_binding({"KEY": f"{SECRET}:key::", "ID": f"{SECRET}:id::", "TOKEN": parameter}))
        _, *read = statements(found.named("RolePolicy", "shop-staging-web-execution"))
        assert [(one["Action"], one["Resource"]) for one in read] == [
            (["secretsmanager:GetSecretValue"], [SECRET]),
            (["kms:Decrypt"], ["arn:aws:kms:us-east-1:123456789012:key/*"]),
            (["ssm:GetParameters"], [parameter]),
            (["kms:Decrypt"], ["arn:aws:kms:eu-west-1:123456789012:key/*"]),
        ]
        assert read[1]["Condition"]["StringEquals"] == {
            "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
            "kms:EncryptionContext:SecretARN": [SECRET],
        }
        assert read[3]["Condition"]["StringEquals"]["kms:EncryptionContext:PARAMETER_ARN"] == [parameter]
        assert {one["name"]: one["valueFrom"] for one in container(found)["secrets"]} == {
            "ID": f"{SECRET}:id::",
            "KEY": f"{SECRET}:key::",
            "TOKEN": parameter,
        }


class TestBindings:
    def test_give_variables_and_where_secrets_are_never_their_values(self) -> None:
        found = bound(
            Binding(variables={"PGHOST": "db.test"}, secrets={"PGPASSWORD": f"{SECRET}:password::"})
        )
        assert container(found)["environment"] == [
            {"name": key, "value": value}
            for key, value in sorted({**TASK.environment, "PGHOST": "db.test"}.items())
        ]
        assert container(found)["secrets"] == [{"name": "PGPASSWORD", "valueFrom": f"{SECRET}:password::"}]

    def test_give_a_variable_to_a_secret_of_that_name(self) -> None:
        """ECS refuses a name that is both."""
        found = bound(Binding(variables={"HOST": "db.test"}, secrets={"HOST": SECRET}))
        assert "HOST" not in {one["name"] for one in container(found)["environment"]}
        assert container(found)["secrets"] == [{"name": "HOST", "valueFrom": SECRET}]

    def test_give_way_to_a_variable_of_the_service_itself(self) -> None:
        [own, *_] = TASK.environment
        found = bound(Binding(variables={own: "bound"}, secrets={own: SECRET}))
        assert {one["name"]: one["value"] for one in container(found)["environment"]} == TASK.environment
        assert "secrets" not in container(found)

    def test_take_tasks_into_the_groups_that_are_let_in(self) -> None:
        found = bound(Binding(security_groups=["sg-clients"]))
        for one in found.of("aws:ecs/service:Service"):
            own, *groups = one.inputs["networkConfiguration"]["securityGroups"]
            assert (own, groups) == ("SecurityGroup/shop-staging-web", ["sg-clients"])


class TestExec:
    def test_lets_commands_in_and_its_role_open_channels(self) -> None:
        found = made(replace(WORKER, exec=True))
        assert {one.inputs["enableExecuteCommand"] for one in found.of("aws:ecs/service:Service")} == {True}
        [statement] = json.loads(found.named("RolePolicy", "shop-staging-web-task").inputs["policy"])[
            "Statement"
        ]
        assert (statement["Effect"], statement["Resource"]) == ("Allow", ["*"])
        assert {action.partition(":")[0] for action in statement["Action"]} == {"ssmmessages"}
        assert len(statement["Action"]) == 4

    def test_is_off_unless_asked_for(self) -> None:
        found = made(WORKER)
        assert all("enableExecuteCommand" not in one.inputs for one in found.of("aws:ecs/service:Service"))
        assert [one.name for one in found.of("RolePolicy")] == ["shop-staging-web-execution"]
