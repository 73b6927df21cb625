"""Ruby: Gemfile, its groups, Rack."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.listening import port_of_program
from cygni.builder.detect.rules import Framework, system_packages, told
from cygni.builder.detect.source import HASH
from cygni.builder.detect.tree import Tree
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "ruby"
FRAMEWORKS: Final = (
    Framework("rails", ("rails", "railties"), port=3000),
    Framework("hanami", ("hanami",), port=2300),
    Framework("padrino", ("padrino",), port=3000),
    Framework("sinatra", ("sinatra",), port=4567),
    Framework("roda", ("roda",), port=9292),
    Framework("grape", ("grape",), port=9292),
    Framework("cuba", ("cuba",), port=9292),
    Framework("jekyll", ("jekyll", "github-pages"), Kind.STATIC, build="bundle exec jekyll build", output="_site"),
    Framework("bridgetown", ("bridgetown",), Kind.STATIC, build="bundle exec bridgetown build", output="output"),
    Framework("middleman", ("middleman",), Kind.STATIC, build="bundle exec middleman build", output="build"),
    Framework("nanoc", ("nanoc",), Kind.STATIC, build="bundle exec nanoc", output="output"),
)  # fmt: skip
_WORKERS: Final = ("sidekiq", "resque", "good_job", "karafka", "discordrb", "telegram-bot-ruby")
_SYSTEM: Final = (
    (("pg",), ("libpq5",)),
    (("mysql2",), ("libmariadb3",)),
    (("sqlite3",), ("libsqlite3-0",)),
    (("ruby-vips", "image_processing"), ("libvips42",)),
    (("mini_magick", "rmagick"), ("imagemagick",)),
)
_GEM = re.compile(r"""^\s*gem[\s(]+["']([\w.-]+)["'](.*)$""")
_NOT_FOR_RUNNING = re.compile(r":(development|test)\b|[\"'](?:development|test)[\"']")


def look(tree: Tree) -> Draft | None:
    """What Ruby says of a folder."""
    file = tree.first("Gemfile", "gems.rb", "config.ru")
    if file is None:
        return _script(tree)
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    code = tree.code(file, HASH) if file != "config.ru" else ""
    _say_version(draft, tree, code)
    if file != "config.ru":
        draft.say("package_manager", "bundler", f"{file} is there")
        draft.say("install_command", "bundle install", f"{file} is there")
    runtime = _gems(code)
    listed = told(FRAMEWORKS, runtime)
    for name, needed in system_packages(_SYSTEM, runtime):
        draft.need(needed, f"{name} takes them")
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"{file} declares {name}")
        draft.say("kind", framework.kind, f"{framework.slug} makes it so")
        if framework.kind is Kind.STATIC:
            draft.say("build_command", framework.build, f"{framework.slug} is built so")
            draft.say("output_directory", framework.output, f"{framework.slug} builds into it")
            return draft
    _say_start(draft, tree, runtime, "bundle exec " if file != "config.ru" else "")
    worker = next((name for name in _WORKERS if name in runtime), None)
    if worker and not listed:
        draft.say("kind", Kind.WORKER, f"{file} declares {worker}, and no web framework")
    if listed:
        draft.say("port", listed[0][0].port, f"{listed[0][0].slug} listens there by default")
    elif tree.has("config.ru"):
        draft.say("kind", Kind.SERVER, "config.ru is there")
        draft.say("port", 9292, "Rack listens there by default")
    return draft


def _script(tree: Tree) -> Draft | None:
    """A program without gems."""
    file = tree.first("main.rb", "app.rb", "server.rb", "index.rb")
    if file is None:
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, f"{file} is there")
    _say_version(draft, tree, "")
    draft.say("start_command", f"ruby {file}", f"{file} is there")
    draft.say("port", port_of_program(tree.code(file, HASH)), f"{file} names it")
    return draft


def _say_version(draft: Draft, tree: Tree, code: str) -> None:
    say_pinned(draft, tree, ("ruby",), ".ruby-version")
    written = re.search(r"""^\s*ruby[\s(]+["']([^"']+)["']""", code, re.MULTILINE)
    say_version(draft, written[1] if written else None, "Gemfile")
    locked = re.search(r"^RUBY VERSION\n\s+ruby (\S+)", tree.text("Gemfile.lock") or "", re.MULTILINE)
    say_version(draft, re.sub(r"p\d+$", "", locked[1]) if locked else None, "Gemfile.lock")


def _gems(code: str) -> set[str]:
    """The gems that are not only for development or test."""
    found, depth = set(), []
    for line in code.splitlines():
        plain = line.strip()
        if re.match(r"group\b.*\bdo\b", plain):
            # A group of several is installed for running where one of them is neither.
            names = re.findall(r""":(\w+)|["'](\w+)["']""", plain)
            depth.append(all(_NOT_FOR_RUNNING.match(f":{symbol or text}") for symbol, text in names))
        elif re.search(r"\bdo\b(\s*\|[^|]*\|)?\s*$", plain) or re.match(r"(if|unless|case)\b", plain):
            depth.append(False)
        elif plain == "end" and depth:
            depth.pop()
        elif (gem := _GEM.match(line)) and not any(depth):
            group = re.search(r"\bgroups?(?::|\s*=>)\s*(\[[^\]]*\]|:?\w+)", gem[2])
            if not (group and _NOT_FOR_RUNNING.search(f":{group[1].lstrip(':')}")):
                found.add(gem[1])
    return found


def _say_start(draft: Draft, tree: Tree, runtime: set[str], prefix: str) -> None:
    if draft.framework == "rails":
        command = "bin/rails server" if tree.has("bin/rails") else "bundle exec rails server"
        draft.say(
            "start_command", f"{command} --binding 0.0.0.0 --port ${{PORT:-3000}}", "Rails is started so"
        )
        if runtime & {"sprockets-rails", "propshaft", "sassc-rails"} or tree.has_folder("app/assets"):
            rails = command.removesuffix(" server")
            draft.say("build_command", f"{rails} assets:precompile", "it has assets")
        routes = tree.code("config/routes.rb", HASH) if tree.has("config/routes.rb") else ""
        health = re.search(
            r"""get\s*\(?\s*["']/?([\w/-]+)["']\s*(?:=>|,\s*to:)\s*["']rails/health#show""", routes
        )
        draft.say("health_path", f"/{health[1]}" if health else None, "config/routes.rb has it")
    elif tree.has("config.ru"):
        port = next((one.port for one in FRAMEWORKS if one.slug == draft.framework), None) or 9292
        server = "puma" if "puma" in runtime else "rackup"
        how = (
            f"puma --port ${{PORT:-{port}}}"
            if server == "puma"
            else f"rackup --host 0.0.0.0 --port ${{PORT:-{port}}}"
        )
        draft.say("start_command", prefix + how, f"config.ru is there, and {server} runs it")
    else:
        file = tree.first("app.rb", "main.rb", "server.rb", "web.rb", "bot.rb", "worker.rb", "index.rb")
        if file:
            draft.say("start_command", f"{prefix}ruby {file}", f"{file} is there")
            draft.say("port", port_of_program(tree.code(file, HASH)), f"{file} names it")
