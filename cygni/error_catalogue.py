"""What each error code means, and what to do: the page docs/errors.md, and `cx explain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PAGE: Final = "docs/errors.md"

SELF_EVIDENT: Final = frozenset({"internal_error", "usage", "confirmation_required", "cancelled"})
"""Codes whose errors say by themselves all that the documentation says of them."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """`page` has more about it, below docs/, with an anchor where that helps."""

    means: str
    do: str
    page: str


def reference(code: str, site: str | None = None) -> str:
    """Where the documentation tells of a code: in the repository, or on the site at that address."""
    return located(f"{PAGE}#{code}", site)


def located(page: str, site: str | None = None) -> str:
    """A page of the repository, as `docs/state.md#locks`; or the same on the site, which keeps paths and anchors."""
    path, hash_sign, place = page.partition("#")
    return f"{site}/{path.removesuffix('.md')}.html{hash_sign}{place}" if site else page


_AGAIN = "Run the same command again: what was done is kept, and it goes on from there."

EXPLANATIONS: Final[dict[str, Explanation]] = {
    "internal_error": Explanation(
        "Something happened that nobody foresaw, or the operating system refused something.",
        "Run it again with `--debug` to see where, and report it with what `cx feedback` writes.",
        "cli.md",
    ),
    "usage": Explanation(
        "The call itself makes no sense: an option, a value or a combination of them.",
        "See `cx COMMAND --help`.",
        "cli.md",
    ),
    "confirmation_required": Explanation(
        "The command would ask, and there is no terminal to ask at.",
        "Look at the plan with `cx diff`, then add `--yes`. It never covers losing data.",
        "ci.md",
    ),
    "build_context_refused": Explanation(
        "No image is made from a folder that is too large, has links that leave it or lead to themselves, has pipes or "
        "devices, or cannot be read. Nothing was read, copied or sent.",
        "Leave out what it names with lines of `.dockerignore`, or mend it. `build.context_limit` allows more.",
        "images.md#what-may-go-wrong",
    ),
    "build_secret_missing": Explanation(
        "A secret that a build is given refers to a variable, a file or a secret of AWS that cannot be had.",
        "Set or make what it refers to, or correct `build.secrets` in `cygni.yaml`. Nothing was built.",
        "images.md#secrets-of-a-build",
    ),
    "no_exchange_rate": Explanation(
        "An amount is to be shown or judged in a currency of which no rate is known.",
        "Write the rate and its day into the file that `CYGNI_EXCHANGE_RATES` names, or stay with USD.",
        "cost.md#other-currencies",
    ),
    "spec_invalid": Explanation(
        "`cygni.yaml` has mistakes. Each is told with its line and column.",
        "Mend the lines. An editor that takes docs/cygni.schema.json finds them while you type.",
        "configuration.md",
    ),
    "not_found": Explanation(
        "There is no such project, environment, stack, output, release or pull request, or nothing is deployed.",
        "Check the name, the folder (`--app`) and the environment (`--env`): `cx env list` shows which there are.",
        "cli.md",
    ),
    "engine_failed": Explanation(
        "The Pulumi engine could not do its work, for another reason than a resource.",
        f"Read what it said, or run it again with `--debug`. {_AGAIN}",
        "engine.md",
    ),
    "engine_missing": Explanation(
        "No engine was found, and none could be downloaded or built.",
        "Each attempt is told with its reason: `cx engine status`. `CYGNI_PULUMI` names one that is there.",
        "engine.md",
    ),
    "engine_died": Explanation(
        "The engine's process ended without an answer: killed, or out of memory.",
        f"{_AGAIN} What was in flight is looked up in the cloud first.",
        "state.md",
    ),
    "auth_failed": Explanation(
        "AWS, or the forge of a comment, does not know who asks, or does not allow it.",
        "Check with `aws sts get-caller-identity` who you are, and with `cx doctor permissions` what is missing.",
        "ci.md#roles-instead-of-keys",
    ),
    "unauthenticated": Explanation(
        "The control plane does not know who asks.",
        "Log in again, or give a token that has not expired.",
        "cli.md",
    ),
    "permission_denied": Explanation(
        "The control plane knows who asks, and does not allow it.",
        "Ask somebody who may, or for the role.",
        "cli.md",
    ),
    "already_exists": Explanation("The name is taken.", "Choose another, or use what is there.", "cli.md"),
    "precondition_failed": Explanation(
        "Somebody else has changed it since it was read.", "Read it again, and decide anew.", "cli.md"
    ),
    "wrong_state": Explanation(
        "It is over already, or not yet where this can be done with it.",
        "Look where it is now, and decide anew.",
        "cli.md",
    ),
    "limit_reached": Explanation(
        "The plan of the organization allows no more of it.",
        "Remove one that is not needed, or ask an operator of the server for another plan: `cx plans list` shows what "
        "each allows.",
        "billing.md",
    ),
    "resource_failed": Explanation(
        "The cloud refused a resource.",
        f"Its own words say why; `cx doctor` knows quotas and permissions. {_AGAIN}",
        "doctor.md",
    ),
    "unreachable": Explanation(
        "Somebody does not answer, or asks to come back later.",
        "Look at the network and the proxy, and run it again a moment later.",
        "doctor.md",
    ),
    "policy_violation": Explanation(
        "A mandatory policy forbids the plan. Nothing was changed.",
        "`cx policy explain NAME` tells why it is there and what to do.",
        "policies.md",
    ),
    "world_changed": Explanation(
        "What is there is not what the plan was made for: somebody else deployed meanwhile.",
        "Run it again for a new plan; `cx drift` shows what was changed outside.",
        "state.md#drift",
    ),
    "not_promotable": Explanation(
        "What one environment runs cannot be given to another as it is.",
        "The message names what is different; deploy that environment itself.",
        "releases.md",
    ),
    "stateful_protected": Explanation(
        "The plan would replace or delete data. `--yes` never covers that.",
        "Where the data may go, name each: `--allow-destroy NAME`. Otherwise take back the change.",
        "databases.md",
    ),
    "cancelled": Explanation(
        "A person said no, or stopped it; a CI job was cancelled.",
        f"{_AGAIN} Nothing stays locked.",
        "ci.md#a-job-that-is-cancelled",
    ),
    "deadline_exceeded": Explanation(
        "It took longer than `--timeout`.", f"Give it more time with `--timeout 2h`. {_AGAIN}", "cli.md"
    ),
    "lock_held": Explanation(
        "Somebody else is deploying to the environment; the message says who, where and since when.",
        "Wait for it with `--lock-wait 15m`. Where it is dead: `cx unlock`.",
        "state.md#locks",
    ),
    "lease_lost": Explanation(
        "Somebody else has taken over what this command was releasing.",
        "See how it goes on with `cx status` and `cx releases`.",
        "releases.md",
    ),
    "release_failed": Explanation(
        "A release was not let through. What ran before runs.",
        "`cx releases` says why it went back.",
        "releases.md",
    ),
    "gate_failed": Explanation(
        "A gate, a check or an alarm spoke against a release. What ran before runs.",
        "The reason is told in numbers. Mend the program, or its gates in `cygni.yaml`.",
        "releases.md",
    ),
    "tasks_failed": Explanation(
        "The tasks of a release end, cannot start or do not get healthy. What ran before runs.",
        "Read the exit code and the last lines that the program wrote: `cx logs`.",
        "releases.md",
    ),
    "job_failed": Explanation(
        "The job that must succeed before a release did not. What ran before runs.",
        "Read its exit code and its last lines; it must be such that it can run twice.",
        "releases.md",
    ),
    "run_failed": Explanation(
        "A job that was run by hand ended badly.",
        "Read its exit code and its last lines: `cx logs`.",
        "services.md",
    ),
    "tool_missing": Explanation(
        "A program of somebody else's is not installed, or too old.",
        "Install what the message names.",
        "doctor.md",
    ),
    "rollback_failed": Explanation(
        "A release was not let through, and what ran before could not be brought back.",
        "See how requests are divided with `cx status`, and try again: `cx rollback`.",
        "releases.md",
    ),
    "deploy_killed": Explanation(
        "The process that deployed was killed before it was done.", _AGAIN, "ci.md#a-job-that-is-cancelled"
    ),
    "preflight_failed": Explanation(
        "A check before a deploy found what is in its way. Nothing was begun.",
        "`cx doctor` says how to mend each; `--fix` mends what is safe to mend.",
        "doctor.md",
    ),
    "cost_guard": Explanation(
        "The plan costs more than was allowed, or may. Nothing was changed.",
        "Change what is deployed, or allow more: `--max-cost-increase`, or `cost` in `cygni.yaml`.",
        "cost.md",
    ),
    "budget_exceeded": Explanation(
        "A budget with a hard limit has too little left for what was asked. What runs goes on to run.",
        "See what is left with `cx budget list`. Whoever manages billing can raise it: `cx budget set NAME AMOUNT`.",
        "billing.md#budgets",
    ),
    "payment_overdue": Explanation(
        "An invoice of the organization is not paid, two weeks after it was due. What runs goes on to run.",
        "Pay it: deployments go on at once.",
        "billing.md#invoices-that-are-not-paid",
    ),
    "build_failed": Explanation(
        "An image could not be made from the folder of a service.",
        "Its last lines are shown; try the command in the folder.",
        "images.md",
    ),
    "base_image_missing": Explanation(
        "The image that a Dockerfile begins with, or copies from, is not in its registry, or not for the caller.",
        "Correct its name and tag behind FROM, or log in to its registry with the tool that builds.",
        "images.md#what-may-go-wrong",
    ),
    "registry_unreachable": Explanation(
        "A registry does not answer, or dropped the connection while an image was fetched or pushed.",
        "Run the same command again. What was pushed by halves has no tag, and nothing runs it.",
        "images.md#what-may-go-wrong",
    ),
    "price_book_invalid": Explanation(
        "The price book of this machine cannot be read: it is damaged, or of another version.",
        "Make it again with `cx prices sync`, or remove the file it names, to use the book that ships.",
        "cost.md",
    ),
    "price_list_invalid": Explanation(
        "AWS's price list is not in the shape that Cygni knows. What it was read for keeps its older prices.",
        "Try `cx prices sync` again; if it stays so, look for a newer Cygni.",
        "cost.md",
    ),
    "document_invalid": Explanation(
        "A preview or a state that was given cannot be read.",
        "Give the output of `pulumi preview --json` or `pulumi stack export`, whole.",
        "cost.md",
    ),
    "state_invalid": Explanation(
        "Cygni's own records cannot be read or written.",
        "The message names the file or the place; `cx doctor state` looks at all of it.",
        "state.md",
    ),
    "state_being_made": Explanation(
        "Somebody else is making the place of the states at this moment.", "Run it again.", "state.md"
    ),
    "no_space": Explanation(
        "There is too little room on the disk to begin.", "Free some; the message says how much.", "state.md"
    ),
    "local_cloud_failed": Explanation(
        "The local cloud does not start, or does not answer.",
        "`cx local logs` shows what it said; `cx local reset` begins anew, and loses what is in it.",
        "local-cloud.md",
    ),
    "local_cloud_empty": Explanation(
        "The state has resources, and the local cloud has none: it was reset.",
        "`cx deploy --refresh` makes everything again.",
        "local-cloud.md",
    ),
    "control_plane_failed": Explanation(
        "The control plane does not start, does not answer, or something else answers at its address.",
        "`cx server status` and `cx server logs` on its machine show how it is.",
        "control-plane.md",
    ),
    "rate_limited": Explanation(
        "More requests came from the caller, or from its address, than the control plane takes in a minute.",
        "Wait for as long as the hint says, and run the command again.",
        "control-plane.md#how-often",
    ),
}
