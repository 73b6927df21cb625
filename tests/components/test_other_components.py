from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest

from components.bucket import Bucket, BucketArgs
from components.bucket_rules import Cors, LifecycleRule
from components.cluster import Cluster
from components.load_balancer import LoadBalancer, LoadBalancerArgs
from components.registry import Registry
from components.replication import Replication, ReplicationArgs
from tests.pulumi_mocks import Made, run_program

LIKE_EC2S_OWN = {"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}
"""What EC2 gives every new group, in the words of Pulumi: nothing more, above all no description."""


def made(component: type[pulumi.ComponentResource], name: str, *args: object) -> Made:
    def program() -> None:
        component(name, *args)  # type: ignore[arg-type]

    return run_program(program)


class TestBucket:
    @staticmethod
    def bucket(*, versioning: bool = False, **given: Any) -> Made:
        return made(Bucket, "shop-uploads", BucketArgs("shop-uploads-1234", versioning, **given))

    def test_has_the_name_it_was_given(self) -> None:
        assert self.bucket().of("Bucket")[1].inputs["bucket"] == "shop-uploads-1234"

    def test_is_closed_to_the_public(self) -> None:
        found = self.bucket()
        blocked = found.only("BucketPublicAccessBlock").inputs
        assert {key: value for key, value in blocked.items() if key != "bucket"} == {
            "blockPublicAcls": True,
            "blockPublicPolicy": True,
            "ignorePublicAcls": True,
            "restrictPublicBuckets": True,
        }
        ownership = found.only("BucketOwnershipControls").inputs
        assert ownership["rule"] == {"objectOwnership": "BucketOwnerEnforced"}

    def test_is_encrypted(self) -> None:
        [rule] = self.bucket().only("BucketServerSideEncryptionConfiguration").inputs["rules"]
        assert rule == {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}

    def test_is_reached_by_tls_alone(self) -> None:
        found = self.bucket()
        policy = found.only("BucketPolicy")
        [statement] = json.loads(policy.inputs["policy"])["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert statement["Resource"] == ["arn:aws:s3:::shop-uploads-1234", "arn:aws:s3:::shop-uploads-1234/*"]
        assert found.only("BucketPublicAccessBlock").urn in policy.depends_on

    @pytest.mark.parametrize("versioning", [True, False])
    def test_keeps_versions_only_if_asked(self, versioning: bool) -> None:
        found = self.bucket(versioning=versioning).of("BucketVersioning")
        assert [one.inputs["versioningConfiguration"] for one in found] == (
            [{"status": "Enabled"}] if versioning else []
        )

    def test_is_encrypted_with_the_accounts_key_if_asked(self) -> None:
        [rule] = self.bucket(kms=True).only("BucketServerSideEncryptionConfiguration").inputs["rules"]
        assert rule == {
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"},
            "bucketKeyEnabled": True,
        }

    def test_deletes_what_was_never_finished(self) -> None:
        [rule] = self.bucket(abort_uploads_after=3).only("BucketLifecycleConfiguration").inputs["rules"]
        assert rule == {
            "id": "abort-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abortIncompleteMultipartUpload": {"daysAfterInitiation": 3},
        }
        assert not self.bucket(abort_uploads_after=0).of("BucketLifecycleConfiguration")

    def test_moves_and_deletes_what_grows_old(self) -> None:
        rule = LifecycleRule(
            name="old",
            prefix="logs/",
            expire_after=400,
            transitions={"GLACIER": 90, "STANDARD_IA": 30},
            former_versions_expire_after=60,
            former_versions_transitions={"GLACIER": 10},
            former_versions_kept=3,
        )
        found = self.bucket(versioning=True, lifecycle=[rule])
        configuration = found.only("BucketLifecycleConfiguration")
        assert configuration.inputs["rules"] == [
            {
                "id": "rule.old",
                "status": "Enabled",
                "filter": {"prefix": "logs/"},
                "expiration": {"days": 400},
                "transitions": [
                    {"days": 30, "storageClass": "STANDARD_IA"},
                    {"days": 90, "storageClass": "GLACIER"},
                ],
                "noncurrentVersionExpiration": {"noncurrentDays": 60, "newerNoncurrentVersions": 3},
                "noncurrentVersionTransitions": [{"noncurrentDays": 10, "storageClass": "GLACIER"}],
            }
        ]
        assert found.only("BucketVersioning").urn in configuration.depends_on

    def test_does_with_what_is_old_only_what_a_rule_says(self) -> None:
        [rule] = (
            self.bucket(lifecycle=[LifecycleRule("old", expire_after=1)])
            .only("BucketLifecycleConfiguration")
            .inputs["rules"]
        )
        assert set(rule) == {"id", "status", "filter", "expiration"}

    def test_may_be_used_by_web_pages(self) -> None:
        cors = Cors(["https://a.example"], ["GET", "PUT"], ["*"], ["ETag"], 600)
        [rule] = self.bucket(cors=cors).only("BucketCorsConfiguration").inputs["corsRules"]
        assert rule == {
            "allowedOrigins": ["https://a.example"],
            "allowedMethods": ["GET", "PUT"],
            "allowedHeaders": ["*"],
            "exposeHeaders": ["ETag"],
            "maxAgeSeconds": 600,
        }

    def test_stands_with_all_its_settings_where_it_is_told(self) -> None:
        found = self.bucket(region="eu-west-1", versioning=True, abort_uploads_after=1)
        assert {one.inputs["region"] for one in found.resources if one.custom} == {"eu-west-1"}
        assert not any("region" in one.inputs for one in self.bucket().resources)


class TestReplication:
    @staticmethod
    def replication() -> Made:
        def program() -> None:
            source = Bucket("shop-up", BucketArgs("up", versioning=True))
            target = Bucket("shop-up.replica", BucketArgs("copy", versioning=True, region="eu-west-1"))
            Replication("shop-up.replica", ReplicationArgs(source, target, "123456789012", prefix="a/"))

        return run_program(program)

    def test_copies_new_objects_and_deletions_to_the_other_bucket(self) -> None:
        found = self.replication()
        inputs = found.only("BucketReplicationConfig").inputs
        [rule] = inputs["rules"]
        assert inputs["bucket"] == "Bucket/shop-up"
        assert rule["destination"] == {"bucket": "arn:aws:s3:us-east-1:123456789012:shop-up.replica"}
        assert rule["deleteMarkerReplication"] == {"status": "Enabled"}
        assert (rule["status"], rule["filter"]) == ("Enabled", {"prefix": "a/"})

    def test_waits_until_both_keep_versions_and_the_role_may_copy(self) -> None:
        found = self.replication()
        waited = found.only("BucketReplicationConfig").depends_on
        for kind, name in (("BucketVersioning", "shop-up"), ("BucketVersioning", "shop-up.replica")):
            assert found.named(kind, name).urn in waited
        assert found.only("RolePolicy").urn in waited

    def test_is_done_by_s3_alone_for_buckets_of_this_account(self) -> None:
        found = self.replication()
        [trusted] = json.loads(found.only("Role").inputs["assumeRolePolicy"])["Statement"]
        assert trusted["Principal"] == {"Service": "s3.amazonaws.com"}
        assert trusted["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
        statements = json.loads(found.only("RolePolicy").inputs["policy"])["Statement"]
        written = [one["Resource"] for one in statements if "s3:ReplicateObject" in one["Action"]]
        assert written == [["arn:aws:s3:us-east-1:123456789012:shop-up.replica/*"]]


class TestCluster:
    def test_runs_on_fargate(self) -> None:
        found = made(Cluster, "shop", "shop_local")
        assert [one.inputs for one in found.of("Cluster") if one.custom] == [{"name": "shop_local"}]
        assert found.only("ClusterCapacityProviders").inputs["capacityProviders"] == [
            "FARGATE",
            "FARGATE_SPOT",
        ]


class TestLoadBalancer:
    @staticmethod
    def balancer(**more: Any) -> Made:
        return made(LoadBalancer, "shop", LoadBalancerArgs("vpc-1", ["subnet-1", "subnet-2"], **more))

    def test_stands_in_the_public_subnets(self) -> None:
        found = self.balancer()
        [balancer] = [one for one in found.of("LoadBalancer") if one.custom]
        assert balancer.inputs["subnets"] == ["subnet-1", "subnet-2"]
        assert balancer.inputs["securityGroups"] == ["SecurityGroup/shop-alb"]
        assert (balancer.inputs["loadBalancerType"], balancer.inputs["internal"]) == ("application", False)
        assert balancer.inputs["dropInvalidHeaderFields"] is True

    def test_lets_in_http_from_anywhere_and_no_more(self) -> None:
        rule = self.balancer().only("SecurityGroupIngressRule").inputs
        assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"], rule["ipProtocol"]) == (
            "0.0.0.0/0",
            80,
            80,
            "tcp",
        )

    def test_may_send_anywhere_by_a_rule_of_the_group_itself(self) -> None:
        found = self.balancer()
        assert found.only("SecurityGroup").inputs["egress"] == [LIKE_EC2S_OWN]
        assert not found.of("SecurityGroupEgressRule")

    def test_says_404_where_there_is_no_service(self) -> None:
        found = self.balancer()
        listener = found.only("Listener").inputs
        assert (listener["port"], listener["protocol"]) == (80, "HTTP")
        [action] = listener["defaultActions"]
        assert (action["type"], action["fixedResponse"]["statusCode"]) == ("fixed-response", "404")

    def test_speaks_https_with_certificates_and_redirects_http(self) -> None:
        found = self.balancer(certificates={"a.test": "arn:a"})
        plain, secure = found.named("Listener", "shop").inputs, found.named("Listener", "shop-https").inputs
        [redirect] = plain["defaultActions"]
        assert (redirect["type"], redirect["redirect"]) == (
            "redirect",
            {"statusCode": "HTTP_301", "protocol": "HTTPS", "port": "443"},
        )
        assert (secure["port"], secure["protocol"], secure["certificateArn"]) == (443, "HTTPS", "arn:a")
        assert secure["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-Res")
        assert secure["defaultActions"][0]["fixedResponse"]["statusCode"] == "404"
        ports = {rule.inputs["fromPort"] for rule in found.of("SecurityGroupIngressRule")}
        assert ports == {80, 443}
        assert found.of("ListenerCertificate") == []

    def test_has_a_certificate_for_each_further_host(self) -> None:
        found = self.balancer(certificates={"a.test": "arn:a", "b.test": "arn:b"})
        further = found.only("ListenerCertificate")
        assert further.name == "shop-b.test"  # not a number, which another host would move
        assert further.inputs == {
            "listenerArn": found.named("Listener", "shop-https").arn,
            "certificateArn": "arn:b",
        }

    def test_lists_further_certificates_so_that_another_default_leaves_no_gap(self) -> None:
        found = self.balancer(further_certificates={"a.test": "arn:a", "b.test": "arn:b"})
        assert found.named("Listener", "shop-https").inputs["certificateArn"] == "arn:a"
        assert found.named("Listener", "shop").inputs["defaultActions"][0]["type"] == "redirect"
        listed = {one.name: one.inputs["certificateArn"] for one in found.of("ListenerCertificate")}
        assert listed == {"shop-a.test": "arn:a", "shop-b.test": "arn:b"}

    def test_has_further_certificates_beside_its_own(self) -> None:
        found = self.balancer(certificates={"a.test": "arn:a"}, further_certificates={"b.test": "arn:b"})
        assert found.named("Listener", "shop-https").inputs["certificateArn"] == "arn:a"
        assert found.only("ListenerCertificate").inputs["certificateArn"] == "arn:b"

    def test_lets_in_nobody_else_where_a_prefix_list_is_given(self) -> None:
        found = self.balancer(certificates={"a.test": "arn:a"}, only_from="pl-1")
        rule = found.only("SecurityGroupIngressRule").inputs
        assert (rule["prefixListId"], rule["fromPort"], rule.get("cidrIpv4")) == ("pl-1", 443, None)


class TestRegistry:
    def test_scans_images_and_never_changes_a_tag(self) -> None:
        repository = made(Registry, "shop-web", "shop/staging/web").only("Repository").inputs
        assert repository["name"] == "shop/staging/web"
        assert repository["imageTagMutability"] == "IMMUTABLE"
        assert repository["imageScanningConfiguration"] == {"scanOnPush": True}

    def test_is_deleted_with_its_images(self) -> None:
        assert made(Registry, "shop-web", "a").only("Repository").inputs["forceDelete"] is True

    def test_keeps_the_last_images_and_forgets_what_has_no_tag(self) -> None:
        policy = json.loads(made(Registry, "shop-web", "a").only("LifecyclePolicy").inputs["policy"])
        untagged, tagged = (rule["selection"] for rule in policy["rules"])
        assert untagged == {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 7,
        }
        assert tagged == {
            "tagStatus": "tagged",
            "tagPatternList": ["*"],
            "countType": "imageCountMoreThan",
            "countNumber": 30,
        }
        assert [rule["action"] for rule in policy["rules"]] == [{"type": "expire"}] * 2
        assert [rule["rulePriority"] for rule in policy["rules"]] == [1, 2]
