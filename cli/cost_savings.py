"""`cx cost savings`: what an environment could save, and how."""

from __future__ import annotations

from cli.options import App, Currency, Debug, Env, Json


def savings(
    app: App = None,
    env: Env = "local",
    currency: Currency = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Show what an environment could save a month, by what is deployed and how much of it was used in the last 14 days,
    and the change that does it. Changes nothing."""
    from cli.cost_inputs import Source, cloud_clients
    from cli.cost_savings_view import show_savings
    from cli.currency import shown_in
    from cli.session import load_project
    from cli.terminal import answer, console
    from cygni.savings.conversion import savings_in
    from cygni.savings.document import savings_document
    from stacks.releasing import SystemClock
    from stacks.savings import savings_report

    spec = load_project(app, env)
    exchange = shown_in(currency, spec)
    source = Source(stack=f"{spec.project}.{env}", app=app, env=env)
    report = savings_report(
        spec,
        source.read_resources(),
        cloud_clients(env),
        source.usage(None, None),
        SystemClock().now().replace(hour=0, minute=0, second=0, microsecond=0),
    )
    report = savings_in(report, exchange)
    if as_json:
        answer(savings_document(report))
    else:
        show_savings(console(), report)
