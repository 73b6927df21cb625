"""The entrance of an environment, as the foundation's program declares it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cygni.naming import Part, stack_name
from stacks.inputs import FoundationInputs
from stacks.manifest import stack_inputs
from stacks.program import program_for
from tests.factories import create_spec
from tests.pulumi_mocks import Made, run_program

DOMAIN = {"name": "shop.example.com", "zone": "example.com", "aliases": ["www.example.com"]}
WITH_CDN = {**DOMAIN, "cdn": True}


def foundation(environment: str = "staging", **sections: Any) -> Made:
    spec = create_spec(environment, **sections)
    stack = stack_name(spec.project, environment, Part.FOUNDATION)
    return run_program(program_for(stack, stack_inputs(spec)[Part.FOUNDATION], {}), stack)


def services(environment: str, outputs: dict[str, Any], **sections: Any) -> Made:
    spec = create_spec(environment, buckets=None, **sections)
    stack = stack_name(spec.project, environment, Part.SERVICES)
    name = stack_name(spec.project, environment, Part.FOUNDATION)
    program = program_for(stack, stack_inputs(spec)[Part.SERVICES], {})
    return run_program(program, stack, references={name: outputs})


class TestWithoutADomain:
    def test_is_plain_http_at_the_load_balancers_name(self) -> None:
        found = foundation()
        assert found.outputs["entranceUrl"] == f"http://{found.outputs['loadBalancerDnsName']}"
        assert [one.inputs["port"] for one in found.of("Listener")] == [80]
        assert "nameServers" not in found.outputs


class TestWithADomain:
    def test_every_name_leads_to_the_load_balancer(self) -> None:
        found = foundation(domain=DOMAIN)
        records = {one.inputs["name"]: one.inputs for one in found.of("Record") if one.inputs["type"] == "A"}
        assert set(records) == {"shop.example.com", "www.example.com"}
        for record in records.values():
            assert record["zoneId"] == "Z-example.com"
            assert [alias["name"] for alias in record["aliases"]] == [found.outputs["loadBalancerDnsName"]]

    def test_services_hang_on_the_secure_listener(self) -> None:
        found = foundation(domain=DOMAIN)
        assert found.outputs["listenerArn"] == found.named("Listener", "shop-staging-https").arn
        outputs = services("staging", found.outputs, domain=DOMAIN).outputs
        assert outputs["urls"] == {"web": "https://shop.example.com/"}

    def test_the_listener_has_the_certificate_of_every_name(self) -> None:
        found = foundation(domain=DOMAIN)
        own = found.named("Certificate", "shop-staging-shop.example.com").arn
        further = found.named("Certificate", "shop-staging-www.example.com").arn
        assert found.named("Listener", "shop-staging-https").inputs["certificateArn"] == own
        assert found.only("ListenerCertificate").inputs["certificateArn"] == further

    def test_the_zone_must_be_there_unless_it_is_to_be_made(self) -> None:
        looked_up = foundation(domain=DOMAIN)
        assert [one for one in looked_up.of("Zone") if one.custom] == []
        made = foundation(domain={**DOMAIN, "create_zone": True})
        assert [one.inputs["name"] for one in made.of("Zone") if one.custom] == ["example.com"]
        assert made.outputs["nameServers"] == ["ns-1.test", "ns-2.test"]

    def test_the_local_cloud_always_makes_the_zone(self) -> None:
        found = foundation("local", domain={"name": "shop.example.com"})
        assert [one.inputs["name"] for one in found.of("Zone") if one.custom] == ["shop.example.com"]

    def test_without_a_web_service_there_is_no_entrance(self) -> None:
        found = foundation(domain=DOMAIN, services={"a": {"kind": "worker", "image": "a:1"}})
        assert (found.of("Certificate"), found.of("Record"), found.of("Listener")) == ([], [], [])


class TestWithDomainsOfAControlPlane:
    GIVEN = (("shop.example.org", "arn:1"), ("www.example.org", "arn:2"))

    def edge(self, **sections: Any) -> Made:
        spec = create_spec("staging", **sections)
        inputs = stack_inputs(spec)[Part.FOUNDATION]
        assert isinstance(inputs, FoundationInputs)
        stack = stack_name(spec.project, "staging", Part.FOUNDATION)
        return run_program(program_for(stack, replace(inputs, certificates=self.GIVEN), {}), stack)

    def test_is_secure_with_their_certificates_alone(self) -> None:
        found = self.edge()
        assert found.named("Listener", "shop-staging-https").inputs["certificateArn"] == "arn:1"
        assert found.outputs["listenerArn"] == found.named("Listener", "shop-staging-https").arn
        assert found.outputs["entranceUrl"] == "https://shop.example.org"
        assert found.outputs["domains"] == ["shop.example.org", "www.example.org"]
        assert (found.of("Certificate"), found.of("Record")) == ([], [])

    def test_has_its_own_names_first(self) -> None:
        found = self.edge(domain=DOMAIN)
        own = found.named("Certificate", "shop-staging-shop.example.com").arn
        assert found.named("Listener", "shop-staging-https").inputs["certificateArn"] == own
        assert {one.inputs["certificateArn"] for one in found.of("ListenerCertificate")} == {
            found.named("Certificate", "shop-staging-www.example.com").arn,
            *("arn:1", "arn:2"),
        }
        assert found.outputs["entranceUrl"] == "https://shop.example.com"


class TestWithACdn:
    def test_every_name_leads_to_the_distribution(self) -> None:
        found = foundation(domain=WITH_CDN)
        kinds = {
            (one.inputs["name"], one.inputs["type"]) for one in found.of("Record") if "aliases" in one.inputs
        }
        assert kinds == {
            (name, kind) for name in ("shop.example.com", "www.example.com") for kind in ("A", "AAAA")
        }
        targets = {one.inputs["aliases"][0]["name"] for one in found.of("Record") if "aliases" in one.inputs}
        assert targets == {"shop-staging.cloudfront.test"}
        distribution = found.only("Distribution").inputs
        assert distribution["origins"][0]["domainName"] == found.outputs["loadBalancerDnsName"]
        assert distribution["aliases"] == ["shop.example.com", "www.example.com"]

    def test_the_distribution_has_a_certificate_of_its_region(self) -> None:
        found = foundation(domain=WITH_CDN)
        own = found.named("Certificate", "shop-staging-cdn")
        assert found.only("Distribution").inputs["viewerCertificate"]["acmCertificateArn"] == own.arn
        assert own.inputs["region"] == "us-east-1"

    def test_the_load_balancer_lets_in_cloudfront_alone(self) -> None:
        found = foundation(domain=WITH_CDN)
        rules = [one for one in found.of("SecurityGroupIngressRule") if "alb" in one.name]
        assert [(one.inputs["prefixListId"], one.inputs["fromPort"]) for one in rules] == [("pl-1", 443)]

    def test_the_firewall_stands_before_the_distribution(self) -> None:
        found = foundation(domain=WITH_CDN, security={"waf": True})
        acl = found.only("WebAcl")
        assert acl.inputs["scope"] == "CLOUDFRONT"
        assert found.only("Distribution").inputs["webAclId"] == acl.arn
        assert found.of("WebAclAssociation") == []


class TestWithAFirewall:
    def test_it_stands_before_the_load_balancer(self) -> None:
        found = foundation(security={"waf": True, "waf_rate_limit": 300})
        [balancer] = [one for one in found.of("LoadBalancer") if one.custom]
        assert found.only("WebAclAssociation").inputs["resourceArn"] == balancer.arn
        rate = found.only("WebAcl").inputs["rules"][0]["statement"]["rateBasedStatement"]
        assert rate["limit"] == 300

    def test_there_is_none_without_an_entrance_or_unless_asked_for(self) -> None:
        worker = {"a": {"kind": "worker", "image": "a:1"}}
        assert foundation("production", services=worker).of("WebAcl") == []
        assert foundation().of("WebAcl") == []
        assert len(foundation("production").of("WebAcl")) == 1


class TestTheAccount:
    def test_is_watched_over_only_if_asked_for(self) -> None:
        kinds = ("Detector", "Account", "Trail")
        assert [foundation("production").of(kind) for kind in kinds] == [[], [], []]
        asked = foundation(security={"guardduty": True, "security_hub": True, "cloudtrail": True})
        assert [len(asked.of(kind)) for kind in kinds] == [1, 1, 1]

    def test_its_trail_has_a_bucket_that_no_other_can_be_named_like(self) -> None:
        security = {"cloudtrail": True, "cloudtrail_retention": 30}
        found = foundation(security=security)
        [bucket] = [one for one in found.of("Bucket") if one.custom]
        spec = create_spec(security=security, buckets={"cloudtrail": {}})
        stack = stack_name(spec.project, "staging", Part.DATA)
        data = run_program(program_for(stack, stack_inputs(spec)[Part.DATA], {}), stack)
        [other] = [one for one in data.of("Bucket") if one.custom]
        assert bucket.inputs["bucket"] != other.inputs["bucket"]
        assert found.only("Trail").inputs["s3BucketName"] == bucket.inputs["bucket"]
        [rule] = found.only("BucketLifecycleConfiguration").inputs["rules"]
        assert rule["expiration"] == {"days": 30}


class TestTheLongestNames:
    def test_fit_into_tags(self) -> None:
        host = f"{'h' * 52}.example.com"
        found = foundation(
            f"preview-{'e' * 24}",
            project="p" * 24,
            domain={"name": host, "zone": "example.com", "aliases": [f"*.{host[2:]}"], "cdn": True},
            security={"waf": True, "guardduty": True, "cloudtrail": True},
        )
        tags = [
            (one.name, value) for one in found.resources for value in (one.inputs.get("tags") or {}).values()
        ]
        assert any(host in name for name, _ in tags)
        assert [(name, value) for name, value in tags if len(value) > 256 or "*" in value] == []
