"""Certificates of a listener besides its default one, chosen by the name a client asks for (SNI)."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.handlers.base import At, Handler, State, is_gone, unless_gone
from cygni.local_cloud.provider.wire import Values


class ListenerCertificate(Handler):
    """One certificate on one listener; its id is `<listener ARN>_<certificate ARN>`."""

    token = "aws:lb/listenerCertificate:ListenerCertificate"

    def create(self, at: At, inputs: State) -> str:
        at.client("elbv2").add_listener_certificates(
            ListenerArn=inputs["listenerArn"], Certificates=[{"CertificateArn": inputs["certificateArn"]}]
        )
        return f"{inputs['listenerArn']}_{inputs['certificateArn']}"

    def read(self, at: At, id: str, known: State) -> Values | None:
        listener, _, certificate = id.partition("_")
        pages = at.client("elbv2").get_paginator("describe_listener_certificates")
        try:
            there = [
                found["CertificateArn"]
                for page in pages.paginate(ListenerArn=listener)
                for found in page["Certificates"]
                if not found.get("IsDefault")
            ]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        if certificate not in there:
            return None
        return {"listenerArn": listener, "certificateArn": certificate}

    def delete(self, at: At, id: str, known: State) -> None:
        listener, _, certificate = id.partition("_")
        with unless_gone():
            at.client("elbv2").remove_listener_certificates(
                ListenerArn=listener, Certificates=[{"CertificateArn": certificate}]
            )

    def find(self, at: At, inputs: State) -> list[str]:
        id = f"{inputs['listenerArn']}_{inputs['certificateArn']}"
        return [id] if self.read(at, id, inputs) else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """It has no tags: that the certificate is on the listener is all there is to it."""
        return self.read(at, id, inputs) is not None
