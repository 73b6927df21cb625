"""PHP: packages of Composer, in an image with PHP's command."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Program
from cygni.builder.detect.tree import Tree, mapping
from cygni.builder.dockerfile.recipe import HOME, SUITE, Recipe, Step, apt
from cygni.builder.dockerfile.versions import tag

_COMPOSER: Final = f"{HOME}/.composer/cache"
_WRITTEN: Final = {"laravel": ("storage", "bootstrap/cache"), "symfony": ("var",)}
"""What frameworks write below /app."""
_BUILT_IN: Final = frozenset({
    "ctype", "curl", "date", "dom", "fileinfo", "filter", "ftp", "hash", "iconv", "json", "libxml", "mbstring",
    "openssl", "pcre", "pdo", "phar", "posix", "random", "readline", "reflection", "session", "simplexml", "sodium",
    "spl", "sqlite3", "standard", "tokenizer", "xml", "xmlreader", "xmlwriter", "zlib", "pdo_sqlite",
})  # fmt: skip
"""Extensions that the official image has (its documentation: `php -m`)."""
_NEEDS: Final = {"intl": "libicu-dev", "zip": "libzip-dev", "gd": "libpng-dev", "pgsql": "libpq-dev",
                 "pdo_pgsql": "libpq-dev", "soap": "libxml2-dev", "gmp": "libgmp-dev", "bz2": "libbz2-dev"}  # fmt: skip
"""Debian's packages that extensions are compiled with."""


def recipe(program: Program, tree: Tree) -> Recipe:
    """Both stages are one image with the extensions that composer.json asks for: they are compiled for its PHP."""
    image = f"php:{tag('php', program.language_version)}-cli-{SUITE}"
    install = program.install_command
    # Composer's own scripts need the program, which comes after its packages.
    fetch = f"{install} --no-scripts --no-autoloader" if install else None
    finish = "composer dump-autoload --no-dev --optimize" if install else None
    lines = tuple(line for line in (finish, program.build_command) if line)
    return Recipe(
        toolchain=image,
        runtime=image,
        prepare=apt("git", "unzip") if install else None,
        borrows=(("composer:2", "/usr/bin/composer"),) if install else (),
        manifests=tuple(file for file in ("composer.json", "composer.lock") if tree.has(file)),
        install=Step((fetch,), (_COMPOSER,)) if fetch else None,
        build=Step(lines) if lines else None,
        building=(("COMPOSER_ALLOW_SUPERUSER", "1"),),
        both=_extensions(tree),
        writable=_WRITTEN.get(program.framework or "", ()),
    )


def _extensions(tree: Tree) -> Step | None:
    required = mapping(tree.json("composer.json").get("require")) if tree.has("composer.json") else {}
    names = sorted(
        name.removeprefix("ext-")
        for name in required
        if re.fullmatch(r"ext-[a-z0-9_]+", name) and name.removeprefix("ext-") not in _BUILT_IN
    )
    if not names:
        return None
    packages = sorted({_NEEDS[name] for name in names if name in _NEEDS})
    compiling = f"docker-php-ext-install {' '.join(names)}"
    needed = apt(*packages) if packages else Step(())
    return Step((*needed.lines, compiling), needed.caches)
