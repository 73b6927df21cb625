"""Handles orders: takes each from the queue, marks it in the database, and only then lets go of the message.

A message that was taken by a worker that ended comes back after the queue's visibility timeout, so an order may be
handled twice and is never lost. Asked to end (SIGTERM), it finishes the order it has.
"""

import json
import os
import signal
from typing import Any

import boto3
import psycopg

QUEUE = os.environ["QUEUE_ORDERS_URL"]


def handle(connection: psycopg.Connection[Any], order: int) -> None:
    connection.execute("UPDATE orders SET status = 'handled' WHERE id = %s", [order])
    print(f"order {order} is handled", flush=True)


def main() -> None:
    sqs = boto3.client("sqs")
    asked_to_end: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked_to_end.append(number))
    print("the worker waits for orders", flush=True)
    while not asked_to_end:
        # Not longer than it may take to notice that it is asked to end.
        received = sqs.receive_message(QueueUrl=QUEUE, WaitTimeSeconds=2, MaxNumberOfMessages=1)
        for message in received.get("Messages", ()):
            with psycopg.connect() as connection:
                handle(connection, json.loads(message["Body"])["order"])
            sqs.delete_message(QueueUrl=QUEUE, ReceiptHandle=message["ReceiptHandle"])
    print("the worker ends", flush=True)


if __name__ == "__main__":
    main()
