"""Each policy about what keeps to it and what does not. In a table, no problem means that the resource is right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from cygni.policies.limits import OWN_TAGS, Limits
from cygni.pricing.exchange import Exchange
from cygni.resources import UNKNOWN
from tests.cygni.policies.asking import problems, resource

TAGS = dict.fromkeys(OWN_TAGS, "x")


class TestRequiredTags:
    @pytest.mark.parametrize(
        ("token", "inputs", "lacking"),
        [
            ("s3/bucket:Bucket", {"tags": TAGS}, []),
            ("s3/bucket:Bucket", {"tags": {}, "tagsAll": TAGS}, []),
            ("s3/bucket:Bucket", {"tags": UNKNOWN}, []),
            ("s3/bucket:Bucket", {"tagsAll": UNKNOWN}, []),
            ("s3/bucketAcl:BucketAcl", {}, []),
            ("s3/bucket:Bucket", {}, ["lacks the tags cygni:project, cygni:environment, cygni:stack"]),
            ("s3/bucket:Bucket", {"tags": {**TAGS} | {}}, []),
            (
                "ec2/vpc:Vpc",
                {"tags": dict.fromkeys(OWN_TAGS[:2], "x")},
                ["lacks the tag cygni:stack"],
            ),
        ],
    )
    def test_are_asked_of_what_can_carry_them(
        self, token: str, inputs: Mapping[str, Any], lacking: list[str]
    ) -> None:
        assert problems("required-tags", resource(token, **inputs)) == lacking

    def test_are_those_that_the_limits_name(self) -> None:
        one = resource("s3/bucket:Bucket", tags={"owner": "ann"})
        assert problems("required-tags", one, limits=Limits(tags=("owner",))) == []
        assert problems("required-tags", one, limits=Limits(tags=("team",))) == ["lacks the tag team"]


class TestEncryptionAtRest:
    @pytest.mark.parametrize(
        ("token", "inputs"),
        [
            ("rds/instance:Instance", {"storageEncrypted": True}),
            ("rds/instance:Instance", {"storageEncrypted": UNKNOWN}),
            ("rds/instance:Instance", {"replicateSourceDb": UNKNOWN}),
            ("rds/cluster:Cluster", {"engineMode": "serverless"}),
            ("redshift/cluster:Cluster", {}),
            ("elasticache/replicationGroup:ReplicationGroup", {"engine": "valkey"}),
            ("elasticache/replicationGroup:ReplicationGroup", {"atRestEncryptionEnabled": "true"}),
            ("opensearch/domain:Domain", {"encryptAtRest": {"enabled": True}}),
            ("opensearch/domain:Domain", {"encryptAtRest": UNKNOWN}),
            ("sqs/queue:Queue", {}),
            ("sqs/queue:Queue", {"kmsMasterKeyId": "alias/mine"}),
            ("kinesis/stream:Stream", {"encryptionType": "KMS"}),
            ("ec2/instance:Instance", {"rootBlockDevice": {"encrypted": True}}),
            ("ec2/instance:Instance", {"launchTemplate": {"id": "lt-1"}}),
            ("ec2/launchTemplate:LaunchTemplate", {"blockDeviceMappings": [{"ebs": {"encrypted": "true"}}]}),
            ("s3/bucket:Bucket", {}),
        ],
    )
    def test_lets_pass(self, token: str, inputs: Mapping[str, Any]) -> None:
        assert problems("encryption-at-rest", resource(token, **inputs)) == []

    @pytest.mark.parametrize(
        ("token", "inputs", "named"),
        [
            ("rds/instance:Instance", {}, "storageEncrypted"),
            (
                "rds/instance:Instance",
                {"storageEncrypted": False, "replicateSourceDb": "x"},
                "storageEncrypted",
            ),
            ("rds/cluster:Cluster", {"storageEncrypted": "false"}, "storageEncrypted"),
            ("redshift/cluster:Cluster", {"encrypted": "false"}, "encrypted"),
            ("efs/fileSystem:FileSystem", {}, "encrypted"),
            ("ebs/volume:Volume", {}, "encrypted"),
            ("elasticache/replicationGroup:ReplicationGroup", {}, "atRestEncryptionEnabled"),
            ("opensearch/domain:Domain", {}, "encryptAtRest.enabled"),
            ("opensearch/domain:Domain", {"encryptAtRest": {}}, "encryptAtRest.enabled"),
            ("sqs/queue:Queue", {"sqsManagedSseEnabled": False}, "sqsManagedSseEnabled"),
            ("kinesis/stream:Stream", {}, "encryptionType"),
            ("ec2/instance:Instance", {}, "rootBlockDevice.encrypted"),
            (
                "ec2/instance:Instance",
                {"rootBlockDevice": {"encrypted": True}, "ebsBlockDevices": [{"deviceName": "/dev/sdf"}]},
                "/dev/sdf",
            ),
            (
                "ec2/launchTemplate:LaunchTemplate",
                {"blockDeviceMappings": [{"ebs": {}}]},
                "blockDeviceMappings",
            ),
        ],
    )
    def test_finds(self, token: str, inputs: Mapping[str, Any], named: str) -> None:
        (problem,) = problems("encryption-at-rest", resource(token, **inputs))
        assert named in problem


class TestNoPublicDatabase:
    @pytest.mark.parametrize("given", [{}, {"publiclyAccessible": False}, {"publiclyAccessible": UNKNOWN}])
    def test_lets_pass_what_is_not_known_to_be_public(self, given: Mapping[str, Any]) -> None:
        assert problems("no-public-database", resource("rds/instance:Instance", **given)) == []

    @pytest.mark.parametrize(
        "token", ["rds/instance:Instance", "redshift/cluster:Cluster", "mq/broker:Broker"]
    )
    def test_finds_an_address_on_the_internet(self, token: str) -> None:
        assert len(problems("no-public-database", resource(token, publiclyAccessible=True))) == 1


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


class TestNoPublicBucket:
    BLOCKED = dict.fromkeys(
        ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
    )

    @pytest.mark.parametrize(
        ("token", "inputs"),
        [
            ("s3/bucket:Bucket", {"acl": "private"}),
            ("s3/bucket:Bucket", {"acl": UNKNOWN}),
            ("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", BLOCKED),
            ("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {**BLOCKED, "blockPublicAcls": UNKNOWN}),
            ("s3/bucketPolicy:BucketPolicy", {"policy": UNKNOWN}),
            ("s3/bucketPolicy:BucketPolicy", {"policy": "{"}),
            (
                "s3/bucketPolicy:BucketPolicy",
                {"policy": document(Principal={"AWS": "123"}, Action="s3:Get*")},
            ),
            (
                "s3/bucketPolicy:BucketPolicy",
                {"policy": document(Principal="*", Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})},
            ),
            ("s3/bucketPolicy:BucketPolicy", {"policy": document(Effect="Deny", Principal="*")}),
            ("s3/bucketObjectv2:BucketObjectv2", {"acl": "private"}),
        ],
    )
    def test_lets_pass(self, token: str, inputs: Mapping[str, Any]) -> None:
        assert problems("no-public-bucket", resource(token, **inputs)) == []

    @pytest.mark.parametrize(
        ("token", "inputs", "named"),
        [
            ("s3/bucket:Bucket", {"acl": "public-read"}, "public-read"),
            ("s3/bucketAcl:BucketAcl", {"acl": "public-read-write"}, "public-read-write"),
            ("s3/bucketAclV2:BucketAclV2", {"acl": "public-read"}, "public-read"),
            ("s3/bucketV2:BucketV2", {"acl": "public-read"}, "public-read"),
            ("s3/bucketObjectv2:BucketObjectv2", {"acl": "public-read"}, "public-read"),
            (
                "s3/bucketAcl:BucketAcl",
                {
                    "accessControlPolicy": {
                        "grants": [{"grantee": {"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}}]
                    }
                },
                "grants",
            ),
            (
                "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
                {**BLOCKED, "blockPublicPolicy": False},
                "blockPublicPolicy",
            ),
            ("s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {}, "restrictPublicBuckets"),
            (
                "s3/bucketPolicy:BucketPolicy",
                {"policy": document(Principal="*", Action="s3:GetObject")},
                "everybody",
            ),
            ("s3/bucketPolicy:BucketPolicy", {"policy": document(Principal={"AWS": ["*"]})}, "everybody"),
            (
                "s3/bucketPolicy:BucketPolicy",
                {"policy": document(Principal="*", Condition={"Bool": {"aws:SecureTransport": "true"}})},
                "everybody",
            ),
        ],
    )
    def test_finds(self, token: str, inputs: Mapping[str, Any], named: str) -> None:
        (problem,) = problems("no-public-bucket", resource(token, **inputs))
        assert named in problem


class TestConditions:
    """What narrows a policy down to somebody."""

    @pytest.mark.parametrize(
        "condition",
        [
            {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7/32"]}},
            {"StringLike": {"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/*"]}},
            {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:SourceVpc": "vpc-1"}},
        ],
    )
    def test_of_somebody_do(self, condition: Mapping[str, Any]) -> None:
        policy = document(Principal="*", Action="s3:GetObject", Condition=condition)
        assert problems("no-public-bucket", resource("s3/bucketPolicy:BucketPolicy", policy=policy)) == []

    @pytest.mark.parametrize(
        "condition",
        [
            {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
            {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "::/0"]}},
            {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
            {"StringLike": {"aws:Referer": "https://shop.test/*"}},
            {"StringLike": {"aws:PrincipalArn": "*"}},
            {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}},
            {"Null": {"aws:PrincipalArn": "false"}},
        ],
    )
    def test_of_anybody_do_not(self, condition: Mapping[str, Any]) -> None:
        policy = document(Principal="*", Action="s3:GetObject", Condition=condition)
        found = problems("no-public-bucket", resource("s3/bucketPolicy:BucketPolicy", policy=policy))
        assert len(found) == 1


class TestNoOpenIngress:
    GROUP = resource("ec2/securityGroup:SecurityGroup", "entrance")
    OTHER = resource("ec2/securityGroup:SecurityGroup", "other")
    BALANCER = resource("lb/loadBalancer:LoadBalancer", references={"securityGroups": (GROUP.urn,)})

    def rule(self, group: str | None = None, **inputs: Any) -> Any:
        given = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "0.0.0.0/0", **inputs}
        references = {"securityGroupId": (group,)} if group else {}
        return resource(
            "vpc/securityGroupIngressRule:SecurityGroupIngressRule", references=references, **given
        )

    @pytest.mark.parametrize("port", [80, 443, "443", UNKNOWN])
    def test_lets_the_web_into_a_load_balancer(self, port: Any) -> None:
        rule = self.rule(self.GROUP.urn, fromPort=port, toPort=port)
        assert problems("no-open-ingress", rule, self.GROUP, self.BALANCER) == []

    def test_lets_nobody_into_anything_else(self) -> None:
        rule = self.rule(self.OTHER.urn)
        assert problems("no-open-ingress", rule, self.OTHER, self.GROUP, self.BALANCER) == [
            "lets 0.0.0.0/0 in on tcp 443"
        ]

    def test_takes_a_group_from_elsewhere_for_a_load_balancers(self) -> None:
        assert problems("no-open-ingress", self.rule()) == []
        assert len(problems("no-open-ingress", self.rule(fromPort=22, toPort=22))) == 1

    @pytest.mark.parametrize(
        ("inputs", "said"),
        [
            ({"fromPort": 22, "toPort": 22}, "lets 0.0.0.0/0 in on tcp 22"),
            ({"fromPort": 80, "toPort": 443}, "lets 0.0.0.0/0 in on tcp 80-443"),
            ({"ipProtocol": "-1", "fromPort": None, "toPort": None}, "lets 0.0.0.0/0 in on every port"),
            ({"ipProtocol": "icmp", "fromPort": 8, "toPort": 0}, "lets 0.0.0.0/0 in on icmp 8-0"),
            ({"cidrIpv4": None, "cidrIpv6": "::/0", "fromPort": 22, "toPort": 22}, "lets ::/0 in on tcp 22"),
            ({"cidrIpv4": "128.0.0.0/1", "fromPort": 22, "toPort": 22}, "lets 128.0.0.0/1 in on tcp 22"),
        ],
    )
    def test_finds_every_other_port(self, inputs: Mapping[str, Any], said: str) -> None:
        assert problems(
            "no-open-ingress", self.rule(self.GROUP.urn, **inputs), self.GROUP, self.BALANCER
        ) == [said]

    @pytest.mark.parametrize("source", ["10.0.0.0/8", "203.0.113.7/32", "nonsense", UNKNOWN, None])
    def test_lets_pass_whoever_is_not_everybody(self, source: Any) -> None:
        assert problems("no-open-ingress", self.rule(cidrIpv4=source, fromPort=22, toPort=22)) == []

    def test_reads_rules_written_into_the_group(self) -> None:
        ingress = [
            {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["10.0.0.0/8", "0.0.0.0/0"]}
        ]
        group = resource("ec2/securityGroup:SecurityGroup", ingress=ingress)
        assert problems("no-open-ingress", group) == ["lets 0.0.0.0/0 in on tcp 22"]

    def test_of_the_older_rule_only_ingress_counts(self) -> None:
        given: dict[str, Any] = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}
        rule = "ec2/securityGroupRule:SecurityGroupRule"
        assert problems("no-open-ingress", resource(rule, type="egress", **given)) == []
        assert len(problems("no-open-ingress", resource(rule, type="ingress", **given))) == 1


class TestNoWildcardIam:
    @pytest.mark.parametrize(
        "statement",
        [
            {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::mine/*"},
            {"Action": ["ecr:GetAuthorizationToken", "ec2:DescribeSubnets"], "Resource": "*"},
            {"Action": "xray:PutTraceSegments", "Resource": ["*"]},
            {"Action": "s3:Get*", "Resource": "arn:aws:s3:::mine/*"},
            {
                "Action": "ec2:TerminateInstances",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}},
            },
            {"Effect": "Deny", "Action": "*", "Resource": "*"},
        ],
    )
    def test_lets_pass(self, statement: Mapping[str, Any]) -> None:
        assert problems("no-wildcard-iam", resource("iam/policy:Policy", policy=document(**statement))) == []

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ({"Action": "*", "Resource": "arn:aws:s3:::mine/*"}, "allows every action: *"),
            ({"Action": ["s3:*"], "Resource": "arn:aws:s3:::mine"}, "allows every action: s3:*"),
            ({"Action": ["s3:?*"], "Resource": "arn:aws:s3:::mine"}, "allows every action: s3:?*"),
            (
                {"Action": ["s3:GetObject", "ecr:GetAuthorizationToken"], "Resource": "*"},
                "allows s3:GetObject on every resource",
            ),
            (
                {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"},
                "allows s3:GetObject on every resource",
            ),
            (
                {"NotAction": "iam:*", "Resource": "arn:aws:s3:::mine"},
                "allows all actions but some (NotAction)",
            ),
            (
                {"Action": "s3:GetObject", "NotResource": "x"},
                "allows it on everything but some (NotResource)",
            ),
            (
                {
                    "Action": "sqs:SendMessage",
                    "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "true"}},
                },
                "allows sqs:SendMessage on every resource",
            ),
        ],
    )
    def test_finds(self, statement: Mapping[str, Any], said: str) -> None:
        assert problems(
            "no-wildcard-iam", resource("iam/rolePolicy:RolePolicy", policy=document(**statement))
        ) == [said]

    def test_reads_a_role_with_all_that_hangs_on_it(self) -> None:
        role = resource(
            "iam/role:Role",
            assumeRolePolicy=document(Principal={"AWS": "*"}, Action="sts:AssumeRole"),
            inlinePolicies=[{"policy": document(Action="*", Resource="*")}],
            managedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"],
        )
        assert len(problems("no-wildcard-iam", role)) == 3

    def test_finds_the_most_powerful_policies_of_aws(self) -> None:
        attached = "iam/rolePolicyAttachment:RolePolicyAttachment"
        arn = "arn:aws:iam::aws:policy/"
        assert problems("no-wildcard-iam", resource(attached, policyArn=f"{arn}ReadOnlyAccess")) == []
        assert problems("no-wildcard-iam", resource(attached, policyArn=f"{arn}PowerUserAccess")) == [
            "gives the managed policy PowerUserAccess"
        ]


class TestDeletionProtection:
    @pytest.mark.parametrize(
        ("token", "inputs", "count"),
        [
            ("rds/instance:Instance", {"deletionProtection": True}, 0),
            ("rds/instance:Instance", {"deletionProtection": UNKNOWN}, 0),
            ("rds/instance:Instance", {"replicateSourceDb": "x"}, 0),
            ("rds/instance:Instance", {}, 1),
            ("rds/cluster:Cluster", {"deletionProtection": False}, 1),
            ("dynamodb/table:Table", {}, 1),
            ("cognito/userPool:UserPool", {"deletionProtection": "ACTIVE"}, 0),
            ("cognito/userPool:UserPool", {}, 1),
        ],
    )
    def test_is_asked_of_what_holds_data(self, token: str, inputs: Mapping[str, Any], count: int) -> None:
        assert len(problems("deletion-protection", resource(token, **inputs))) == count


class TestBackups:
    @pytest.mark.parametrize(
        ("token", "inputs", "said"),
        [
            ("rds/instance:Instance", {"backupRetentionPeriod": 7}, []),
            ("rds/instance:Instance", {"backupRetentionPeriod": UNKNOWN}, []),
            ("rds/instance:Instance", {}, ["keeps no backups (backupRetentionPeriod)"]),
            ("rds/cluster:Cluster", {}, ["keeps backups for 1 of at least 7 days (backupRetentionPeriod)"]),
            (
                "rds/instance:Instance",
                {"backupRetentionPeriod": 30, "skipFinalSnapshot": True},
                ["takes no last snapshot when it is deleted (skipFinalSnapshot)"],
            ),
            ("dynamodb/table:Table", {"pointInTimeRecovery": {"enabled": True}}, []),
            (
                "dynamodb/table:Table",
                {},
                ["cannot be restored to an earlier time (pointInTimeRecovery.enabled)"],
            ),
        ],
    )
    def test_are_kept_long_enough(self, token: str, inputs: Mapping[str, Any], said: list[str]) -> None:
        assert problems("backups", resource(token, **inputs)) == said

    def test_are_kept_as_long_as_the_limits_ask(self) -> None:
        one = resource("rds/instance:Instance", backupRetentionPeriod=7)
        assert len(problems("backups", one, limits=Limits(backup_days=8))) == 1


class TestCacheSnapshots:
    @pytest.mark.parametrize(("limit", "count"), [(1, 0), (UNKNOWN, 0), (0, 1), (None, 1)])
    def test_are_kept(self, limit: Any, count: int) -> None:
        cache = resource("elasticache/replicationGroup:ReplicationGroup", snapshotRetentionLimit=limit)
        assert len(problems("cache-snapshots", cache)) == count


class TestBucketVersioning:
    BUCKET = resource("s3/bucket:Bucket", bucket="mine")

    def setting(self, status: Any, **given: Any) -> Any:
        values = {"versioningConfiguration": {"status": status}, **given}
        return resource("s3/bucketVersioning:BucketVersioning", **values)

    def test_is_found_missing(self) -> None:
        other = self.setting("Enabled", bucket="another")
        assert problems("bucket-versioning", self.BUCKET, other) == [
            "forgets what is overwritten or deleted in it"
        ]

    @pytest.mark.parametrize("status", ["Enabled", UNKNOWN])
    def test_may_be_a_resource_of_its_own(self, status: Any) -> None:
        assert problems("bucket-versioning", self.BUCKET, self.setting(status, bucket="mine")) == []

    def test_is_found_through_references(self) -> None:
        references = {"bucket": (self.BUCKET.urn,)}
        on = resource(
            "s3/bucketVersioning:BucketVersioning",
            references=references,
            bucket=UNKNOWN,
            versioningConfiguration={"status": "Enabled"},
        )
        assert problems("bucket-versioning", self.BUCKET, on) == []

    def test_is_judged_by_the_names_of_before_too(self) -> None:
        former = resource("s3/bucketV2:BucketV2", bucket="mine")
        values: dict[str, Any] = {"versioningConfiguration": {"status": "Enabled"}, "bucket": "mine"}
        on = resource("s3/bucketVersioningV2:BucketVersioningV2", **values)
        assert len(problems("bucket-versioning", former)) == 1
        assert problems("bucket-versioning", former, on) == []

    def test_that_is_suspended_is_none(self) -> None:
        assert len(problems("bucket-versioning", self.BUCKET, self.setting("Suspended", bucket="mine"))) == 1

    def test_may_be_the_buckets_own_input(self) -> None:
        assert problems("bucket-versioning", resource("s3/bucket:Bucket", versioning={"enabled": True})) == []


class TestInstanceCeiling:
    LIMITS = Limits(instance_size="2xlarge", instance_count=4)

    @pytest.mark.parametrize(
        ("token", "inputs", "said"),
        [
            ("ec2/instance:Instance", {"instanceType": "m7g.2xlarge"}, []),
            ("ec2/instance:Instance", {"instanceType": "m7g.nonsense"}, []),
            ("ec2/instance:Instance", {"instanceType": UNKNOWN}, []),
            ("ec2/instance:Instance", {"instanceType": "m7g.metal"}, ["is a m7g.metal, larger than 2xlarge (instanceType)"]),
            ("rds/instance:Instance", {"instanceClass": "db.r7g.4xlarge"}, ["is a db.r7g.4xlarge, larger than 2xlarge (instanceClass)"]),
            ("opensearch/domain:Domain", {"clusterConfig": {"instanceType": "r7g.8xlarge.search"}}, ["is a r7g.8xlarge.search, larger than 2xlarge (clusterConfig)"]),
            ("eks/nodeGroup:NodeGroup", {"instanceTypes": ["m7g.large", "m7g.3xlarge"]}, ["is a m7g.3xlarge, larger than 2xlarge (instanceTypes)"]),
            ("eks/nodeGroup:NodeGroup", {"scalingConfig": {"maxSize": 5}}, ["may run 5, more than 4 (maxSize)"]),
            ("rds/cluster:Cluster", {"serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 32}}, []),
            ("rds/cluster:Cluster", {"serverlessv2ScalingConfiguration": {"maxCapacity": UNKNOWN}}, []),
            ("rds/cluster:Cluster", {"serverlessv2ScalingConfiguration": {"maxCapacity": 32.5}}, ["may grow to 32.5 ACU, more than 2xlarge (serverlessv2ScalingConfiguration.maxCapacity)"]),
            ("ecs/taskDefinition:TaskDefinition", {"cpu": "8192"}, []),
            ("ecs/taskDefinition:TaskDefinition", {"cpu": "16384"}, ["has 16 vCPU, more than 2xlarge (cpu)"]),
            ("ecs/service:Service", {"desiredCount": 4}, []),
            ("ecs/service:Service", {"desiredCount": 5}, ["may run 5, more than 4 (desiredCount)"]),
            ("appautoscaling/target:Target", {"maxCapacity": 5, "scalableDimension": "ecs:service:DesiredCount"}, ["may run 5, more than 4 (maxCapacity)"]),
            ("appautoscaling/target:Target", {"maxCapacity": 500, "scalableDimension": "dynamodb:table:ReadCapacityUnits"}, []),
        ],
    )  # fmt: skip
    def test_is_held(self, token: str, inputs: Mapping[str, Any], said: list[str]) -> None:
        assert problems("instance-ceiling", resource(token, **inputs), limits=self.LIMITS) == said


class TestCostCeiling:
    NAT = resource("ec2/natGateway:NatGateway")

    def test_is_none_until_one_is_set(self) -> None:
        assert problems("cost-ceiling", self.NAT) == []

    def test_is_held_to_the_most_that_what_has_no_price_costs(self) -> None:
        spot = resource(
            "ec2/instance:Instance",
            instanceType="m5.large",
            instanceMarketOptions={"marketType": "spot"},
            subnetId="s",
        )
        assert problems("cost-ceiling", spot, limits=Limits(monthly_cost=Decimal("70.88"))) == []
        [said] = problems("cost-ceiling", spot, limits=Limits(monthly_cost=Decimal("70.87")))
        assert said.startswith(
            "costs at least $0.80 (1 resource unpriced), up to $70.88 with what is bounded, a month"
        )

    def test_is_told_in_its_currency(self) -> None:
        limits = Limits(monthly_cost=Decimal(40), exchange=Exchange("EUR", Decimal("0.5")))
        other = resource("ec2/natGateway:NatGateway", "other")
        assert problems("cost-ceiling", self.NAT, other, limits=limits) == [
            "costs EUR 32.85 a month, and at most EUR 20.00 is allowed"
        ]

    def test_is_held_for_all_together(self) -> None:
        assert problems("cost-ceiling", self.NAT, limits=Limits(monthly_cost=Decimal("32.85"))) == []
        other = resource("ec2/natGateway:NatGateway", "other")
        assert problems("cost-ceiling", self.NAT, other, limits=Limits(monthly_cost=Decimal(40))) == [
            "costs $65.70 a month, and at most $40.00 is allowed"
        ]


class TestNoExec:
    @pytest.mark.parametrize("said", [None, False, UNKNOWN])
    def test_lets_pass_what_nobody_can_enter(self, said: Any) -> None:
        assert problems("no-exec", resource("ecs/service:Service", enableExecuteCommand=said)) == []

    def test_speaks_of_what_can_be_entered(self) -> None:
        found = problems("no-exec", resource("ecs/service:Service", enableExecuteCommand=True))
        assert found == ["lets commands into its tasks (enableExecuteCommand)"]
