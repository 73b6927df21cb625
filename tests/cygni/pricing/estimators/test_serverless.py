"""Lambda, DynamoDB, S3 and API Gateway. Prices of us-east-1 (DynamoDB: us-east-2) in the shipped book."""

from __future__ import annotations

import pytest

from cygni.pricing import PriceBook
from cygni.resources import UNKNOWN
from tests.cygni.pricing.cases import Case, lines_of

FUNCTION = "aws:lambda/function:Function"
CONCURRENCY = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
TABLE = "aws:dynamodb/table:Table"
BUCKET = "aws:s3/bucket:Bucket"
API = "aws:apigatewayv2/api:Api"

LAMBDA = (
    "aws.amazon.com/lambda/pricing: 0.20 a million requests, 0.0000166667 a GB-s (x86), 0.0000133334 (ARM)"
)
DYNAMODB = (
    "aws.amazon.com/dynamodb/pricing, us-east-2: 0.625 a million writes, 0.125 a million reads, 0.25 a GB, "
    "0.00065 a WCU-hour, 0.00013 an RCU-hour, 0.20 a GB of point-in-time recovery, 0.10 of backups"
)
S3 = "aws.amazon.com/s3/pricing: Standard 0.023 a GB, 0.005 a thousand PUT, 0.0004 a thousand GET"
GATEWAY = "aws.amazon.com/api-gateway/pricing: REST 3.50 a million to 333 million, HTTP 1.00 a million to 300 million"
STANDARD = {
    "storage, first 50 TB": "0.23",
    "PUT, COPY, POST and LIST requests": "0.05",
    "GET and other requests": "0.04",
}

CASES = [
    # The example "mobile application backend" of aws.amazon.com/lambda/pricing: 3 million requests of 120 ms with
    # 1,536 MB are 540,000 GB-s; less 400,000 and a million requests that are free it is 2.33 + 0.40 USD.
    Case("is what AWS's example says", FUNCTION, {"memorySize": 1536},
         {"requests": "0.4", "duration, x86_64, first 6B GB-s": "2.333338"}, LAMBDA,
         use={"lambda_requests": 3_000_000, "lambda_ms": 120, "free_tier": True}),
    Case("has 128 MB on x86 unless said otherwise", FUNCTION, {},
         # 1 million × 0.2 s × 0.125 GB = 25,000 GB-s
         {"requests": "0.2", "duration, x86_64, first 6B GB-s": "0.4166675"}, LAMBDA),
    Case("costs less on ARM", FUNCTION, {"architectures": ["arm64"], "memorySize": 1024},
         {"requests": "0.2", "duration, arm64, first 7.5B GB-s": "2.66668"}, LAMBDA),
    Case("pays the second tier beyond six billion GB-s", FUNCTION, {"memorySize": 10240},
         {"requests": "200", "duration, x86_64, first 6B GB-s": "100000.2", "duration, x86_64, next 9B GB-s": "60000"},
         LAMBDA, use={"lambda_requests": 1_000_000_000, "lambda_ms": 1000}),
    Case("pays for disk above 512 MB", FUNCTION, {"ephemeralStorage": {"size": 1536}},
         {"requests": "0.2", "duration, x86_64, first 6B GB-s": "0.4166675",
          "ephemeral storage above 512 MB": "0.00618"},  # 200,000 s × 1 GB × 0.0000000309
         "aws.amazon.com/lambda/pricing, ephemeral storage"),
    Case("has no price of an architecture nobody knows", FUNCTION, {"architectures": UNKNOWN},
         {"requests": "0.2", "duration, x86_64": "unknown", "duration, arm64": "unknown"}, LAMBDA),
    Case("keeps snapshots of Python", FUNCTION,
         {"runtime": "python3.13", "memorySize": 1024, "snapStart": {"applyOn": "PublishedVersions"}},
         {"requests": "0.2", "duration, x86_64, first 6B GB-s": "3.33334",
          "SnapStart snapshots": "2628000 GB-second, no price"}, "not in the book"),
    Case("keeps snapshots of Java free", FUNCTION,
         {"runtime": "java21", "memorySize": 1024, "snapStart": {"applyOn": "PublishedVersions"}},
         {"requests": "0.2", "duration, x86_64, first 6B GB-s": "3.33334"}, LAMBDA),
    Case("is ready all month, as large as its function", CONCURRENCY,
         {"functionName": UNKNOWN, "provisionedConcurrentExecutions": 10},
         {"provisioned concurrency": "13140000 GB-second, no price"}, "10 × 0.5 GB × 730 hours; not in the book",
         others={"f": (FUNCTION, {"memorySize": 512})}, references={"functionName": "f"}),
    Case("is not known without its function", CONCURRENCY,
         {"functionName": "f", "provisionedConcurrentExecutions": 10}, {"provisioned concurrency": "unknown"}, LAMBDA),
    Case("bills capacity of the table and each index", TABLE,
         {"readCapacity": 100, "writeCapacity": 50,
          "globalSecondaryIndexes": [{"readCapacity": 20, "writeCapacity": 10}]},
         # 50 × 0.00065 × 730 + 10 × the same; 100 and 20 × 0.00013 × 730
         {"write capacity": "23.725", "write capacity of an index": "4.745", "read capacity": "9.49",
          "read capacity of an index": "1.898", "storage": "2.5"}, DYNAMODB,
         region="us-east-2"),
    Case("bills what is used on demand", TABLE,
         {"billingMode": "PAY_PER_REQUEST", "pointInTimeRecovery": {"enabled": True}, "streamEnabled": True,
          "globalSecondaryIndexes": [{"name": "i"}]},
         {"writes on demand": "6.25", "reads on demand": "2.5", "storage": "25", "point-in-time recovery": "20",
          "backups": "5", "reads of the stream": "0.2"}, DYNAMODB, region="us-east-2",
         use={"dynamodb_writes": 10**7, "dynamodb_reads": 2 * 10**7, "dynamodb_gb": 100, "dynamodb_backup_gb": 50}),
    Case("has 25 GB and 25 units free", TABLE, {"readCapacity": 30, "writeCapacity": 25},
         {"write capacity": "0", "read capacity": "0.4745", "storage": "1.25"},
         "aws.amazon.com/dynamodb/pricing: free 25 GB, 25 WCU and 25 RCU", region="us-east-2",
         use={"dynamodb_gb": 30, "free_tier": True}),
    Case("keeps a replica in another region", TABLE,
         {"billingMode": "PAY_PER_REQUEST", "replicas": [{"regionName": "us-east-2"}, {"regionName": "eu-west-1"}]},
         {"writes on demand": "0.625", "reads on demand": "0.125", "storage": "2.5",
          "replicated writes": "1000000 request, no price + 1000000 request, no price",
          "storage of a replica": "2.5 + 10 GB-month, no price"}, DYNAMODB, region="us-east-2"),
    Case("gives a replica the read capacity of its table", TABLE,
         {"readCapacity": 100, "writeCapacity": 50, "replicas": [{"regionName": "us-east-2"}]},
         # CloudFormation, AWS::DynamoDB::GlobalTable: each replica has read capacity; 100 × 0.00013 × 730
         {"write capacity": "23.725", "read capacity": "9.49", "storage": "2.5",
          "replicated write capacity": "50 WCU-hour, no price", "read capacity of a replica": "9.49",
          "storage of a replica": "2.5"}, DYNAMODB, region="us-east-2"),
    Case("gives a replica capacity in the class of its table", TABLE,
         {"readCapacity": 1, "writeCapacity": 1, "tableClass": "STANDARD_INFREQUENT_ACCESS",
          "replicas": [{"regionName": "us-east-2"}]},
         {"write capacity": "1 WCU-hour, no price", "read capacity": "1 RCU-hour, no price",
          "storage": "10 GB-month, no price", "replicated write capacity": "1 WCU-hour, no price",
          "read capacity of a replica": "1 RCU-hour, no price", "storage of a replica": "10 GB-month, no price"},
         DYNAMODB, region="us-east-2"),
    Case("has no price in a class the book lacks", TABLE,
         {"readCapacity": 1, "writeCapacity": 1, "tableClass": "STANDARD_INFREQUENT_ACCESS"},
         {"write capacity": "1 WCU-hour, no price", "read capacity": "1 RCU-hour, no price",
          "storage": "10 GB-month, no price"}, DYNAMODB, region="us-east-2"),
    Case("has no price of another region", TABLE, {"billingMode": "PAY_PER_REQUEST"},
         {"writes on demand": "1000000 request, no price", "reads on demand": "1000000 request, no price",
          "storage": "10 GB-month, no price"}, "the book has us-east-2 alone"),
    Case("has nodes", "aws:dax/cluster:Cluster", {"nodeType": "dax.r5.large", "replicationFactor": 3},
         {"DAX node dax.r5.large": "3 hour, no price"}, "not in the book"),
    Case("is in Standard", BUCKET, {}, STANDARD, S3),
    Case("has what usage says in other classes", BUCKET, {},
         {**STANDARD, "Standard-IA storage": "1.25", "Standard-IA requests": "0.01", "Standard-IA retrieval": "0.1",
          "Glacier Deep Archive storage": "0.99", "Glacier Deep Archive retrieval": "0.2",
          "Glacier Instant Retrieval storage": "5 GB-month, no price",
          "Intelligent-Tiering storage, frequent access, first 50 TB": "2.3",
          "Intelligent-Tiering storage, infrequent access": "1.25",
          "Intelligent-Tiering monitoring": "2.5"},
         "aws.amazon.com/s3/pricing: Standard-IA 0.0125, 0.01 a thousand PUT, 0.01 a GB retrieved; Deep Archive "
         "0.00099 and 0.02; Intelligent-Tiering 0.023, 0.0125, 0.0025 a thousand objects",
         use={"s3_standard_ia_gb": 100, "s3_standard_ia_requests": 1000, "s3_standard_ia_retrieval_gb": 10,
              "s3_deep_archive_gb": 1000, "s3_deep_archive_retrieval_gb": 10, "s3_glacier_ir_gb": 5,
              "s3_intelligent_gb": 100, "s3_intelligent_infrequent_gb": 100, "s3_intelligent_objects": 1_000_000}),
    Case("has no price beyond the tier that the book has", BUCKET, {},
         {"storage, first 50 TB": "1177.6", "storage": "1 GB-month, no price",
          "PUT, COPY, POST and LIST requests": "0.05", "GET and other requests": "0.04"}, S3,
         use={"s3_storage_gb": 50 * 1024 + 1}),
    Case("has no price in the book", "aws:s3/directoryBucket:DirectoryBucket", {},
         {"Express One Zone storage": "10 GB-month, no price",
          "Express One Zone PUT requests": "10000 request, no price",
          "Express One Zone GET requests": "100000 request, no price"}, "not in the book"),
    Case("bills REST requests", "aws:apigateway/restApi:RestApi", {}, {"REST requests, first 333M": "3.5"}, GATEWAY),
    Case("bills HTTP requests", API, {"protocolType": "HTTP"}, {"HTTP requests, first 300M": "1"}, GATEWAY),
    Case("bills messages and minutes", API, {"protocolType": "WEBSOCKET"},
         {"WebSocket messages": "1000000 message, no price", "connection minutes": "1000000 minute, no price"},
         "not in the book"),
    Case("bills a cache", "aws:apigateway/stage:Stage", {"cacheClusterEnabled": True, "cacheClusterSize": "1.6"},
         {"cache of 1.6 GB": "1 hour, no price"}, "not in the book"),
    Case("is free without a cache", "aws:apigateway/stage:Stage", {}, {}, "aws.amazon.com/api-gateway/pricing"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_costs(case: Case, book: PriceBook) -> None:
    assert lines_of(case, book) == dict(case.lines), case.source
