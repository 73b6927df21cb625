"""What names and certificates do beyond being made and taken away."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.local_cloud.provider import check as checking
from cygni.local_cloud.provider import handlers
from cygni.local_cloud.provider.diff import diff
from cygni.local_cloud.provider.handlers.base import At
from cygni.local_cloud.provider.operations import resource_type

World = Any  # the fixture's class, see conftest.py

ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"
CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"


def a_record(zone: str, **more: Any) -> dict[str, Any]:
    return {"zoneId": zone, "name": "www", "type": "A", "ttl": 60, "records": ["10.0.0.1"], **more}


def failures(world: World, token: str, news: dict[str, Any]) -> list[str]:
    kind = resource_type(token)
    _, found = checking.check(kind, {}, news, world.operations.setting, checking.Naming(resource="sample"))
    return [failure.property for failure in found]


class TestRecord:
    def test_does_not_take_over_one_that_is_there_unless_it_may(self, world: World) -> None:
        zone = world.create(ZONE, {"name": "a.test"}).id
        world.create(RECORD, a_record(zone))

        with pytest.raises(ClientError, match="already exists"):
            world.operations.create(
                resource_type(RECORD), world.check(RECORD, a_record(zone, records=["10.0.0.9"]))
            )
        kept = world.create(RECORD, a_record(zone, records=["10.0.0.9"], allowOverwrite=True))

        assert kept.outputs["records"] == ["10.0.0.9"]

    def test_is_created_again_after_it_was_deleted(self, world: World) -> None:
        zone = world.create(ZONE, {"name": "a.test"}).id
        world.create(RECORD, a_record(zone, name="later", records=["10.0.0.5"]))
        first = world.create(RECORD, a_record(zone))
        world.operations.delete(resource_type(RECORD), first.id, first.outputs)

        assert world.create(RECORD, a_record(zone)).id == first.id

    def test_changes_its_type_in_place(self, world: World) -> None:
        zone = world.create(ZONE, {"name": "a.test"}).id
        kept = world.create(RECORD, a_record(zone))
        kind = resource_type(RECORD)
        news = world.check(RECORD, a_record(zone, type="CNAME", records=["b.test"]), kept.inputs)
        difference = diff(kind, kept.inputs, kept.outputs, news)

        assert not difference.replaces
        outputs = world.operations.update(kind, kept.id, kept.outputs, news, difference.properties)

        assert (outputs["type"], outputs["records"]) == ("CNAME", ["b.test"])
        [record] = [
            one
            for one in world.operations.cloud.client("route53").list_resource_record_sets(HostedZoneId=zone)[
                "ResourceRecordSets"
            ]
            if one["Name"] == "www.a.test."
        ]
        assert record["Type"] == "CNAME"

    def test_ignores_case_and_the_last_dot_of_a_name(self, world: World) -> None:
        zone = world.create(ZONE, {"name": "a.test"}).id
        kept = world.create(RECORD, a_record(zone, name="www.a.test"))
        news = world.check(RECORD, a_record(zone, name="WWW.a.test."), kept.inputs)

        assert not diff(resource_type(RECORD), kept.inputs, kept.outputs, news).changes

    def test_is_adopted_only_if_it_says_the_same(self, world: World) -> None:
        zone = world.create(ZONE, {"name": "a.test"}).id
        kept = world.create(RECORD, a_record(zone))
        at, handler = At(world.operations.cloud, "us-east-1"), handlers.handler(RECORD)

        assert handler.left(at, world.check(RECORD, a_record(zone))) == kept.id
        assert handler.left(at, world.check(RECORD, a_record(zone, records=["10.9.9.9"]))) is None

    def test_tells_what_does_not_go_together(self, world: World) -> None:
        without_ttl = {"zoneId": "Z", "name": "a", "type": "A", "records": ["10.0.0.1"]}
        assert failures(world, RECORD, without_ttl) == ["ttl"]
        assert failures(world, RECORD, a_record("Z", setIdentifier="one")) == ["setIdentifier"]
        geo = {"geoproximityRoutingPolicy": {"bias": 1}, "setIdentifier": "one"}
        assert "geoproximityRoutingPolicy" in failures(world, RECORD, a_record("Z", **geo))


class TestZone:
    def test_is_deleted_with_its_records_only_if_that_is_asked_for(self, world: World) -> None:
        kept = world.create(ZONE, {"name": "a.test"})
        world.create(RECORD, a_record(kept.id))
        kind = resource_type(ZONE)

        with pytest.raises(ClientError, match="HostedZoneNotEmpty"):
            world.operations.delete(kind, kept.id, kept.outputs)
        world.operations.delete(kind, kept.id, {**kept.outputs, "forceDestroy": True})

        assert world.operations.read(kind, kept.id, kept.inputs, kept.outputs) is None

    def test_is_found_again_before_it_has_tags(self, world: World) -> None:
        kind, handler = resource_type(ZONE), handlers.handler(ZONE)
        at = At(world.operations.cloud, "us-east-1")
        inputs = world.check(ZONE, {"name": "a.test", "tags": {"cygni:urn": "urn:a"}})
        other = world.check(ZONE, {"name": "a.test", "tags": {"cygni:urn": "urn:b"}})

        id = handler.create(at, inputs)  # and not `complete`, which puts the tags on

        assert world.operations.read(kind, id, {}, {}).outputs.get("tagsAll") == {}
        assert handler.left(at, inputs) == id
        assert handler.left(at, other) is None


class TestCertificate:
    def test_takes_its_first_name_for_granted(self, world: World) -> None:
        given = {"domainName": "a.test", "subjectAlternativeNames": ["b.test"], "validationMethod": "DNS"}
        kept = world.create(CERTIFICATE, given)
        spelled = world.check(CERTIFICATE, {**given, "subjectAlternativeNames": ["a.test", "b.test"]})
        more = world.check(CERTIFICATE, {**given, "subjectAlternativeNames": ["b.test", "c.test"]})
        kind = resource_type(CERTIFICATE)

        assert not diff(kind, kept.inputs, kept.outputs, spelled).changes
        assert diff(kind, kept.inputs, kept.outputs, more).replaces == ("subjectAlternativeNames",)
        names = [option["domainName"] for option in kept.outputs["domainValidationOptions"]]
        assert names == ["a.test", "b.test"]

    def test_of_ones_own_is_refused_in_words(self, world: World) -> None:
        assert "privateKey" in failures(world, CERTIFICATE, {"privateKey": "k", "certificateBody": "c"})
        assert failures(world, CERTIFICATE, {"domainName": "a.test"}) == ["validationMethod"]


class TestValidation:
    def test_refuses_a_list_that_lacks_a_record(self, world: World) -> None:
        certificate = world.create(CERTIFICATE, {"domainName": "a.test", "validationMethod": "DNS"})
        inputs = world.check(
            VALIDATION, {"certificateArn": certificate.id, "validationRecordFqdns": ["other.test"]}
        )

        with pytest.raises(RuntimeError, match=r"lacks _\w+\.a\.test"):
            world.operations.create(resource_type(VALIDATION), inputs)

    def test_ends_when_the_certificate_is_gone(self, world: World) -> None:
        certificate = world.create(CERTIFICATE, {"domainName": "a.test", "validationMethod": "DNS"})
        inputs = world.check(VALIDATION, {"certificateArn": certificate.id})
        acm = world.operations.cloud.client("acm")
        handler, at = handlers.handler(VALIDATION), At(world.operations.cloud, "us-east-1")
        id = handler.create(at, inputs)
        acm.delete_certificate(CertificateArn=certificate.id)

        with pytest.raises(RuntimeError, match="will not be issued: it is gone"):
            handler.complete(at, id, inputs)
        with pytest.raises(RuntimeError, match="there is no certificate"):
            world.operations.create(resource_type(VALIDATION), inputs)
