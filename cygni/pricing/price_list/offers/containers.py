"""Amazon EKS and Amazon ECR. What extended support costs on top is said otherwise in the list than in the book; the
figure of the book stays."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import GB_MONTHS, HOURS, Offer, Rule

EKS: Final = Offer(
    "AmazonEKS",
    (
        Rule(
            "AmazonEKS",
            "cluster",
            "hour",
            HOURS,
            r"AmazonEKS-Hours:perCluster",
            attributes={"support": "standard"},
        ),
    ),
)
ECR: Final = Offer(
    "AmazonECR",
    (
        Rule(
            "AmazonECR",
            "storage",
            "GB-month",
            GB_MONTHS,
            r"TimedStorage-ByteHrs",
            where={"Product Family": "EC2 Container Registry"},
        ),
    ),
)
