from __future__ import annotations

import pulumi
import pytest

from components.certificate import Certificates, CertificatesArgs
from components.dns import Names, NamesArgs, Zone, ZoneArgs
from cygni.naming import host_in_name
from tests.pulumi_mocks import Made, run_program


def made(component: type[pulumi.ComponentResource], *args: object) -> Made:
    def program() -> None:
        component("shop", *args)  # type: ignore[arg-type]

    return run_program(program)


class TestZone:
    def test_is_made_if_that_is_asked_for(self) -> None:
        found = made(Zone, ZoneArgs("example.com", create=True))
        assert [one.inputs["name"] for one in found.of("Zone") if one.custom] == ["example.com"]

    def test_is_looked_up_otherwise(self) -> None:
        found = made(Zone, ZoneArgs("example.com", create=False))
        [zone] = found.of("Zone")
        assert not zone.custom
        assert found.registered[zone.urn] == {"zoneId": "Z-example.com"}


class TestNames:
    @pytest.mark.parametrize(("ipv6", "kinds"), [(False, ["A"]), (True, ["A", "AAAA"])])
    def test_lead_to_the_target(self, ipv6: bool, kinds: list[str]) -> None:
        args = NamesArgs("Z1", ["a.test", "*.a.test"], "lb.elb.test", "ZELB", ipv6=ipv6)
        records = [record.inputs for record in made(Names, args).of("Record")]
        assert [(one["name"], one["type"]) for one in records] == [
            (name, kind) for name in ("a.test", "*.a.test") for kind in kinds
        ]
        for one in records:
            assert one["zoneId"] == "Z1"
            assert one["aliases"] == [
                {"name": "lb.elb.test", "zoneId": "ZELB", "evaluateTargetHealth": False}
            ]


class TestCertificates:
    NAMES = ("a.test", "*.a.test", "b.test")

    def certificates(self, *, cdn: bool = False) -> Made:
        return made(Certificates, CertificatesArgs(self.NAMES, "Z1", cdn=cdn))

    def test_are_one_for_each_name(self) -> None:
        found = self.certificates()
        requested = {one.name: one.inputs for one in found.of("Certificate")}
        assert {name: one["domainName"] for name, one in requested.items()} == {
            "shop-a.test": "a.test",
            "shop-_.a.test": "*.a.test",
            "shop-b.test": "b.test",
        }
        assert all(one["validationMethod"] == "DNS" for one in requested.values())

    def test_are_proven_by_one_record_for_a_name_and_its_wildcard(self) -> None:
        records = {one.name: one.inputs for one in self.certificates().of("Record")}
        assert set(records) == {"shop-a.test", "shop-b.test"}
        assert records["shop-a.test"] == {
            "zoneId": "Z1",
            "name": "_proof.a.test.",
            "type": "CNAME",
            "records": ["_6.acm.test."],
            "ttl": 300,
            "allowOverwrite": True,
        }

    def test_are_known_once_they_are_issued(self) -> None:
        found = self.certificates()
        waiting = {one.name: one.inputs for one in found.of("CertificateValidation")}
        assert waiting["shop-_.a.test"] == {
            "certificateArn": found.named("Certificate", "shop-_.a.test").arn,
            "validationRecordFqdns": ["_proof.a.test"],
        }
        [outputs] = [one for one in found.registered.values() if "arns" in one]
        assert outputs["arns"] == {
            name: waiting[f"shop-{host_in_name(name)}"]["certificateArn"] for name in self.NAMES
        }

    def test_have_one_more_for_cloudfront_in_its_region(self) -> None:
        found = self.certificates(cdn=True)
        everywhere = found.named("Certificate", "shop-cdn").inputs
        assert (everywhere["region"], everywhere["subjectAlternativeNames"]) == (
            "us-east-1",
            list(self.NAMES),
        )
        waiting = found.named("CertificateValidation", "shop-cdn").inputs
        assert (waiting["region"], waiting["validationRecordFqdns"]) == (
            "us-east-1",
            ["_proof.a.test", "_proof.b.test"],
        )
        assert len(found.of("Record")) == 2  # no record of its own: ACM asks for the same ones
