"""`make aws-smoke`: a small service on a real AWS account, released, released again, rolled back and removed.

It costs money, so nothing happens without two words of yours: the number of the account, which must be that of your
credentials, and the most that an hour of it may cost, in USD:

    make aws-smoke ARGS="--account 123456789012 --ceiling 0.25"

It takes some fifteen minutes, of which the load balancer takes five. Whatever fails, everything is removed again at the
end; was even that impossible, or the command killed, the same command begins with removing what it left. State and
records are kept in CYGNI_DATA_DIR/aws-smoke until then. Exits with 2 if it is refused, with 1 if a step fails.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NoReturn

import yaml

from cygni.settings import Settings

CX = Path(sys.executable).with_name("cx")
PROJECT = "cygni-smoke"
ENVIRONMENT = "smoke"
IMAGES = ("public.ecr.aws/nginx/nginx:1.28-alpine", "public.ecr.aws/nginx/nginx:1.29-alpine")
HOURS_A_MONTH = 730
"""As AWS counts them, and `cx` does."""
ANSWER_SECONDS = 300.0
"""A new load balancer's name is not known everywhere at once."""


class Smoke:
    """The project in a folder, and what is done with it. `images` are those of two versions of a service that answers
    with 200 at `/`; the second is watched for `bake` seconds."""

    def __init__(
        self,
        folder: Path,
        environment: str,
        images: tuple[str, str],
        region: str = "us-east-1",
        bake: int = 60,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._bake = bake
        self._folder = folder
        self._environment = environment
        self._images = images
        self._region = region
        own = {name: value for name, value in os.environ.items() if name not in ("CX_APP", "CX_ENV")}
        self._variables = {**own, "CYGNI_DATA_DIR": str(folder / "data")}

    def run(self, ceiling: Decimal) -> None:
        """All of it. Raises SmokeFailed; what was made is removed in any case."""
        first, second = self._images
        limit = ("--max-cost-increase", f"{ceiling * HOURS_A_MONTH:.2f}")
        self._write(first)
        with _timed("what an earlier run left is removed"):
            self._cx("destroy", "--yes")
        try:
            with _timed("deployed"):
                self._cx("deploy", "--yes", *limit)
            with _timed("answers"):
                self._ask()
            self._write(second)
            with _timed("released again"):
                self._cx("deploy", "--yes", *limit)
            self._ask()
            with _timed("rolled back"):
                self._cx("rollback")
            self._ask()
            self._cx("status")
        finally:
            with _timed("removed"):
                self._cx("destroy", "--yes")
        left = self._left()
        if left:
            raise SmokeFailed(f"left in the state: {', '.join(left)}")

    def _write(self, image: str) -> None:
        service = {
            "image": image,
            "port": 80,
            "count": 2,
            "deregistration_delay": 5,
            "release": {"bake": self._bake},
        }
        spec = {
            "project": PROJECT,
            "region": self._region,
            "network": {"nat": "none"},
            "services": {"web": service},
        }
        text = yaml.safe_dump(spec, sort_keys=False)
        (self._folder / "cygni.yaml").write_text(text, encoding="utf-8")

    def _cx(self, *arguments: str, quiet: bool = False) -> str:
        command = [str(CX), *arguments, "-e", self._environment]
        if not quiet:
            say(f"\n$ {' '.join(['cx', *command[1:]])}")
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._variables,
            stdout=subprocess.PIPE if quiet else None,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SmokeFailed(f"cx {' '.join(arguments)} ended with {done.returncode}")
        return done.stdout or ""

    def _ask(self) -> None:
        address = self._cx("outputs", "services.urls.web", quiet=True).strip()
        until = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                with urllib.request.urlopen(address, timeout=10) as answer:
                    say(f"{address} answers with {answer.status}")
                    return
            except OSError as error:
                if time.monotonic() > until:
                    raise SmokeFailed(f"{address} does not answer: {error}") from None
            time.sleep(2)

    def _left(self) -> list[str]:
        stacks = Path(self._variables["CYGNI_DATA_DIR"]) / "state" / ".pulumi" / "stacks"
        return sorted(path.stem for path in stacks.rglob("*.json"))


class SmokeFailed(Exception):
    """A step did not end as it should."""


def main(arguments: Sequence[str], account_of: Callable[[Mapping[str, str]], str] | None = None) -> None:
    """`account_of` tells the account of the credentials in an environment."""
    account, ceiling, region = _consent(arguments)
    actual = (account_of or _account)({**os.environ, "AWS_REGION": region})
    if actual != account:
        _refuse(f"the credentials are those of account {actual or 'none'}, not of {account}")
    folder = Settings.from_environment().data_dir / "aws-smoke"
    say(f"Account {account}, {region}, at most {ceiling} USD an hour. State and records: {folder}")
    try:
        Smoke(folder, ENVIRONMENT, IMAGES, region).run(ceiling)
    except SmokeFailed as error:
        say(
            f"aws-smoke: {error}\nRun the same again, or remove what there is with: cx destroy -e {ENVIRONMENT}"
        )
        raise SystemExit(1) from None
    say("\nEverything went as it should, and nothing is left.")


def _consent(arguments: Sequence[str]) -> tuple[str, Decimal, str]:
    """Account, ceiling and region; ends the program where either of the first two is not given."""
    parser = argparse.ArgumentParser(
        prog="aws_smoke", description="Releases a service on a real AWS account."
    )
    parser.add_argument("--account", default="", help="the number of the account that may be charged")
    parser.add_argument("--ceiling", default="", help="what an hour may cost at most, in USD")
    parser.add_argument("--region", default="us-east-1")
    given = parser.parse_args(arguments)
    if not re.fullmatch(r"\d{12}", given.account):
        _refuse("it costs money in a real AWS account: name that with --account and its twelve digits")
    try:
        ceiling = Decimal(given.ceiling)
    except InvalidOperation:
        ceiling = Decimal("nan")
    if not ceiling.is_finite() or ceiling <= 0:
        _refuse("it costs money: say what an hour may cost at most with --ceiling and USD, for example 0.25")
    return given.account, ceiling, given.region


def _account(environment: Mapping[str, str]) -> str:
    """Of the credentials that the AWS SDK finds; ends the program where it finds none."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        identity = boto3.client("sts", region_name=environment["AWS_REGION"]).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        _refuse(f"AWS does not say whose the credentials are: {error}")
    return str(identity["Account"])


def _refuse(why: str) -> NoReturn:
    say(f"aws-smoke: refused: {why}")
    raise SystemExit(2)


@contextmanager
def _timed(what: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    say(f"# {what} after {time.monotonic() - begun:.1f} s")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
