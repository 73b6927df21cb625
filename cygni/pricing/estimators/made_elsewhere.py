"""What makes further resources that no estimate sees: stacks of CloudFormation, environments of Elastic Beanstalk,
compute environments of Batch, fleets of EC2. They cost nothing by themselves, but what they make does: no price."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Estimator, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import unknown

_REASON: Final = "what it makes is billed, and is outside the estimate"


def _makes(what: str, service: str, *types: str) -> Estimator:
    return priced(
        *types,
        parts=(Part(fixed(what, service, "what-it-makes", "month"), unknown(_REASON)),),
        notes=("It costs nothing itself; what it makes is billed, and not known here.",),
    )


_COMPUTE: Final = fixed("compute while jobs run", "AWSBatch", "what-it-makes", "month")

ESTIMATORS: Final = (
    _makes("resources of the stack", "AWSCloudFormation", "aws:cloudformation/stack:Stack"),
    _makes(
        "resources of the instances",
        "AWSCloudFormation",
        "aws:cloudformation/stackSetInstance:StackSetInstance",
        "aws:cloudformation/stackInstances:StackInstances",
        "aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
    ),
    _makes(
        "resources of the environment", "AWSElasticBeanstalk", "aws:elasticbeanstalk/environment:Environment"
    ),
    _makes(
        "resources of the product",
        "AWSServiceCatalog",
        "aws:servicecatalog/provisionedProduct:ProvisionedProduct",
    ),
    _makes(
        "instances of the fleet",
        "AmazonEC2",
        "aws:ec2/fleet:Fleet",
        "aws:ec2/spotFleetRequest:SpotFleetRequest",
    ),
    priced(
        "aws:batch/computeEnvironment:ComputeEnvironment",
        parts=(Part(_COMPUTE, unknown("jobs are billed by the instances or tasks they run on")),),
        notes=("Jobs are billed by the instances or Fargate tasks they run on, which are not known here.",),
    ),
)
