"""The plugin as the engine sees it: a process that answers on a port and ends with its parent."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import psutil
import pytest
from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from cygni.local_cloud.provider import wire
from cygni.local_cloud.provider.executable import plugin_folder
from cygni.local_cloud.provider.wire import UNKNOWN

URN = "urn:pulumi:dev::project::app:Component$aws:{}::name"


@pytest.fixture
def plugin(tmp_path: Path) -> str:
    return str(plugin_folder(tmp_path) / "pulumi-resource-aws")


@pytest.fixture
def provider(plugin: str) -> Iterator[Any]:
    """A client of a started plugin that knows no endpoint: whatever it answers, it did not ask a cloud."""
    with subprocess.Popen([plugin], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        channel = grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}")
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        stub.Configure(provider_pb2.ConfigureRequest(variables={"aws:config:region": "eu-west-1"}))
        yield stub
        channel.close()
        process.kill()


def check(provider: Any, token: str, news: dict[str, Any], secrets: Any = ()) -> Any:
    urn = URN.format(token)
    request = provider_pb2.CheckRequest(urn=urn, news=wire.encode(news, secrets), randomSeed=b"seed")
    return provider.Check(request)


class TestPreview:
    def test_needs_no_cloud(self, provider: Any) -> None:
        answer = check(provider, "ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"})
        request = provider_pb2.CreateRequest(
            urn=URN.format("ec2/vpc:Vpc"), properties=answer.inputs, preview=True
        )
        outputs, _ = wire.decode(provider.Create(request).properties)

        assert not answer.failures
        assert (outputs["region"], outputs["arn"]) == ("eu-west-1", UNKNOWN)

    def test_keeps_secrets_secret_and_out_of_messages(self, provider: Any) -> None:
        news = {"type": "hunter2", "value": "hunter2"}

        answer = check(provider, "ssm/parameter:Parameter", news, {("type",)})

        _, secrets = wire.decode(answer.inputs)
        assert secrets == {("type",), ("value",)}
        assert [failure.property for failure in answer.failures] == ["type"]
        assert "hunter2" not in answer.failures[0].reason

    def test_refuses_a_type_that_is_not_served(self, provider: Any) -> None:
        with pytest.raises(grpc.RpcError) as caught:
            check(provider, "made/up:Up", {})

        assert "does not serve the resource type aws:made/up:Up" in str(caught.value)

    def test_begins_nothing_new_once_it_is_stopping(self, provider: Any) -> None:
        provider.Cancel(empty_pb2.Empty())

        with pytest.raises(grpc.RpcError, match="nothing new"):
            provider.Delete(provider_pb2.DeleteRequest(id="vpc-1", urn=URN.format("ec2/vpc:Vpc")))

    def test_says_which_endpoint_is_missing(self, provider: Any) -> None:
        inputs = check(provider, "ec2/vpc:Vpc", {"cidrBlock": "10.0.0.0/16"}).inputs

        with pytest.raises(grpc.RpcError, match="AWS_ENDPOINT_URL"):
            provider.Create(provider_pb2.CreateRequest(urn=URN.format("ec2/vpc:Vpc"), properties=inputs))


class TestLife:
    def test_ends_with_the_process_that_started_it(self, plugin: str) -> None:
        parent_code = f"""
import subprocess, sys, time
child = subprocess.Popen([{plugin!r}], stdout=subprocess.PIPE, text=True)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(60)
"""
        with subprocess.Popen(
            [sys.executable, "-c", parent_code], stdout=subprocess.PIPE, text=True
        ) as parent:
            assert parent.stdout is not None
            child = psutil.Process(int(parent.stdout.readline()))
            parent.kill()
        end = time.monotonic() + 60
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < end:
            time.sleep(0.01)

        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE

    def test_starts_without_the_sdk_and_without_botocore(self) -> None:
        code = (
            "import sys; from cygni.local_cloud.provider import __main__ as m; m._without_sdk(); "
            "from cygni.local_cloud.provider import server; server.Provider(); "
            "print([n for n in ('botocore', 'boto3', 'pulumi.output', 'pulumi_aws', 'yaml') if n in sys.modules])"
        )
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

        assert run.stdout.strip() == "[]"


class TestPluginFolder:
    def test_holds_an_executable_and_is_written_once(self, tmp_path: Path) -> None:
        folder = plugin_folder(tmp_path)
        script = folder / "pulumi-resource-aws"
        before = script.stat().st_mtime_ns

        assert plugin_folder(tmp_path) == folder
        assert os.access(script, os.X_OK)
        assert script.stat().st_mtime_ns == before
        assert [entry.name for entry in folder.iterdir()] == ["pulumi-resource-aws"]

    def test_mends_what_an_older_version_wrote(self, tmp_path: Path) -> None:
        script = plugin_folder(tmp_path) / "pulumi-resource-aws"
        good = script.read_text()
        script.write_text("#!/bin/sh\nexit 1\n")

        plugin_folder(tmp_path)

        assert script.read_text() == good
