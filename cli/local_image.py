"""`cx local image`: the images of the local cloud, each a folder with a start command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import Debug
from cli.terminal import answer

if TYPE_CHECKING:
    from cygni.local_cloud.images.store import Image, ImageStore

app = typer.Typer(
    name="image",
    help="The images of the local cloud.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Name = Annotated[str, typer.Argument(help="Repository and tag, as in `image` of cygni.yaml: hello:v1.")]
Folder = Annotated[Path, typer.Argument(help="The folder that holds the program. It is copied.")]
Start = Annotated[
    str,
    typer.Option(
        "--start", help="The command that starts it, run in the folder without a shell. It listens on $PORT."
    ),
]


@app.command()
def add(name: Name, folder: Folder, start: Start, as_json: Json = False, debug: Debug = False) -> None:
    """Make an image of a folder, for tasks that are started from now on.

    What .dockerignore names is left out. The same files have the same digest, wherever they are.
    """
    from cygni.builder.context import read_context
    from cygni.local_cloud.images.start import start_command

    image = _store().add(name, read_context(folder), start_command(start))
    if as_json:
        answer(_as_details(image))
    else:
        _tell(f"Image {image.familiar_name}: sha256:{image.digest}")


@app.command("list")
def list_images(as_json: Json = False, debug: Debug = False) -> None:
    """List the images with their digests and start commands."""
    images = _store().list()
    if as_json:
        answer({"images": [_as_details(image) for image in images]})
    elif not images:
        _tell("There are no images: add one with `cx local image add NAME FOLDER --start COMMAND`.")
    for image in [] if as_json else images:
        _tell(f"{image.familiar_name}  sha256:{image.digest[:12]}  {' '.join(image.start)}")


@app.command()
def remove(name: Name, as_json: Json = False, debug: Debug = False) -> None:
    """Remove an image.

    Tasks that run go on; none can be started from it any more.
    """
    from cygni.local_cloud import process
    from cygni.local_cloud.files import DATA_PLANE_FOLDER
    from cygni.local_cloud.task_runner.folder import bundles_in_use
    from cygni.local_cloud.task_runner.runner import TaskRunner

    runner = process.local_cloud_folder() / DATA_PLANE_FOLDER / TaskRunner.name
    image = _store().remove(name, bundles_in_use(runner))
    if as_json:
        answer(_as_details(image))
    else:
        _tell(f"Image {image.familiar_name} is removed.")


def _store() -> ImageStore:
    from cygni.local_cloud import process
    from cygni.local_cloud.images.store import ImageStore

    return ImageStore(process.local_cloud_folder())


def _as_details(image: Image) -> dict[str, Any]:
    return {
        "name": image.familiar_name,
        "digest": f"sha256:{image.digest}",
        "start": list(image.start),
        "added_at": image.added_at,
    }


def _tell(text: str) -> None:
    typer.echo(text, err=True)
