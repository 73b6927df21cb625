"""What a script of package.json is for (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_BEFORE = re.compile(
    r"^(?:(?:cross-env|env|dotenv(?:\s+-e\s+\S+)*\s+--|dotenvx\s+run(?:\s+\S+)*?\s+--)\s+|[A-Z_][A-Z0-9_]*=\S*\s+"
    r"|(?:npx|pnpm exec|bunx|yarn exec)\s+(?:--\S+\s+)*)+"
)
_WATCHES = re.compile(
    r"^(?:nodemon|ts-node-dev|tsnd|node-dev|tsx\s+watch|node\s+--watch|bun\s+(?:--hot|--watch|run\s+--watch|run\s+--hot)|"
    r"react-scripts\s+start|craco\s+start|ng\s+(?:serve|s)\b|vue-cli-service\s+serve|webpack-dev-server|"
    r"webpack(?:-cli)?\s+serve|parcel(?!\s+build)|live-server|browser-sync|gulp|ember\s+(?:s|serve|server)\b|"
    r"vite(?:\s+(?:dev|serve)\b|\s+-|\s*$)|vitepress\s+dev|vuepress\s+dev|docusaurus\s+start|gatsby\s+(?:develop|dev)|"
    r"next\s+dev|nuxi?t?\s+dev|astro\s+(?:dev|start)|remix\s+(?:dev|vite:dev)|react-router\s+dev|vinxi\s+dev|expo\s+start|"
    r"nest\s+start\s+.*--(?:watch|debug)|hexo\s+s(?:erver)?\b|eleventy\s+.*--serve|rsbuild\s+dev|snowpack\s+dev|"
    r"strapi\s+develop|medusa\s+develop|keystone\s+dev|wrangler\s+dev|turbo\s+(?:run\s+)?dev|concurrently|electron)"
)
_SERVES_FILES = re.compile(
    r"^(?:vite\s+preview|serve\b|http-server|sirv\b|gatsby\s+serve|docusaurus\s+serve|astro\s+preview|"
    r"vitepress\s+(?:preview|serve)|rsbuild\s+preview)"
)
_OTHER_NAMES: Final = ("start:prod", "start:production", "start-prod", "serve:prod", "prod", "production")


def tool_of(script: str) -> str:
    """The script from its tool on: without variables and what only runs another command."""
    last = script.rpartition("&&")[2].strip()
    return _BEFORE.sub("", last)


def watches(script: str) -> bool:
    """Whether it is for developing: it starts again when files change, or serves without building."""
    return _WATCHES.match(tool_of(script)) is not None


def serves_files(script: str) -> bool:
    """Whether it only serves files that were built."""
    return _SERVES_FILES.match(tool_of(script)) is not None


def for_production(scripts: Mapping[str, str]) -> str | None:
    """The name of the script that starts the program as it is to run. Nest's own `nest start` compiles again each
    time, and stands back behind a `start:prod`."""
    start = scripts.get("start")
    if (
        start
        and not watches(start)
        and not serves_files(start)
        and not tool_of(start).startswith("nest start")
    ):
        return "start"
    written = next((name for name in _OTHER_NAMES if name in scripts and not watches(scripts[name])), None)
    if written:
        return written
    return "start" if start and tool_of(start).startswith("nest start") and not watches(start) else None


def file_watched(script: str) -> str | None:
    """The program that nodemon and its like start: `nodemon server.js` is `node server.js` without watching."""
    found = re.fullmatch(
        r"(?:nodemon|node-dev|node\s+--watch)\s+(?:-\S+\s+)*([\w./-]+\.[cm]?js)", tool_of(script)
    )
    return found[1] if found else None
