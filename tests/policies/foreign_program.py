"""Somebody else's Pulumi program, previewed with the pack by the real engine; run as a program of its own.

argv: a JSON object with `root` (a folder of its own), `engine`, `plugin` (folder of the AWS provider), `endpoint`,
`pack`, `config` (for --policy-pack-config), `environ`, and `program`: a name below. Prints one JSON object:
`passed`, `findings` as [policy, level, resource], and `inputs` of each resource by name.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi import automation as auto

OWN = {"owner": "ann"}


def careless() -> None:
    aws.rds.Instance(
        "db",
        instance_class="db.t4g.micro",
        engine="postgres",
        allocated_storage=20,
        username="them",
        manage_master_user_password=True,
        publicly_accessible=True,
    )
    network = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16", tags=OWN)
    group = aws.ec2.SecurityGroup("ssh", vpc_id=network.id)
    aws.vpc.SecurityGroupIngressRule(
        "ssh", security_group_id=group.id, ip_protocol="tcp", from_port=22, to_port=22, cidr_ipv4="0.0.0.0/0"
    )


def careful() -> None:
    network = aws.ec2.Vpc(
        "net", cidr_block="10.0.0.0/16", tags={**OWN, "arn": pulumi.Output.secret("hidden")}
    )
    group = aws.ec2.SecurityGroup("web", vpc_id=network.id)
    aws.vpc.SecurityGroupIngressRule(
        "web",
        security_group_id=group.id,
        ip_protocol="tcp",
        from_port=443,
        to_port=443,
        cidr_ipv4="0.0.0.0/0",
    )
    subnets = [
        aws.ec2.Subnet(
            zone, vpc_id=network.id, cidr_block=f"10.0.{index}.0/24", availability_zone=f"us-east-1{zone}"
        )
        for index, zone in enumerate("ab")
    ]
    aws.lb.LoadBalancer("web", security_groups=[group.id], subnets=[one.id for one in subnets])


def expensive() -> None:
    network = aws.ec2.Vpc("net", cidr_block="10.0.0.0/16")
    subnet = aws.ec2.Subnet("a", vpc_id=network.id, cidr_block="10.0.0.0/24")
    aws.ec2.NatGateway("nat", subnet_id=subnet.id, allocation_id=aws.ec2.Eip("nat", domain="vpc").id)


def main(given: dict[str, Any]) -> dict[str, Any]:
    root = Path(given["root"])
    work = root / "work"
    work.mkdir(parents=True)
    plugins = {"providers": [{"name": "aws", "path": given["plugin"]}]}
    (work / "Pulumi.yaml").write_text(json.dumps({"name": "theirs", "runtime": "python", "plugins": plugins}))
    (root / "config.json").write_text(json.dumps(given["config"]))
    (root / "state").mkdir()
    (root / "bin").mkdir()
    (root / "bin" / "pulumi").symlink_to(given["engine"])
    options = auto.LocalWorkspaceOptions(
        work_dir=str(work),
        pulumi_home=str(root / "home"),
        pulumi_command=auto.PulumiCommand(root=str(root), skip_version_check=True),
        env_vars={
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_BACKEND_URL": (root / "state").as_uri(),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "AWS_ENDPOINT_URL": given["endpoint"],
            "AWS_REGION": "us-east-1",
            **given["environ"],
        },
    )
    stack = auto.create_stack("dev", "theirs", globals()[given["program"]], opts=options)
    stack.set_config("aws:region", auto.ConfigValue("us-east-1"))
    events: list[auto.EngineEvent] = []
    passed, said = True, ""
    try:
        stack.preview(
            policy_packs=[given["pack"]],
            policy_pack_configs=[str(root / "config.json")],
            on_event=events.append,
        )
    except auto.CommandError as error:
        passed, said = False, str(error)
    return {"passed": passed, "said": said, "findings": _findings(events), "inputs": _inputs(events)}


def _findings(events: list[auto.EngineEvent]) -> list[list[str]]:
    found = [event.policy_event for event in events if event.policy_event]
    return sorted(
        [one.policy_name, str(one.enforcement_level), (one.resource_urn or "").rsplit("::", 1)[-1]]
        for one in found
    )


def _inputs(events: list[auto.EngineEvent]) -> dict[str, Any]:
    found = [event.resource_pre_event.metadata for event in events if event.resource_pre_event]
    return {f"{one.type} {one.urn.rsplit('::', 1)[-1]}": one.new.inputs for one in found if one.new}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.loads(sys.argv[1]))))
