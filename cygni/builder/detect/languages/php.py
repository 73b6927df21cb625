"""PHP: composer.json, and pages without one."""

from __future__ import annotations

import re
from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import PHP
from cygni.builder.detect.tree import Tree, mapping, word
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "php"
FRAMEWORKS: Final = (
    Framework("laravel", ("laravel/framework",), port=8000),
    Framework("lumen", ("laravel/lumen-framework",), port=8000),
    Framework("symfony", ("symfony/framework-bundle", "symfony/symfony"), port=8000),
    Framework("drupal", ("drupal/core", "drupal/core-recommended"), port=8000),
    Framework("wordpress", ("roots/wordpress", "johnpbloch/wordpress"), port=8000),
    Framework("cakephp", ("cakephp/cakephp",), port=8765),
    Framework("codeigniter", ("codeigniter4/framework", "codeigniter/framework"), port=8080),
    Framework("yii", ("yiisoft/yii2",), port=8080),
    Framework("laminas", ("laminas/laminas-mvc",), port=8080),
    Framework("mezzio", ("mezzio/mezzio",), port=8080),
    Framework("slim", ("slim/slim",), port=8080),
)  # fmt: skip
_FRONT: Final = ("public", "web", "webroot", "html", "www", "htdocs", "")


def look(tree: Tree) -> Draft | None:
    """What PHP says of a folder."""
    composer = tree.has("composer.json")
    page = tree.first("index.php", "public/index.php", "web/index.php", "webroot/index.php")
    if not composer and page is None:
        return None
    draft = Draft()
    draft.say("language", LANGUAGE, f"{'composer.json' if composer else page} is there")
    data = tree.json("composer.json") if composer else {}
    required = mapping(data.get("require"))
    say_pinned(draft, tree, ("php",), ".php-version")
    platform = mapping(mapping(data.get("config")).get("platform"))
    say_version(draft, platform.get("php"), "composer.json (config.platform)")
    say_version(draft, required.get("php"), "composer.json (require)")
    if composer:
        draft.say("package_manager", "composer", "composer.json is there")
        draft.say(
            "install_command", "composer install --no-dev --optimize-autoloader", "composer.json is there"
        )
    listed = told(FRAMEWORKS, {name.lower() for name in required})
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"composer.json requires {name}")
    elif tree.first("wp-config.php", "wp-config-sample.php", "wp-load.php"):
        draft.say("framework", "wordpress", "its own files are there")
    _say_start(draft, tree, page)
    if draft.framework or page:
        draft.say("kind", Kind.SERVER, f"{draft.framework or page} answers requests")
        draft.say("port", listed[0][0].port if listed else None, "its own server listens there by default")
    extensions = sorted(name.removeprefix("ext-") for name in required if name.startswith("ext-"))
    if extensions:
        tree.note(f"composer.json requires the PHP extensions {', '.join(extensions)}")
    return draft


def name_of(tree: Tree) -> str | None:
    name = word(tree.json("composer.json").get("name")) if tree.has("composer.json") else None
    return name.rpartition("/")[2] if name else None


def _say_start(draft: Draft, tree: Tree, page: str | None) -> None:
    if draft.framework == "laravel" and tree.has("artisan"):
        draft.say(
            "start_command", "php artisan serve --host=0.0.0.0 --port=${PORT:-8000}", "artisan is there"
        )
        code = tree.code("bootstrap/app.php", PHP) if tree.has("bootstrap/app.php") else ""
        health = re.search(r"""\bhealth:\s*["'](/[\w/-]+)["']""", code)
        draft.say("health_path", health[1] if health else None, "bootstrap/app.php has it")
        return
    folder = next((one for one in _FRONT if tree.has(f"{one}/index.php" if one else "index.php")), None)
    if folder is None:
        return
    file = f"{folder}/index.php" if folder else "index.php"
    root = f" -t {folder}" if folder else ""
    draft.say("start_command", f"php -S 0.0.0.0:${{PORT:-8000}}{root}", f"{file} is there")
    draft.say("port", 8000, "the start command has it")
