"""Every fault that `cx doctor` knows: found, named, and mended by what it prints. Without the fault it finds nothing.

A fault is done to a world in which all is well; then somebody types the fix.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import doctor as doctor_command
from cygni.doctor.checks.quotas import Quota, quotas
from cygni.doctor.sources import account, use
from cygni.doctor.sources import machine as machine_sources
from cygni.errors import EngineError
from cygni.local_cloud import process
from cygni.settings import Settings
from stacks import engine as engines
from stacks import examination
from stacks.engine_locks import locks_folder
from stacks.state import checkpoint_path
from stacks.target import state_folder
from tests.aws_line import run_aws_line
from tests.cli.conftest import Cx
from tests.cli.doctor_world import (
    DOMAIN,
    Registry,
    World,
    executable,
    https_server,
    on_path,
    plan_of,
    prepare,
    resource,
    signed,
)
from tests.dns_server import dns_server
from tests.e2e.cloud_gate import CloudGate, Refusal
from tests.engine_state import ended_pid, write_lock

STACK = "shop.staging.data"
SPEC: dict[str, Any] = {"domain": {"name": DOMAIN}}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("cloud")
    settings = Settings(data_dir=folder / "data", cache_dir=folder / "cache")
    process.start(settings, deadline=60)
    yield settings
    process.stop(settings)


@pytest.fixture
def world(cx: Cx, cloud: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    gate, registry = CloudGate(process.reset(cloud).port), Registry()
    for name in [one for one in os.environ if one.startswith(("AWS_", "DOCKER_", "CYGNI_PULUMI"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{gate.port}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("CYGNI_DATA_DIR", str(tmp_path / "own"))
    (tmp_path / "own").mkdir(mode=0o700)
    executable(tmp_path / "bin" / "pulumi", "echo v3.255.0")
    on_path(monkeypatch, tmp_path / "bin")
    cx.write(**SPEC)
    with dns_server({}, {}) as names:
        monkeypatch.setenv("CYGNI_RESOLVER", names.address)
        made = World(cx, gate, names, registry, monkeypatch, tmp_path)
        monkeypatch.setattr(examination, "planned", lambda plan: made.plan)
        prepare(made)
        with made.running:
            yield made
    registry.close()
    gate.close()


@dataclass(frozen=True)
class Fault:
    """`check` finds it, and tells of it with the words `named`. `inject` does it, `before` makes ready what it is done
    to."""

    check: str
    named: str
    inject: Callable[[World], None]
    before: Callable[[World], None] = lambda world: None
    status: str = "fail"
    id: str = ""


# This machine


def engine_named_wrongly(world: World) -> None:
    world.monkeypatch.setenv("CYGNI_PULUMI", str(world.tmp / "no-engine"))


def engine_gone(world: World) -> None:
    engine = world.tmp / "bin" / "pulumi"
    engine.unlink()
    world.monkeypatch.setattr(engines, "status", _no_engine(world, engines.status))

    def install(line: str) -> None:
        executable(engine, "echo v3.255.0")

    world.typed["cx engine install"] = install


def _no_engine(world: World, status: Any) -> Any:
    """As on a machine with none, also where the test's has one."""

    def asked(settings: Settings, *args: Any, **named: Any) -> Any:
        return status(settings, *args, environ={"PATH": str(world.tmp / "bin")})

    return asked


def old_package(world: World) -> None:
    real = machine_sources._version
    world.monkeypatch.setattr(
        machine_sources, "_version", lambda name: "1.0.0" if name == "boto3" else real(name)
    )
    world.typed["uv pip install"] = lambda line: world.monkeypatch.setattr(machine_sources, "_version", real)


def no_plugin(world: World) -> None:
    def install(line: str) -> None:
        [home, *_, version] = line.split()
        folder = Path(home.partition("=")[2]) / "plugins" / f"resource-aws-v{version}"
        folder.mkdir(parents=True)

    world.typed["PULUMI_HOME="] = install


def has_plugin(world: World) -> None:
    from importlib.metadata import version

    cache = Settings.from_environment().cache_dir
    (cache / "plugins" / f"resource-aws-v{version('pulumi-aws')}").mkdir(parents=True)


def lose_plugin(world: World) -> None:
    for folder in (Settings.from_environment().cache_dir / "plugins").iterdir():
        folder.rmdir()
    no_plugin(world)


def clock_ahead(seconds: float) -> Callable[[World], None]:
    def inject(world: World) -> None:
        real = account._ahead

        def ahead(date: str | None, now: float) -> float | None:
            return real(date or datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"), now + seconds)

        world.monkeypatch.setattr(account, "_ahead", ahead)
        world.typed["sudo"] = lambda line: world.monkeypatch.setattr(account, "_ahead", real)

    return inject


def clock_known(world: World) -> None:
    """The gate passes no dates on."""
    clock_ahead(0)(world)


def full_disk(free: int) -> Callable[[World], None]:
    def inject(world: World) -> None:
        real = shutil.disk_usage
        small = state_folder(Settings.from_environment())

        def usage(path: Path) -> Any:
            found = real(path)
            return found._replace(free=free) if small.is_relative_to(path) else found

        world.monkeypatch.setattr(shutil, "disk_usage", usage)
        world.replacing["/path/on/a/larger/disk"] = str(world.tmp / "larger")
        (world.tmp / "larger").mkdir()

    return inject


def open_folder(world: World) -> None:
    Settings.from_environment().data_dir.chmod(0o755)


def no_builders(world: World) -> None:
    world.monkeypatch.setattr(shutil, "which", lambda name: None)
    world.typed["sudo apt-get install"] = lambda line: builders_needed(world)


def silent_docker(world: World) -> None:
    world.monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/docker" if name == "docker" else None)
    world.monkeypatch.setattr(machine_sources, "_asked", lambda command: "no daemon")
    world.typed["sudo systemctl start docker"] = lambda line: builders_needed(world)


def builders_needed(world: World) -> None:
    world.cx.write(services={"web": {"build": {"tag": "v1"}, "port": 80}})
    world.monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    world.monkeypatch.setattr(machine_sources, "_asked", lambda command: None)


# Project


def no_specification(world: World) -> None:
    (world.cx.folder / "cygni.yaml").unlink()
    world.typed[""] = lambda line: world.cx.write(**SPEC)


def mistake(world: World) -> None:
    world.cx.write(log_retenton=7)

    def correct(line: str) -> None:
        assert "log_retention" in line
        world.cx.write(log_retention=7)

    world.typed[""] = correct


def build_folder_gone(world: World) -> None:
    (world.cx.folder / "web").rmdir()


def build_folder(world: World) -> None:
    (world.cx.folder / "web").mkdir()
    world.cx.write(services={"web": {"build": {"tag": "v1", "context": "web"}, "port": 80}})


def plan_refused(world: World) -> None:
    def refuse(operation: Any) -> None:
        raise EngineError("the program ended with an error", hint="Mend the program.")

    def mend(line: str) -> None:
        world.cx.runner.before = lambda operation: None

    world.cx.runner.before = refuse
    world.typed["Mend the program."] = mend


# State


def deployed(world: World) -> None:
    world.deploy()


def state_file() -> Path:
    return checkpoint_path(state_folder(Settings.from_environment()), STACK)


def damaged_state(world: World) -> None:
    state_file().with_name(f"{state_file().name}.bak").write_bytes(state_file().read_bytes())
    state_file().write_text('{"checkp')
    world.typed["Run cx deploy"] = lambda line: world.deploy()


def torn_note(world: World) -> None:
    Path(f"{state_file()}.attrs").write_text("{")


def dead_lock(world: World) -> None:
    write_lock(state_folder(Settings.from_environment()) / locks_folder(STACK), ended_pid())


def foreign_lock(world: World) -> None:
    folder = state_folder(Settings.from_environment()) / locks_folder(STACK)
    write_lock(folder, 4711, "far-away", datetime.now(UTC) - timedelta(days=1))


def held(world: World) -> None:
    from stacks.lock import environment_lock

    lock = environment_lock(Settings.from_environment(), "shop", "staging", wait=0, doing="cx deploy")
    lock.__enter__()

    def wait(line: str) -> None:
        lock.__exit__(None, None, None)

    world.typed["cx deploy -e staging --lock-wait 15m"] = wait


def pending(world: World) -> None:
    state = json.loads(state_file().read_text())
    latest = state["checkpoint"]["latest"]
    latest["pending_operations"] = [{"type": "updating", "resource": latest["resources"][-1]}]
    state_file().write_text(json.dumps(state))


def other_account(world: World) -> None:
    state = json.loads(state_file().read_text())
    bucket = next(one for one in state["checkpoint"]["latest"]["resources"] if "Bucket" in one["type"])
    bucket["outputs"] = {**bucket.get("outputs", {}), "arn": "arn:aws:sns:us-east-1:210987654321:topic"}
    state_file().write_text(json.dumps(state))
    world.replacing["a profile that opens 210987654321"] = "other"

    def switch(line: str) -> None:
        assert line == "export AWS_PROFILE=other"
        hello = account.Hello("arn:aws:iam::210987654321:user/deployer", "", "", None)
        world.monkeypatch.setattr(account, "_hello", lambda facts: hello)

    world.typed["export AWS_PROFILE"] = switch


SALT = "v1:8hpBCXSTQ3A=:v1:9TX4YEqOx8QZCr2i:NE6jGyjRwpEZCFPqVJ3JWQ9b1SYmpQ=="


def other_passphrase(world: World) -> None:
    state = json.loads(state_file().read_text())
    state["checkpoint"]["latest"]["secrets_providers"] = {"type": "passphrase", "state": {"salt": SALT}}
    state_file().write_text(json.dumps(state))
    kept = world.tmp / "kept"
    kept.write_text("the right one")
    world.monkeypatch.setattr(examination, "opens", lambda salt, text: text == "the right one")
    world.replacing["/path/of/the/passphrase/that/belongs/to/this/state"] = str(kept)


def passphrase_gone(world: World) -> None:
    other_passphrase(world)
    (Settings.from_environment().data_dir / "passphrase").unlink()


# Account


def no_credentials(world: World) -> None:
    keys = {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    for name in keys:
        world.monkeypatch.delenv(name)

    def configure(line: str) -> None:
        for name, value in keys.items():
            world.monkeypatch.setenv(name, value)

    world.typed["aws configure"] = configure


def refused(code: str, message: str) -> Callable[[World], None]:
    """The keys in the variables are no good; a file has good ones."""

    def inject(world: World) -> None:
        good = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"]).write_text(
            f"[default]\naws_access_key_id = {good[0]}\naws_secret_access_key = {good[1]}\n"
        )
        world.monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOLD")
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
            "<RequestId>1</RequestId></ErrorResponse>"
        )

        def refuse(asked: bytes) -> Refusal | None:
            old = os.environ.get("AWS_ACCESS_KEY_ID") == "AKIAOLD"
            return Refusal(403, "text/xml", body) if old and b"GetCallerIdentity" in asked else None

        world.gate.refuses = refuse

    return inject


def unknown_profile(world: World) -> None:
    world.monkeypatch.setenv("AWS_PROFILE", "gone")

    def configure(line: str) -> None:
        file = Path(os.environ["AWS_SHARED_CREDENTIALS_FILE"])
        file.write_text("[gone]\naws_access_key_id = AKIAGONE\naws_secret_access_key = x\n")

    world.typed["aws configure --profile gone"] = configure


def root_user(world: World) -> None:
    def answer(asked: bytes) -> Refusal | None:
        if b"GetCallerIdentity" not in asked or "sso" in world.typed:
            return None
        body = (
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:root</Arn>"
            "<UserId>1</UserId><Account>123456789012</Account></GetCallerIdentityResult>"
            "</GetCallerIdentityResponse>"
        )
        return Refusal(200, "text/xml", body)

    world.gate.refuses = answer
    world.typed["aws configure sso"] = lambda line: world.typed.update(sso=lambda again: None)


def ending_soon(world: World) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    later = datetime.now(UTC) + timedelta(hours=8)
    world.monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    world.monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", soon.isoformat())
    world.typed["aws sso login"] = lambda line: world.monkeypatch.setenv(
        "AWS_CREDENTIAL_EXPIRATION", later.isoformat()
    )


def region_not_enabled(world: World) -> None:
    world.cx.write(region="me-central-1")


NETWORK = plan_of(resource("aws:ec2/vpc:Vpc"), resource("aws:iam/role:Role"))
EC2_ALONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["ec2:*", "iam:Simulate*"], "Resource": "*"}],
}


def makes_network(world: World) -> None:
    world.plan = NETWORK


def lacks_actions(world: World) -> None:
    world.allow(EC2_ALONE)


def boundary(world: World) -> None:
    iam = world.client("iam")
    made = iam.create_policy(PolicyName="fence", PolicyDocument=json.dumps(EC2_ALONE))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="deployer", PermissionsBoundary=made)
    world.typed["Let the permissions boundary"] = lambda line: iam.delete_user_permissions_boundary(
        UserName="deployer"
    )


def forbidden(world: World) -> None:
    iam = world.client("iam")
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "iam:CreateRole", "Resource": "*"}],
    }
    iam.put_user_policy(UserName="deployer", PolicyName="no", PolicyDocument=json.dumps(deny))
    world.typed["Remove the statement that forbids"] = lambda line: iam.delete_user_policy(
        UserName="deployer", PolicyName="no"
    )


def may_not_ask(world: World) -> None:
    body = (
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: "
        "iam:SimulatePrincipalPolicy</Message></Error></ErrorResponse>"
    )

    def refuse(asked: bytes) -> Refusal | None:
        return Refusal(403, "text/xml", body) if b"Action=SimulatePrincipalPolicy" in asked else None

    def allow(line: str) -> None:
        assert "iam:SimulatePrincipalPolicy" in line
        world.gate.refuses = lambda asked: None
        run_aws_line(line, world.client)

    world.gate.refuses = refuse
    world.typed["aws iam put-user-policy"] = allow


def has_service_roles(world: World) -> None:
    world.plan = plan_of(resource("aws:ecs/cluster:Cluster"))
    world.client("iam").create_service_linked_role(AWSServiceName="ecs.amazonaws.com")


def lose_service_role(world: World) -> None:
    world.client("iam").delete_service_linked_role(RoleName="AWSServiceRoleForECS")


def lose_service_role_and_right(world: World) -> None:
    lose_service_role(world)
    world.allow(EC2_ALONE)


# Domain and certificates


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


# Quotas


def used_up(quota: Quota) -> Callable[[World], None]:
    def inject(world: World) -> None:
        world.monkeypatch.setitem(use.READINGS, quota.use, lambda clients: quota.aws.value)

    return inject


def adds_one(quota: Quota) -> Callable[[World], None]:
    def before(world: World) -> None:
        world.plan = plan_of(resource(quota.types[0], launchType="FARGATE", desiredCount=4))

    return before


def no_vpcs_left(world: World) -> None:
    ec2 = world.client("ec2")
    while len(ec2.describe_vpcs()["Vpcs"]) < 5:
        ec2.create_vpc(CidrBlock="10.0.0.0/16")


# Images


def right_login(world: World) -> None:
    world.cx.write(services={"web": {"image": f"{world.registry.host}/web:1", "port": 80}})
    _log_in(world, "right")


def _log_in(world: World, password: str) -> None:
    import base64

    folder = Path(os.environ["DOCKER_CONFIG"])
    folder.mkdir(exist_ok=True)
    auth = base64.b64encode(f"me:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {world.registry.host: {"auth": auth}}}))


def wrong_login(world: World) -> None:
    _log_in(world, "wrong")
    world.typed[f"docker login {world.registry.host}"] = lambda line: _log_in(world, "right")


def no_login(world: World) -> None:
    (Path(os.environ["DOCKER_CONFIG"]) / "config.json").unlink()
    world.typed[f"docker login {world.registry.host}"] = lambda line: _log_in(world, "right")


def image_pushed(world: World) -> None:
    world.cx.write(services={"web": {"build": {"tag": "v1"}, "port": 80}})
    world.client("ecr").create_repository(repositoryName="shop/staging/web")
    _push(world, "shop/staging/web:v1")


def _push(world: World, line: str) -> None:
    tag = line.rpartition(":")[2]
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"digest": f"sha256:{'0' * 64}", "size": 1},
            "layers": [],
        }
    )
    world.client("ecr").put_image(repositoryName="shop/staging/web", imageManifest=manifest, imageTag=tag)


def image_gone(world: World) -> None:
    ids = [{"imageTag": "v1"}]
    world.client("ecr").batch_delete_image(repositoryName="shop/staging/web", imageIds=ids)
    push = "docker push 123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/staging/web:v1"
    world.typed[push] = lambda line: _push(world, line)


FAULTS = [
    Fault("engine", "no-engine", engine_named_wrongly),
    Fault("engine", "there is none", engine_gone, status="warn", id="engine-gone"),
    Fault("packages", "boto3 1.0.0", old_package),
    Fault("plugin", "is not there yet", lose_plugin, has_plugin, "warn"),
    Fault("clock", " s ahead of AWS", clock_ahead(900), clock_known),
    Fault("clock", "behind AWS", clock_ahead(-120), clock_known, "warn", id="clock-near"),
    Fault("disk", "0 MiB free", full_disk(1000)),
    Fault("disk", "200 MiB free", full_disk(200 * 1024**2), status="warn", id="disk-near"),
    Fault("data-folder", "everybody may read", open_folder, status="warn"),
    Fault("builders", "web would be built", no_builders, builders_needed, "warn"),
    Fault(
        "builders", "docker is there and does not work", silent_docker, builders_needed, "warn", id="docker"
    ),
    Fault("specification", "no cygni.yaml", no_specification),
    Fault("specification", "log_retenton", mistake, id="mistake"),
    Fault("folders", "web is built from", build_folder_gone, build_folder),
    Fault("plan", "ended with an error", plan_refused),
    Fault("state-readable", "cut off or damaged", damaged_state, deployed),
    Fault("state-readable", "a kill cut off", torn_note, deployed, id="torn"),
    Fault("locks", "dead", dead_lock, deployed),
    Fault("locks", "far-away", foreign_lock, deployed, id="foreign-lock"),
    Fault("holder", "cx deploy (pid", held, deployed, "warn"),
    Fault("pending", "in flight: 1 in shop.staging.data", pending, deployed, "warn"),
    Fault("state-account", "210987654321", other_account, deployed),
    Fault("passphrase", "does not open the state", other_passphrase, deployed),
    Fault("passphrase", "it is not there", passphrase_gone, deployed, id="passphrase-gone"),
    Fault("credentials", "no credentials for AWS were found", no_credentials),
    Fault(
        "credentials", "has expired", refused("ExpiredToken", "The security token has expired"), id="expired"
    ),
    Fault(
        "credentials",
        "security token included",
        refused("InvalidClientTokenId", "The security token included in the request is invalid"),
        id="invalid",
    ),
    Fault("credentials", "gone", unknown_profile, id="profile"),
    Fault("root", "is the root user", root_user, status="warn"),
    Fault("ending", "end in 5 min", ending_soon, status="warn"),
    Fault("region", "me-central-1 is not enabled", region_not_enabled),
    Fault("permissions", "iam:CreateRole", lacks_actions, makes_network),
    Fault("permissions", "(by the permissions boundary)", boundary, makes_network, id="boundary"),
    Fault("permissions", "iam:CreateRole (forbidden)", forbidden, makes_network, id="forbidden"),
    Fault("permissions", "could not be asked", may_not_ask, makes_network, "warn", id="simulation"),
    Fault("service-roles", "ecs.amazonaws.com", lose_service_role, has_service_roles, "warn"),
    Fault(
        "service-roles",
        "may not make them",
        lose_service_role_and_right,
        has_service_roles,
        id="roles-denied",
    ),
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
    Fault("quota-vpcs", "5 used, the plan adds 1, the quota is 5", no_vpcs_left, makes_network),
    *(
        Fault(f"quota-{quota.id}", "the quota is", used_up(quota), adds_one(quota))
        for quota in quotas()
        if quota.id != "vpcs"
    ),
    Fault("registry-login", "refuses the login", wrong_login, right_login),
    Fault("registry-login", "docker keeps none", no_login, right_login, id="no-login"),
    Fault("pushed-images", "web expects", image_gone, image_pushed),
]


class TestFault:
    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id or fault.check)
    def test_is_found_named_and_mended_by_its_fix(self, world: World, fault: Fault) -> None:
        fault.before(world)
        assert world.examine(fault.check)[fault.check]["status"] in ("pass", "skip")
        fault.inject(world)
        found = world.examine(fault.check)[fault.check]
        assert (found["status"], fault.named in found["evidence"]) == (fault.status, True), found
        assert found["fix"]
        world.type(found["fix"])
        assert world.examine(fault.check)[fault.check]["status"] in ("pass", "skip"), found["fix"]
