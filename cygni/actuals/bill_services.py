"""Under which service a bill has what the price book has under AWS's codes of services (pure).

Source: the values of the dimension SERVICE of Cost Explorer, which are the product names of the Cost and Usage Report;
AWS's pages on NAT gateways, EBS and public IPv4 addresses tell which of them lie under `EC2 - Other`.
"""

from __future__ import annotations

from typing import Final

EC2_OTHER: Final = "EC2 - Other"
_VPC: Final = "Amazon Virtual Private Cloud"
_LOAD_BALANCING: Final = "Amazon Elastic Load Balancing"

_SERVICES: Final = {
    "AWSACMPCA": "AWS Certificate Manager",
    "AWSCloudTrail": "AWS CloudTrail",
    "AWSCodeBuild": "CodeBuild",
    "AWSConfig": "AWS Config",
    "AWSDataTransfer": EC2_OTHER,
    "AWSELB": _LOAD_BALANCING,
    "AWSFargate": "Amazon Elastic Container Service",
    "AWSKMS": "AWS Key Management Service",
    "AWSLambda": "AWS Lambda",
    "AWSNetworkFirewall": "AWS Network Firewall",
    "AWSSecretsManager": "AWS Secrets Manager",
    "AWSStepFunctions": "AWS Step Functions",
    "AWSSystemsManager": "AWS Systems Manager",
    "AWSWAF": "AWS WAF",
    "AmazonApiGateway": "Amazon API Gateway",
    "AmazonAurora": "Amazon Relational Database Service",
    "AmazonCloudFront": "Amazon CloudFront",
    "AmazonCloudWatch": "AmazonCloudWatch",
    "AmazonDynamoDB": "Amazon DynamoDB",
    "AmazonEBS": EC2_OTHER,
    "AmazonEC2": EC2_OTHER,
    "AmazonECR": "Amazon EC2 Container Registry (ECR)",
    "AmazonEFS": "Amazon Elastic File System",
    "AmazonEKS": "Amazon Elastic Container Service for Kubernetes",
    "AmazonElastiCache": "Amazon ElastiCache",
    "AmazonEventBridge": "CloudWatch Events",
    "AmazonGuardDuty": "Amazon GuardDuty",
    "AmazonKinesis": "Amazon Kinesis",
    "AmazonRDS": "Amazon Relational Database Service",
    "AmazonRoute53": "Amazon Route 53",
    "AmazonS3": "Amazon Simple Storage Service",
    "AmazonSNS": "Amazon Simple Notification Service",
    "AmazonSQS": "Amazon Simple Queue Service",
    "AmazonVPC": _VPC,
}
_USAGES: Final = {
    ("AmazonEC2", "instance"): "Amazon Elastic Compute Cloud - Compute",
    ("AmazonVPC", "nat-gateway"): EC2_OTHER,
    ("AmazonVPC", "nat-gateway-data"): EC2_OTHER,
}
_BALANCER: Final = ":LoadBalancer"


def billed_service(price_key: str, resource_type: str = "") -> str:
    """The service of the bill for a key of the price book, such as `AmazonVPC us-east-1 public-ipv4 state=idle`; AWS's
    own code for one that is not known here. Data transfer is billed with what sends it: `resource_type` tells that.
    """
    service, _, usage = (*price_key.split(" ", 3), "", "")[:3]
    if service == "AWSDataTransfer" and resource_type.endswith(_BALANCER):
        return _LOAD_BALANCING
    return _USAGES.get((service, usage)) or _SERVICES.get(service, service)
