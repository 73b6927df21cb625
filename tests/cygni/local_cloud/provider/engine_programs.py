"""Programs for the real engine, with at least one resource of each type that the stacks use."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # what is deprecated in a module, told on its import
    import pulumi_aws as aws

    _LOADED = (
        *(aws.ec2.Vpc, aws.s3.Bucket, aws.lb.Listener, aws.ecs.Service, aws.iam.Role, aws.ecr.Repository),
        *(aws.vpc.SecurityGroupIngressRule, aws.sqs.Queue, aws.ssm.Parameter, aws.cloudwatch.LogGroup),
    )

SECRET = "hunter2-very-secret"
ANYWHERE = ["0.0.0.0/0"]


def tagged(name: str) -> dict[str, str]:
    return {"cygni:urn": f"urn:{name}", "Name": name}


@dataclass
class Network:
    vpc: Any
    public: list[Any]
    private: list[Any]
    front: Any
    app: Any


def network() -> Network:
    zones = aws.get_availability_zones(state="available").names[:2]
    vpc = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", enable_dns_hostnames=True, tags=tagged("vpc"))
    igw = aws.ec2.InternetGateway("igw", vpc_id=vpc.id, tags=tagged("igw"))
    nets = {
        name: [
            aws.ec2.Subnet(
                f"{name}{i}",
                vpc_id=vpc.id,
                cidr_block=f"10.0.{base + i}.0/24",
                availability_zone=zone,
                map_public_ip_on_launch=name == "public",
                tags=tagged(f"{name}{i}"),
            )
            for i, zone in enumerate(zones)
        ]
        for name, base in (("public", 0), ("private", 10))
    }
    open_table = aws.ec2.RouteTable("public", vpc_id=vpc.id, tags=tagged("public"))
    aws.ec2.Route("out", route_table_id=open_table.id, destination_cidr_block="0.0.0.0/0", gateway_id=igw.id)
    address = aws.ec2.Eip("nat", domain="vpc", tags=tagged("eip"))
    nat = aws.ec2.NatGateway(
        "nat", allocation_id=address.id, subnet_id=nets["public"][0].id, tags=tagged("nat")
    )
    routes = [{"cidr_block": "0.0.0.0/0", "nat_gateway_id": nat.id}]
    closed_table = aws.ec2.RouteTable("private", vpc_id=vpc.id, routes=routes, tags=tagged("private"))
    for name, table in (("public", open_table), ("private", closed_table)):
        for i, subnet in enumerate(nets[name]):
            aws.ec2.RouteTableAssociation(f"{name}{i}", subnet_id=subnet.id, route_table_id=table.id)
    front, app = groups(vpc)
    endpoints(vpc, [open_table, closed_table], nets["private"], app)
    return Network(vpc, nets["public"], nets["private"], front, app)


def groups(vpc: Any) -> tuple[Any, Any]:
    ports = [
        {"protocol": "tcp", "from_port": port, "to_port": port, "cidr_blocks": ANYWHERE} for port in (80, 443)
    ]
    out = [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ANYWHERE}]
    front = aws.ec2.SecurityGroup("front", vpc_id=vpc.id, ingress=ports, egress=out, tags=tagged("front"))
    app = aws.ec2.SecurityGroup("app", vpc_id=vpc.id, description="app", tags=tagged("app"))
    aws.vpc.SecurityGroupIngressRule(
        "app-in",
        security_group_id=app.id,
        referenced_security_group_id=front.id,
        from_port=8080,
        to_port=8080,
        ip_protocol="tcp",
        description="from the front",
        tags=tagged("in"),
    )
    aws.vpc.SecurityGroupEgressRule(
        "app-out", security_group_id=app.id, cidr_ipv4="0.0.0.0/0", ip_protocol="-1", tags=tagged("out")
    )
    database = aws.ec2.SecurityGroup("database", vpc_id=vpc.id, tags=tagged("database"))
    sources: list[dict[str, Any]] = [
        {"source_security_group_id": app.id, "description": "from the app"},
        {"cidr_blocks": ["10.0.0.0/8", "172.16.0.0/12"]},
    ]
    for i, source in enumerate(sources):
        aws.ec2.SecurityGroupRule(
            f"database{i}",
            security_group_id=database.id,
            type="ingress",
            protocol="tcp",
            from_port=5432,
            to_port=5432,
            **source,
        )
    return front, app


def endpoints(vpc: Any, tables: list[Any], subnets: list[Any], group: Any) -> None:
    aws.ec2.VpcEndpoint(
        "s3",
        vpc_id=vpc.id,
        service_name="com.amazonaws.us-east-1.s3",
        route_table_ids=[table.id for table in tables],
        tags=tagged("s3"),
    )
    aws.ec2.VpcEndpoint(
        "ecr",
        vpc_id=vpc.id,
        service_name="com.amazonaws.us-east-1.ecr.api",
        vpc_endpoint_type="Interface",
        subnet_ids=[subnet.id for subnet in subnets],
        security_group_ids=[group.id],
        private_dns_enabled=True,
        tags=tagged("ecr"),
    )


def balancer(net: Network) -> tuple[list[Any], Any]:
    lb = aws.lb.LoadBalancer(
        "web",
        load_balancer_type="application",
        subnets=[subnet.id for subnet in net.public],
        security_groups=[net.front.id],
        idle_timeout=120,
        drop_invalid_header_fields=True,
        tags=tagged("web"),
    )
    health = {"path": "/health", "interval": 10, "timeout": 5, "matcher": "200-299", "healthy_threshold": 2}
    targets = [
        aws.lb.TargetGroup(
            color,
            port=8080,
            protocol="HTTP",
            target_type="ip",
            vpc_id=net.vpc.id,
            deregistration_delay=5,
            health_check=health,
            tags=tagged(color),
        )
        for color in ("blue", "green")
    ]
    weights = [
        {"arn": target.arn, "weight": weight} for target, weight in zip(targets, (100, 0), strict=True)
    ]
    listener = aws.lb.Listener(
        "http",
        load_balancer_arn=lb.arn,
        port=80,
        protocol="HTTP",
        default_actions=[{"type": "forward", "forward": {"target_groups": weights}}],
        tags=tagged("http"),
    )
    to_https = {"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}
    aws.lb.Listener(
        "redirect",
        load_balancer_arn=lb.arn,
        port=81,
        protocol="HTTP",
        default_actions=[{"type": "redirect", "redirect": to_https}],
        tags=tagged("redirect"),
    )
    aws.lb.ListenerRule(
        "canary",
        listener_arn=listener.arn,
        priority=10,
        actions=[{"type": "forward", "target_group_arn": targets[1].arn}],
        conditions=[
            {"http_header": {"http_header_name": "x-canary", "values": ["1"]}},
            {"path_pattern": {"values": ["/b", "/a/*"]}},
        ],
        tags=tagged("canary"),
    )
    answer = {"content_type": "text/plain", "message_body": "no", "status_code": "404"}
    aws.lb.ListenerRule(
        "other",
        listener_arn=listener.arn,
        actions=[{"type": "fixed-response", "fixed_response": answer}],
        conditions=[{"host_header": {"values": ["x.example.com"]}}],
        tags=tagged("other"),
    )
    return targets, listener


def roles() -> Any:
    trust = aws.iam.get_policy_document(
        statements=[
            {
                "actions": ["sts:AssumeRole"],
                "principals": [{"type": "Service", "identifiers": ["ecs-tasks.amazonaws.com"]}],
            }
        ]
    )
    role = aws.iam.Role("task", assume_role_policy=trust.json, description="tasks", tags=tagged("task"))
    statement = {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": ["*"]}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    aws.iam.RolePolicy("inline", role=role.name, policy=json.dumps(document))
    policy = aws.iam.Policy("shared", policy=document, description="shared", tags=tagged("shared"))
    aws.iam.RolePolicyAttachment("shared", role=role.name, policy_arn=policy.arn)
    return role


def containers(log_group: str) -> str:
    options = {"awslogs-group": log_group, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app"}
    return json.dumps(
        [
            {
                "name": "app",
                "image": "app:1",
                "essential": True,
                "portMappings": [{"containerPort": 8080}],
                "environment": [{"name": "Z", "value": "1"}, {"name": "A", "value": "2"}],
                "logConfiguration": {"logDriver": "awslogs", "options": options},
            }
        ]
    )


def services(net: Network, targets: list[Any], listener: Any, role: Any) -> None:
    settings = [{"name": "containerInsights", "value": "enabled"}]
    cluster = aws.ecs.Cluster("main", settings=settings, tags=tagged("main"))
    aws.ecs.ClusterCapacityProviders(
        "main",
        cluster_name=cluster.name,
        capacity_providers=["FARGATE", "FARGATE_SPOT"],
        default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1, "base": 1}],
    )
    logs = aws.cloudwatch.LogGroup("app", retention_in_days=14, tags=tagged("logs"))
    definition = aws.ecs.TaskDefinition(
        "app",
        family="app",
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=role.arn,
        task_role_arn=role.arn,
        container_definitions=logs.name.apply(containers),
        tags=tagged("app"),
    )
    aws.ecs.Service(
        "app",
        cluster=cluster.arn,
        task_definition=definition.arn,
        desired_count=2,
        launch_type="FARGATE",
        network_configuration={
            "subnets": [subnet.id for subnet in net.private],
            "security_groups": [net.app.id],
        },
        load_balancers=[
            {"target_group_arn": targets[0].arn, "container_name": "app", "container_port": 8080}
        ],
        deployment_circuit_breaker={"enable": True, "rollback": True},
        propagate_tags="SERVICE",
        enable_execute_command=True,
        health_check_grace_period_seconds=30,
        tags=tagged("service"),
        opts=pulumi.ResourceOptions(depends_on=[listener]),
    )


def registry() -> None:
    repository = aws.ecr.Repository(
        "app",
        image_tag_mutability="IMMUTABLE",
        image_scanning_configuration={"scan_on_push": True},
        encryption_configurations=[{"encryption_type": "AES256"}],
        force_delete=True,
        tags=tagged("repository"),
    )
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    aws.ecr.LifecyclePolicy("app", repository=repository.name, policy=json.dumps({"rules": [rule]}))
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["ecr:BatchGetImage"]}
    aws.ecr.RepositoryPolicy(
        "app",
        repository=repository.name,
        policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def bucket_policy(arn: str) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutBucketAcl",
        "Resource": [arn, f"{arn}/*"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def storage() -> None:
    bucket = aws.s3.Bucket("data", force_destroy=True, tags=tagged("data"))
    aws.s3.BucketVersioning("data", bucket=bucket.id, versioning_configuration={"status": "Enabled"})
    by_default = {"sse_algorithm": "AES256"}
    aws.s3.BucketServerSideEncryptionConfiguration(
        "data",
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": by_default, "bucket_key_enabled": True}],
    )
    aws.s3.BucketPublicAccessBlock(
        "data", bucket=bucket.id, block_public_acls=True, restrict_public_buckets=True
    )
    aws.s3.BucketOwnershipControls("data", bucket=bucket.id, rule={"object_ownership": "BucketOwnerEnforced"})
    aws.s3.BucketPolicy("data", bucket=bucket.id, policy=bucket.arn.apply(bucket_policy))
    aws.s3.BucketLifecycleConfiguration(
        "data",
        bucket=bucket.id,
        rules=[
            {
                "id": "all",
                "status": "Enabled",
                "filter": {"prefix": ""},
                "transitions": [
                    {"days": 30, "storage_class": "STANDARD_IA"},
                    {"days": 90, "storage_class": "GLACIER"},
                ],
                "noncurrent_version_expiration": {"noncurrent_days": 30},
                "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
            },
            {
                "id": "logs",
                "status": "Enabled",
                "filter": {"and": {"prefix": "logs/", "tags": {"a": "b"}}},
                "expiration": {"days": 365},
            },
        ],
    )
    text = pulumi.StringAsset("text")
    aws.s3.BucketObjectv2("asset", bucket=bucket.id, key="c.txt", source=text, tags=tagged("asset"))
    aws.s3.BucketObjectv2("text", bucket=bucket.id, key="a/b.txt", content="hello", metadata={"k": "v"})


def queues() -> None:
    dead = aws.sqs.Queue("dead", tags=tagged("dead"))
    redrive = dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5}))
    aws.sqs.Queue("jobs", visibility_timeout_seconds=60, redrive_policy=redrive, tags=tagged("jobs"))
    aws.sqs.Queue("fifo", fifo_queue=True, content_based_deduplication=True, tags=tagged("fifo"))
    secret = pulumi.Output.secret(SECRET)
    aws.ssm.Parameter("token", type="SecureString", name="/app/token", value=secret, tags=tagged("token"))


def everything() -> None:
    """At least one of each type that the provider serves."""
    net = network()
    targets, listener = balancer(net)
    services(net, targets, listener, roles())
    registry()
    storage()
    queues()


def released(path: str) -> Callable[[], None]:
    """Two target groups behind one path, whose weights belong to releases."""

    def program() -> None:
        net = network()
        lb = aws.lb.LoadBalancer("app", subnets=[subnet.id for subnet in net.public])
        targets = [
            aws.lb.TargetGroup(name, port=80, protocol="HTTP", target_type="ip", vpc_id=net.vpc.id)
            for name in ("blue", "green")
        ]
        listener = aws.lb.Listener(
            "http",
            load_balancer_arn=lb.arn,
            port=80,
            default_actions=[{"type": "forward", "target_group_arn": targets[0].arn}],
        )
        weights = [{"arn": target.arn, "weight": 100 - 100 * i} for i, target in enumerate(targets)]
        rule = aws.lb.ListenerRule(
            "web",
            listener_arn=listener.arn,
            priority=10,
            actions=[{"type": "forward", "forward": {"target_groups": weights}}],
            conditions=[{"path_pattern": {"values": [path]}}],
            opts=pulumi.ResourceOptions(ignore_changes=["actions[*].forward.targetGroups[*].weight"]),
        )
        pulumi.export("rule", rule.arn)

    return program
