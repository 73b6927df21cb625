"""The `cx` command: finds the one command that is asked for, and shows errors.

Only the module of that command is imported, and `cx --help` imports none: it answers in the time Python
takes to start.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from cygni import __version__

if TYPE_CHECKING:
    import typer

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("cli.init", "Begin: write cygni.yaml for what this folder holds, or a template."),
    "detect": ("cli.detect", "Show what a folder holds: language, framework, commands, and why."),
    "build": ("cli.build", "Build the images of services, with their Dockerfile or one Cygni writes."),
    "deploy": ("cli.deploy", "Show what would change and what it would cost, ask, and apply it."),
    "dev": ("cli.dev", "Deploy to the local cloud, and again whatever changes, until Ctrl-C."),
    "diff": ("cli.diff", "Show what a deploy would change and what it would cost."),
    "cost": ("cli.cost", "Show what any preview or state of Pulumi costs: cx cost FILE."),
    "prices": ("cli.prices", "The price book: renew it from AWS's price list, and see what is in it."),
    "status": ("cli.status", "Show what is deployed, what runs of it now, and what it costs."),
    "releases": ("cli.releases", "Show what was released, how it went, and which is live."),
    "rollback": ("cli.rollback", "Bring an earlier release back: at once where it is still warm."),
    "promote": ("cli.promote", "Let a release that waits go on."),
    "pause": ("cli.pause", "Hold a release where it is."),
    "resume": ("cli.resume", "Let a release go on that was paused."),
    "abort": ("cli.abort", "Bring back what ran before the release that is under way."),
    "attach": ("cli.attach", "Show what a deploy tells that goes on elsewhere."),
    "scale": ("cli.scale", "Run another number of tasks, until the next deploy."),
    "restart": ("cli.restart", "New tasks of the release that runs."),
    "logs": ("cli.logs", "Show what services and jobs wrote, and follow it."),
    "run": ("cli.run", "Run a job, and wait until it ends."),
    "exec": ("cli.exec_command", "Run a command in a task of a service, such as a shell."),
    "open": ("cli.open", "Open a web service in the browser."),
    "outputs": ("cli.outputs", "Show the outputs of the stacks: addresses, names, identifiers."),
    "destroy": ("cli.destroy", "Delete everything of an environment, after asking."),
    "import": ("cli.import_resource", "Take over a resource that exists already, instead of making it."),
    "drift": ("cli.drift", "Show what was changed in the cloud since the last deploy."),
    "unlock": ("cli.unlock", "Show who holds the locks of an environment; remove those of the dead."),
    "env": ("cli.env", "The environments: which there are, what each is made of, and promotion."),
    "policy": ("cli.policy", "What every deploy must keep to: how strict it is here, and why."),
    "doctor": ("cli.doctor", "Check what a deploy needs, and say how to mend what is in its way."),
    "local": ("cli.local", "The local cloud: an AWS on this machine, for development."),
    "server": ("cli.server", "The control plane of a team: start it, end it, see how it is."),
    "worker": ("cli.worker", "Carry out what a control plane was asked to do."),
    "login": ("cli.login", "Sign in to a control plane, or set a new one up."),
    "logout": ("cli.logout", "Sign out of the control plane."),
    "password": ("cli.password", "Change your password at the control plane."),
    "whoami": ("cli.whoami", "Show who is signed in, and where."),
    "org": ("cli.org", "The organizations that you are in."),
    "project": ("cli.project", "The projects of an organization, and their environments."),
    "member": ("cli.member", "The people of an organization, and what they may."),
    "role": ("cli.role", "Roles of an organization, made of permissions."),
    "plans": ("cli.plans", "What a control plane charges organizations for."),
    "subscription": ("cli.subscription", "What an organization is billed by."),
    "credit": ("cli.credit", "What pays an organization's invoices."),
    "operator": ("cli.operators", "Who runs a control plane: sets plans, gives credits."),
    "token": ("cli.token", "API keys, with which pipelines and programs sign in."),
    "secrets": ("cli.secrets", "Secrets of a project's environments, kept by the control plane."),
    "usage": ("cli.usage", "What an organization used, and the events behind each figure."),
    "margin": ("cli.margin", "What projects bring in and what they cost, for operators of the server."),
    "domains": ("cli.domains", "Names of a project, and certificates of AWS for them."),
    "budget": ("cli.budget", "Budgets: how much may be used or spent, where it stands, and what follows."),
    "notification": ("cli.notification", "Tell people what comes of deployments, by email and in Slack."),
    "billing": ("cli.billing", "See and set up how an organization pays."),
    "invoices": ("cli.invoices", "What an organization is billed, and how it came about."),
    "webhook": ("cli.webhook", "Tell other programs what happens, by signed requests."),
    "audit": ("cli.audit", "Who did what in an organization, and who was refused."),
    "engine": ("cli.engine", "The Pulumi engine: where it is, and how to get it."),
    "explain": ("cli.explain", "Tell what an error code means, and what to do."),
    "feedback": ("cli.feedback", "Write what a report of a problem needs into a file, without secrets."),
    "version": ("cli.version", "Show the versions of Cygni, the engine it needs and the AWS provider."),
}
ALIASES = {"plan": "diff"}
_COMPLETION = ("--install-completion", "--show-completion")


def help_text() -> str:
    """What `cx --help` prints."""
    width = max(len(name) for name in COMMANDS)
    commands = "\n".join(f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items())
    return f"""Usage: cx COMMAND [OPTIONS]

  Deploys the project of this folder to your own AWS account, or to a cloud on
  this machine: shows every change and its cost before it asks.

Commands:
{commands}

Options:
  --version             Show the version.
  --install-completion  Install completion for this shell.
  --show-completion     Show the completion script, to install it yourself.
  -h, --help            Show this text; `cx COMMAND --help` tells of a command.

Begin with: cx init   in the folder of a program, then: cx deploy
"""


def main() -> None:
    """The entry point of `cx`. Exits with one of the codes of `cli.exit_codes`."""
    arguments = sys.argv[1:]
    completing = "_CX_COMPLETE" in os.environ  # then the shell has the words there
    first = "" if completing else next(iter(arguments), "--help")
    if first in ("--help", "-h", "help"):
        _print(help_text())
        return
    if first == "--version":
        _print(f"cx {__version__}\n")
        return
    if first == "detect":
        from cli.quick_detect import quick_answer

        answer = quick_answer(arguments[1:])
        if answer is not None:
            _print(answer)
            return
    from cli.invocation import invoke

    sys.exit(invoke(arguments))


def _print(text: str) -> None:
    if sys.stdout is None:
        sys.exit("error: stdout is closed, and the answer goes there")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        from cli.invocation import show_error, system_error
        from cli.streams import drop_stdout

        drop_stdout()
        if not isinstance(error, BrokenPipeError):  # that is `cx --help | head -1`
            error.filename = error.filename or "stdout"
            show_error(system_error(error), as_json=False)
            sys.exit(1)


def typer_app(only: str | None = None) -> typer.Typer:
    """The Typer application, with all commands or just the one that is needed."""
    import importlib

    import typer

    app = typer.Typer(
        name="cx",
        add_completion=True,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        help="Deploys the project of this folder to your own AWS account, or to a cloud on this machine.",
    )
    app.callback()(_no_command)
    for name, (module, text) in COMMANDS.items():
        if only is not None and name != only:
            continue
        loaded = importlib.import_module(module)
        examples = _examples(getattr(loaded, "EXAMPLES", ()))
        if hasattr(loaded, "app"):
            app.add_typer(loaded.app, name=name, help=text, epilog=examples)
        else:
            # `import` is a word of Python's own, so that no function can be called so.
            command = getattr(loaded, name, None) or loaded.command
            app.command(name, short_help=text, epilog=examples)(command)
    return app


def _examples(lines: tuple[str, ...]) -> str | None:
    """The end of a command's help; a backspace tells Click to keep its lines apart."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)]) if lines else None


def _no_command() -> None:
    """Keeps `cx` a group even when only one command is loaded."""


def wanted(arguments: list[str]) -> str | None:
    """The command among `arguments` if it is one of ours; None loads all, for completion and for errors."""
    name = ALIASES.get(arguments[0], arguments[0]) if arguments else ""
    return name if name in COMMANDS else None
