"""Faults of the domain and its certificates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cli import doctor as doctor_command
from tests.aws_line import run_aws_line
from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import DOMAIN, World, https_server, signed


def zone_gone(world: World) -> None:
    route53 = world.client("route53")
    world.own({"Name": DOMAIN, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "127.0.0.1"}]}, "DELETE")
    route53.delete_hosted_zone(Id=world.zone)


def zone_twice(world: World) -> None:
    world.client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="again")


def handed_elsewhere(world: World) -> None:
    world.names.handed[DOMAIN] = ["ns1.registrar.test", "ns2.registrar.test"]
    at_the_registrar(world)


def not_handed(world: World) -> None:
    del world.names.handed[DOMAIN]
    at_the_registrar(world)


def handed_in_part(world: World) -> None:
    world.names.handed[DOMAIN] = world.servers[:2]
    at_the_registrar(world)


def at_the_registrar(world: World) -> None:
    def change(line: str) -> None:
        world.names.handed[DOMAIN] = line.partition("to: ")[2].split()

    world.typed["At the registrar of shop.test, set the name servers to:"] = change


def caa_of_others(world: World) -> None:
    records = [{"Value": '0 issue "letsencrypt.org"'}]
    world.own({"Name": DOMAIN, "Type": "CAA", "TTL": 60, "ResourceRecords": records})
    world.publish()
    _published_with_aws(world)


def _published_with_aws(world: World) -> None:
    """What is written into the zone is soon known to the internet."""

    def write(line: str) -> None:
        run_aws_line(line, world.client)
        world.publish()

    world.typed["aws route53 change-resource-record-sets"] = write


def not_propagated(world: World) -> None:
    del world.names.records[DOMAIN, "A"]
    world.typed["Wait 60 s"] = lambda line: world.publish()


def certificate_issued(world: World) -> None:
    acm = world.client("acm")
    arn = acm.request_certificate(DomainName=DOMAIN, ValidationMethod="DNS")["CertificateArn"]
    [option] = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
    proof = option["ResourceRecord"]
    world.own(
        {"Name": proof["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": proof["Value"]}]}
    )
    world.publish()


def certificate_waits(world: World) -> None:
    world.client("acm").request_certificate(DomainName=DOMAIN, ValidationMethod="DNS")
    _published_with_aws(world)


def certificate_imported(days: float) -> Callable[[World], None]:
    def inject(world: World) -> None:
        acm = world.client("acm")
        one = signed(days)
        made = acm.import_certificate(Certificate=one.certificate, PrivateKey=one.key)["CertificateArn"]

        def renew(line: str) -> None:
            assert made in line
            new = signed(365)
            acm.import_certificate(CertificateArn=made, Certificate=new.certificate, PrivateKey=new.key)

        world.typed["aws acm import-certificate"] = renew

    return inject


def alias_without_certificate(world: World) -> None:
    world.cx.write(domain={"name": DOMAIN, "aliases": ["www.shop.test"]})
    made = world.client("acm")

    def deploys(line: str) -> None:
        one = signed(365, host="www.shop.test")
        made.import_certificate(Certificate=one.certificate, PrivateKey=one.key)

    world.typed["cx deploy -e staging"] = deploys


def served_well(world: World) -> None:
    good = signed(365)
    authorities = world.tmp / "authorities.pem"
    authorities.write_bytes(good.certificate)
    world.monkeypatch.setenv("SSL_CERT_FILE", str(authorities))
    port, serve = world.running.enter_context(https_server(world.tmp, good))
    world.serve = serve
    world.typed["cx deploy -e staging --refresh"] = lambda line: serve(good)
    real = doctor_command.examined
    world.monkeypatch.setattr(
        doctor_command, "examined", lambda app, env: replace(real(app, env), https_port=port)
    )


def served_untrusted(world: World) -> None:
    world.serve(signed(-1))


FAULTS = [
    Fault("zone", "no public hosted zone shop.test", zone_gone),
    Fault("zone", "there are 2 public zones", zone_twice, id="zone-twice"),
    Fault("delegation", "ns1.registrar.test", handed_elsewhere),
    Fault("delegation", "a.root.test knows no shop.test", not_handed, id="not-handed"),
    Fault("delegation", "does not name", handed_in_part, status="warn", id="handed-in-part"),
    Fault("caa", "letsencrypt.org", caa_of_others),
    Fault("propagation", "shop.test", not_propagated, status="warn"),
    Fault("certificate", "PENDING_VALIDATION", certificate_waits),
    Fault("certificate-expiry", "ends in 3 days", certificate_imported(3.5)),
    Fault(
        "certificate-expiry", "ends in 20 days", certificate_imported(20.5), status="warn", id="expiry-near"
    ),
    Fault("certificate-names", "www.shop.test", alias_without_certificate, certificate_issued, "warn"),
    Fault("certificate-chain", "self-signed", served_untrusted, served_well),
]
