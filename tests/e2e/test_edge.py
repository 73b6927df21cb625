"""Names, CloudFront, the web firewall and what watches over the account, through the engine and the local cloud."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest

from stacks.given_domains import FILE_VARIABLE
from tests.e2e.project import WEB, Project, is_one_error

pytestmark = [pytest.mark.engine, pytest.mark.slow]

NAMES = {
    "name": "shop.example.com",
    "zone": "example.com",
    "aliases": ["www.example.com", "*.shop.example.com"],
}
GUARDED = {"waf": True, "guardduty": True, "security_hub": True, "cloudtrail": True}


def kinds(project: Project) -> Counter[str]:
    """How many there are of what this is about."""
    wanted = {
        *("certificate", "hosted-zone", "distribution", "web-acl"),
        *("detector", "account", "trail", "bucket"),
    }
    return Counter({kind: count for kind, count in project.kinds().items() if kind in wanted})


class TestTheEdge:
    def test_is_deployed_changed_and_destroyed(self, project: Project) -> None:
        project.write(services={"web": WEB}, domain={**NAMES, "cdn": True}, security=GUARDED)
        self._first_deploy(project)
        self._nothing_to_do(project)
        self._without_cdn_and_a_name(project)
        self._plain_again(project)
        project.destroy()

    def _deploy(self, project: Project, *arguments: str) -> None:
        project.deploy(*arguments)
        assert project.differences() == []
        assert project.duplicates() == []

    def _first_deploy(self, project: Project) -> None:
        self._deploy(project)
        assert kinds(project) == {
            "certificate": 4,  # one for each name, one for CloudFront
            "hosted-zone": 1,
            "distribution": 1,
            "web-acl": 1,
            "detector": 1,
            "account": 1,
            "trail": 1,
            "bucket": 1,
        }
        assert project.cx("outputs", "services.urls.web").out.strip() == "https://shop.example.com/"

    def _nothing_to_do(self, project: Project) -> None:
        before = project.snapshot()
        asked = project.cx("diff", "--refresh", "--detailed-exit-code")
        assert asked.code == 0, asked.err
        assert "No changes" in project.deploy().err
        assert project.snapshot() == before

    def _without_cdn_and_a_name(self, project: Project) -> None:
        project.change(
            domain={**NAMES, "aliases": ["www.example.com"]}, security={**GUARDED, "waf_rate_limit": 500}
        )
        self._deploy(project)
        there = kinds(project)
        assert (there["certificate"], there["distribution"], there["web-acl"]) == (2, 0, 1)

    def _plain_again(self, project: Project) -> None:
        project.change(domain=None, security={"waf": False})
        before = project.snapshot()
        refused = project.cx("deploy", "--yes")
        assert (refused.code, "--allow-destroy cloudtrail" in refused.err) == (2, True)
        assert project.snapshot() == before
        self._deploy(project, "--allow-destroy", "cloudtrail")
        assert kinds(project) == {}
        assert project.cx("outputs", "services.urls.web").out.startswith("http://")


class TestTheAccount:
    def test_is_watched_over_by_one_environment(self, new_project: Callable[..., Project]) -> None:
        first, second = new_project("first"), new_project("second")
        second.use_data_dir(first.settings.data_dir)
        worker = {"mailer": {"kind": "worker", "image": "mailer:1"}}
        first.write(services=worker, security={"guardduty": True, "security_hub": True})
        first.deploy()
        second.write(services=worker, security={"guardduty": True})
        refused = second.cx("deploy", "--yes")
        assert refused.code == 4
        assert is_one_error(refused)
        assert "remove security.guardduty here" in refused.err
        assert kinds(first) == {"detector": 1, "account": 1}
        second.write(services=worker)
        second.deploy()
        first.change(security=None)
        first.deploy()
        assert kinds(first) == {}


class TestTheKey:
    def test_encrypts_stores_and_goes_last(self, project: Project) -> None:
        project.write(
            services={"mailer": {"kind": "worker", "image": "mailer:1"}},
            caches={"fast": {}},
            security={"kms": True},
        )
        project.deploy()
        assert project.differences() == []
        assert (project.kinds()["key"], project.kinds()["replication-group"]) == (1, 1)
        assert project.cx("diff", "--refresh", "--detailed-exit-code").code == 0
        refused = project.cx("destroy", "--yes", "--allow-destroy", "fast")
        assert (refused.code, "--allow-destroy encryption-key" in refused.err) == (2, True)
        project.destroy("fast", "encryption-key")


class TestDomainsOfAControlPlane:
    def test_come_before_the_load_balancer_and_go_again(self, project: Project) -> None:
        project.write(services={"web": WEB})
        self._deploy(project)
        shop, more = (self._certificate(project, name) for name in ("shop.example.org", "more.example.org"))
        self._deploy(project, shop)
        assert self._served(project) == [shop["certificate"]] * 2  # the default one is in the list too
        assert project.cx("outputs", "services.urls.web").out.strip() == "https://shop.example.org/"
        self._deploy(project, shop, more)
        self._deploy(project, more)
        assert self._served(project) == [more["certificate"]] * 2
        self._deploy(project)
        assert project.cx("outputs", "services.urls.web").out.startswith("http://")
        for one in (shop, more):  # refused while a listener has it
            project.client("acm").delete_certificate(CertificateArn=one["certificate"])
        project.destroy()

    def _certificate(self, project: Project, name: str) -> dict[str, str]:
        made = project.client("acm").request_certificate(DomainName=name, ValidationMethod="DNS")
        return {"name": name, "certificate": made["CertificateArn"]}

    def _deploy(self, project: Project, *domains: dict[str, str]) -> None:
        """As a worker of the control plane does; and nothing is left to do then."""
        file = project.root / "domains.json"
        file.write_text(json.dumps(domains))
        given = {FILE_VARIABLE: str(file)}
        deployed = project.cx("deploy", "--yes", "--json", env=given)
        assert deployed.code == 0, deployed.err
        foundation = deployed.json["outputs"]["foundation"]
        assert foundation.get("domains", []) == [one["name"] for one in domains]
        assert project.differences() == []
        asked = project.cx("diff", "--refresh", "--detailed-exit-code", env=given)
        assert asked.code == 0, asked.err

    def _served(self, project: Project) -> list[str]:
        """The certificates of the listener for HTTPS, the default one first."""
        elb, listener = project.client("elbv2"), project.cx("outputs", "foundation.listenerArn").out.strip()
        listed = elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
        return [one["CertificateArn"] for one in listed]
