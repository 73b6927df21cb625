"""Ruby: gems beside the program, in Bundler's deployment mode."""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree
from cygni.builder.dockerfile.recipe import FOLDER, SUITE, Recipe, Step
from cygni.builder.dockerfile.versions import tag

_BUNDLER: Final = (("BUNDLE_PATH", f"{FOLDER}/vendor/bundle"), ("BUNDLE_WITHOUT", "development:test"))
_PRODUCTION: Final = (("RAILS_ENV", "production"), ("RACK_ENV", "production"), ("RAILS_LOG_TO_STDOUT", "1"))
_RAILS: Final = ("tmp", "log", "storage", "db")
"""What Rails writes below /app."""


def recipe(program: Program, tree: Tree) -> Recipe:
    version = tag("ruby", program.language_version)
    manifests = tuple(file for file in ("Gemfile", "Gemfile.lock", ".ruby-version") if tree.has(file))
    alone = "path:" not in (tree.text("Gemfile") or "") and "gemspec" not in (tree.text("Gemfile") or "")
    locked = (("BUNDLE_DEPLOYMENT", "1"),) if tree.has("Gemfile.lock") else ()
    # Compiling assets loads the application, which wants a key that nothing is encrypted with yet.
    build = f"SECRET_KEY_BASE_DUMMY=1 {program.build_command}" if program.build_command else None
    rails = program.framework == "rails"
    return Recipe(
        toolchain=f"ruby:{version}-{SUITE}",
        runtime=f"ruby:{version}-slim-{SUITE}",
        manifests=manifests if alone and program.install_command else (),
        install=Step((program.install_command,)) if program.install_command else None,
        build=Step((build,)) if build else None,
        building=(*_BUNDLER, *locked, *_PRODUCTION[:2]),
        environment=(*_BUNDLER, *locked, *(_PRODUCTION if rails else _PRODUCTION[1:2])),
        writable=_RAILS if rails else (),
    )
