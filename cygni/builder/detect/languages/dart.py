"""Dart: pubspec.yaml; Flutter where it builds for browsers."""

from __future__ import annotations

from typing import Final

from cygni.builder.detect.answer import Draft, Kind
from cygni.builder.detect.listening import say_what_listens
from cygni.builder.detect.rules import Framework, told
from cygni.builder.detect.source import C_LIKE
from cygni.builder.detect.tree import Tree, mapping, texts, word
from cygni.builder.detect.versions import say_pinned, say_version

LANGUAGE: Final = "dart"
FRAMEWORKS: Final = (
    Framework("flutter", ("flutter",), Kind.STATIC, build="flutter build web", output="build/web"),
    Framework("serverpod", ("serverpod",), port=8080),
    Framework("dart-frog", ("dart_frog",), port=8080),
    Framework("shelf", ("shelf",), port=8080),
    Framework("jaspr", ("jaspr",), port=8080),
)


def look(tree: Tree) -> Draft | None:
    """What Dart says of a folder."""
    if not tree.has("pubspec.yaml"):
        return None
    data = tree.yaml("pubspec.yaml")
    draft = Draft()
    draft.say("language", LANGUAGE, "pubspec.yaml is there")
    say_pinned(draft, tree, ("dart",))
    say_version(draft, mapping(data.get("environment")).get("sdk"), "pubspec.yaml (environment)")
    listed = told(FRAMEWORKS, set(mapping(data.get("dependencies"))))
    draft.patterns = tuple(texts(data.get("workspace")))
    if listed and listed[0][0].slug == "flutter":
        draft.say("framework", "flutter", "pubspec.yaml declares flutter")
        draft.say("package_manager", "pub", "pubspec.yaml is there")
        draft.say("install_command", "flutter pub get", "pubspec.yaml declares flutter")
        if tree.has_folder("web"):
            draft.say("kind", Kind.STATIC, "it has a folder web, so that it builds for browsers")
            draft.say("build_command", "flutter build web", "flutter is built so")
            draft.say("output_directory", "build/web", "flutter builds into it")
        return draft
    draft.say("package_manager", "pub", "pubspec.yaml is there")
    draft.say("install_command", "dart pub get", "pubspec.yaml is there")
    if listed:
        framework, name = listed[0]
        draft.say("framework", framework.slug, f"pubspec.yaml declares {name}")
        draft.say("kind", Kind.SERVER, f"{framework.slug} answers requests")
    if draft.framework == "dart-frog":
        draft.say("build_command", "dart_frog build", "dart_frog is built so")
        draft.say("start_command", "dart build/bin/server.dart", "dart_frog builds it")
    else:
        names = ["server", "main", name_of(tree) or ""]
        file = next((f"bin/{name}.dart" for name in names if name and tree.has(f"bin/{name}.dart")), None)
        if file:
            program = file.removesuffix(".dart")
            draft.say("build_command", f"dart compile exe {file} -o {program}", f"{file} is there")
            draft.say("start_command", f"./{program}", f"{file} is there")
            say_what_listens(draft, file, tree.code(file, C_LIKE))
    if listed:
        draft.say("port", listed[0][0].port, f"{listed[0][0].slug} listens there by default")
    return draft


def name_of(tree: Tree) -> str | None:
    return word(tree.yaml("pubspec.yaml").get("name")) if tree.has("pubspec.yaml") else None
