"""The command that starts a Python program, its port and its health path."""

from __future__ import annotations

import ast
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.languages.python.declared import Declared
from cygni.builder.detect.languages.python.entry import Made, Source, interface_of, used
from cygni.builder.detect.languages.python.frameworks import ASGI_SERVERS, WSGI_SERVERS, Interface
from cygni.builder.detect.listening import health_path, paths_in, port_of_command, port_of_program
from cygni.builder.detect.rules import Framework
from cygni.builder.detect.source import HASH
from cygni.builder.detect.tree import PASSED_OVER, Tree

_SCRIPTS: Final = ("start", "serve", "server", "web", "app", "main", "run")
_BRINGS_UVICORN: Final = ("fastapi[standard]", "fastapi[all]", "litestar[standard]", "blacksheep[full]")


def say_start(
    draft: Draft, tree: Tree, found: Declared, shown: list[Source], framework: Framework | None
) -> None:
    """Take start and build command, port and health path."""
    if framework is None:
        _say_plain(draft, tree, found, shown)
    elif framework.slug == "django":
        _say_django(draft, tree, found, framework)
    else:
        _say_application(draft, found, shown, framework)
    entry = next((one for one in shown if one.file in (draft.start_command or "").split()), None)
    if entry and draft.kind is Kind.SERVER:
        draft.say("port", port_of_program(tree.code(entry.file, HASH)), f"{entry.file} names it")
    draft.say("port", port_of_command(draft.start_command), "the start command has it")
    if framework:
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
        draft.say("health_path", framework.health, f"{framework.slug} answers it")
    if draft.kind is Kind.SERVER:
        for source in shown:
            paths = source.paths if framework else paths_in(tree.code(source.file, HASH))
            draft.say("health_path", health_path(paths), f"{source.file} answers it")


def _say_application(draft: Draft, found: Declared, shown: list[Source], framework: Framework) -> None:
    if framework.start:
        script = next((one for one in shown if framework.slug in used(one)), shown[0] if shown else None)
        if script or "{file}" not in framework.start:
            file = script.file if script else ""
            draft.say("start_command", framework.start.format(file=file), f"{framework.slug} is started so")
        return
    targets = [
        (source, made)
        for source in shown
        for made in source.made
        if made.application.framework in ("", framework.slug)
    ]
    targets.sort(key=lambda one: one[1].factory)
    for source, made in targets:
        command = _served(found, source, made, framework)
        if command:
            what = "is made by" if made.factory else "is"
            draft.say("start_command", command, f"the application {what} {made.name} in {source.file}")
            _warn_of_servers(draft, found, made, framework)
            return
    script = next((one for one in shown if framework.slug in used(one)), None)
    script = script or next((one for one in shown if one.runs_itself), None)
    if script:
        draft.say("start_command", _run(script), f"{script.file} uses {framework.slug}")


def _served(found: Declared, source: Source, made: Made, framework: Framework) -> str | None:
    module, folder = source.module
    interface, port = interface_of(made, framework.slug), framework.port or 8000
    folder = "" if found.installable and "." in module else folder
    if framework.slug == "dash" and "gunicorn" in found.runtime and _has_name(source, "server"):
        made, interface = Made(made.application, "server"), Interface.WSGI
    if interface == Interface.OWN:
        if framework.slug == "sanic" and not made.factory:
            return f"sanic {module}:{made.name} --host=0.0.0.0 --port=${{PORT:-{port}}}"
        return _run(source)
    servers = ASGI_SERVERS if interface == Interface.ASGI else WSGI_SERVERS
    server = next((name for name in servers if name in found.runtime), None)
    if server is None and interface == Interface.WSGI:
        if framework.slug != "flask":
            return _run(source)
        path = f"{folder}/{module.replace('.', '/')}" if folder else module
        name = "" if made.factory or made.name in ("app", "application") else f":{made.name}"
        return f"flask --app {path}{name} run --host=0.0.0.0 --port=${{PORT:-{port}}}"
    server = server or "uvicorn"
    target = f"{module}:{made.name}"
    if made.factory:
        target = f"'{target}()'" if server == "gunicorn" else target
    command = servers[server].format(target=target, port=port)
    if made.factory and server in ("uvicorn", "granian"):
        command += " --factory"
    elif made.factory and server == "waitress":
        command = command.replace(target, f"--call {target}")
    if folder:
        option = {"uvicorn": f" --app-dir {folder}", "gunicorn": f" --chdir {folder}"}.get(server)
        command = command + option if option else f"env PYTHONPATH={folder} {command}"
    return command


def _warn_of_servers(draft: Draft, found: Declared, made: Made, framework: Framework) -> None:
    interface = interface_of(made, framework.slug)
    if (
        interface == Interface.OWN
        or found.extras.intersection(_BRINGS_UVICORN)
        or framework.slug == "fasthtml"
    ):
        return
    servers = ASGI_SERVERS if interface == Interface.ASGI else WSGI_SERVERS
    if not any(server in found.runtime for server in servers):
        add = next(iter(servers))
        because = draft.reasons.pop().because
        draft.correct(
            "start_command",
            draft.start_command,
            f"{because}; no server is declared to run it in production: add {add}",
        )


def _has_name(source: Source, name: str) -> bool:
    return any(
        isinstance(one, ast.Assign) and any(getattr(target, "id", None) == name for target in one.targets)
        for one in (source.tree.body if source.tree else [])
    )


def _say_plain(draft: Draft, tree: Tree, found: Declared, shown: list[Source]) -> None:
    """A program without a framework: a worker, a script, a command of the project's own."""
    if "celery" in found.runtime:
        for source in shown:
            if any(_is_celery(one) for one in (source.tree.body if source.tree else [])):
                module = source.module[0]
                draft.say(
                    "start_command",
                    f"celery --app {module} worker",
                    f"{source.file} makes a Celery application",
                )
                return
    in_root = [one for one in shown if "/" not in one.file and one.file != "__init__.py"]
    usual = [one for one in shown if one.file not in tree.files or one in in_root[:1]]
    first = next((one for one in in_root if one.file in _USUAL), None)
    if first is None and len(in_root) == 1 and (in_root[0].runs_itself or not found.manifests):
        first = in_root[0]
    if first:
        draft.say("start_command", _run(first), f"{first.file} is there")
        return
    script = next((name for name in (*_SCRIPTS, found.project or "") if name in found.scripts), None)
    if script is None and len(found.scripts) == 1:
        script = next(iter(found.scripts))
    if script and found.installable:
        draft.say("start_command", script, f"pyproject.toml has the script {script}")
        return
    for source in usual:
        module, folder = source.module
        if source.file.endswith("/__main__.py") and module.split(".")[0] in (
            "app",
            "src",
            _own(found),
            found.project,
        ):
            module = module.removesuffix(".__main__")
            prefix = f"env PYTHONPATH={folder} " if folder and not found.installable else ""
            draft.say("start_command", f"{prefix}python -m {module}", f"{source.file} is there")
            return
    inside = next(
        (one for one in usual if one.runs_itself and one.file.endswith(("/main.py", "/app.py"))), None
    )
    if inside:
        draft.say("start_command", _run(inside), f"{inside.file} runs by itself")


_USUAL: Final = (
    "main.py",
    "app.py",
    "server.py",
    "run.py",
    "start.py",
    "bot.py",
    "worker.py",
    "index.py",
    "api.py",
)


def _own(found: Declared) -> str:
    """The package that the project is named for."""
    return (found.project or "").replace("-", "_").replace(".", "_")


def _run(source: Source) -> str:
    return f"python {source.file}"


def _is_celery(statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(call, ast.Call) and getattr(call.func, "id", None) == "Celery"


def _say_django(draft: Draft, tree: Tree, found: Declared, framework: Framework) -> None:
    settings = _settings_module(tree)
    place = (settings or "").split(".")[0]
    candidates = [place] if place else []
    candidates += sorted(tree.folders - PASSED_OVER)[:100]
    port = framework.port
    asgi = next((name for name in ASGI_SERVERS if name in found.runtime), None)
    wsgi = next((name for name in WSGI_SERVERS if name in found.runtime), None)
    for folder in dict.fromkeys(candidates):
        for file, server, servers in (("wsgi", wsgi, WSGI_SERVERS), ("asgi", asgi, ASGI_SERVERS)):
            if server and tree.has(f"{folder}/{file}.py"):
                target = f"{folder}.{file}:application"
                command = servers[server].format(target=target, port=port)
                draft.say("start_command", command, f"{folder}/{file}.py and {server} are there")
    if tree.has("manage.py"):
        command = f"python manage.py runserver 0.0.0.0:${{PORT:-{port}}}"
        draft.say(
            "start_command",
            command,
            "manage.py is there; no server is declared to run it in production: add gunicorn",
        )
    if settings and _collects(tree, settings):
        draft.say("build_command", "python manage.py collectstatic --noinput", f"{settings} has STATIC_ROOT")


def _settings_module(tree: Tree) -> str | None:
    """What manage.py sets DJANGO_SETTINGS_MODULE to."""
    module = tree.python("manage.py") if tree.has("manage.py") else None
    for call in ast.walk(module) if module else []:
        if isinstance(call, ast.Call) and len(call.args) == 2:
            values = [one.value for one in call.args if isinstance(one, ast.Constant)]
            if len(values) == 2 and values[0] == "DJANGO_SETTINGS_MODULE" and isinstance(values[1], str):
                return values[1]
    return None


def _collects(tree: Tree, settings: str) -> bool:
    path = settings.replace(".", "/")
    names = {f"{path}.py", f"{path}/__init__.py", f"{path.rpartition('/')[0]}/base.py"}
    for file in sorted(names):
        module = tree.python(file) if tree.has(file) else None
        if any(
            isinstance(one, ast.Assign)
            and any(getattr(target, "id", "") == "STATIC_ROOT" for target in one.targets)
            for one in (module.body if module else [])
        ):
            return True
    return False
