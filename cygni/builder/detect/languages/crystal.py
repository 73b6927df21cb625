"""Crystal: shard.yml."""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.tree import Tree, mapping, word
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "crystal"
FRAMEWORKS: Final = (
    Framework("lucky", ("lucky",), port=5000),
    Framework("amber", ("amber",), port=3000),
    Framework("athena", ("athena",), port=3000),
    Framework("kemal", ("kemal",), port=3000),
    Framework("grip", ("grip",), port=4004),
)


def look(tree: Tree) -> Draft | None:
    """What Crystal says of a folder."""
    if not tree.has("shard.yml"):
        return None
    data = tree.yaml("shard.yml")
    draft = Draft()
    draft.say("language", LANGUAGE, "shard.yml is there")
    say_pinned(draft, tree, ("crystal",), ".crystal-version")
    say_version(draft, data.get("crystal"), "shard.yml")
    draft.say("package_manager", "shards", "shard.yml is there")
    draft.say("install_command", "shards install --production", "shard.yml is there")
    listed = told(FRAMEWORKS, set(mapping(data.get("dependencies"))))
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"shard.yml declares {name}")
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
        draft.say("port", framework.port, f"{framework.slug} listens there by default")
    targets = list(mapping(data.get("targets")))
    own = word(data.get("name"))
    chosen = own if own in targets else targets[0] if len(targets) == 1 else None
    if chosen:
        draft.say(
            "build_command", "shards build --production --release", f"shard.yml has the target {chosen}"
        )
        draft.say("start_command", f"./bin/{chosen}", f"shard.yml has the target {chosen}")
    return draft
