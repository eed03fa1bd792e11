"""`vitruvian models`: the published model files on this machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitruvian.cli.options import ModelsDir

if TYPE_CHECKING:
    from vitruvian.models.files import ModelFile
    from vitruvian.models.onnx.graph import Shape

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="List, fetch, verify, find and export the model files.",
    rich_markup_mode=None,
)

Names = Annotated[
    list[str] | None,
    typer.Argument(help="detector, lite, full, heavy; all of them by default.", metavar="NAME"),
]


@app.command("list")
def list_models(models: ModelsDir = None) -> None:
    """List the model files, their licences and their paths."""
    from vitruvian.models.catalog import CATALOG
    from vitruvian.models.store import local_path

    for name, weights in CATALOG.items():
        where = local_path(name, folder=models) or f"{weights.file}, not fetched"
        typer.echo(f"{name:<8} {weights.size / 1e6:5.1f} MB  {weights.license}  {where}")


@app.command("fetch")
def fetch_models(names: Names = None, models: ModelsDir = None) -> None:
    """Download the model files that are not on this machine.

    They are verified and kept in the user's cache. A landmark network is downloaded together with
    the detector that it needs.
    """
    from vitruvian.cli.progress import fetch_progress
    from vitruvian.models.catalog import CATALOG, DETECTOR
    from vitruvian.models.store import find_files

    wanted = list(dict.fromkeys([DETECTOR, *names])) if names else list(CATALOG)
    with fetch_progress() as progress:
        files = find_files(wanted, folder=models, progress=progress)
    for name, file in zip(wanted, files, strict=True):
        typer.echo(f"{name}: {file.path}")


@app.command("verify")
def verify_models(names: Names = None, models: ModelsDir = None) -> None:
    """Compare the SHA-256 of the model files with the published ones.

    The exit code is 1 if a file is missing or damaged.
    """
    from vitruvian.errors import ModelIntegrityError
    from vitruvian.models.catalog import CATALOG
    from vitruvian.models.store import local_path, verified_file

    n_wrong = 0
    for name in names or CATALOG:
        path = local_path(name, folder=models)
        try:
            state = "absent" if path is None else f"ok {verified_file(CATALOG[name], path).sha256}"
        except ModelIntegrityError as err:
            state = f"damaged: {err}"
        n_wrong += not state.startswith("ok")
        typer.echo(f"{name}: {state}")
    if n_wrong:
        raise typer.Exit(1)


@app.command("path")
def print_path(
    name: Annotated[
        str | None, typer.Argument(help="detector, lite, full or heavy; the folder by default.")
    ] = None,
    models: ModelsDir = None,
) -> None:
    """Print the path of a model file, or of the folder of all files."""
    from vitruvian.errors import ModelNotFoundError
    from vitruvian.models.store import cache_folder, local_path

    path = cache_folder() if name is None else local_path(name, folder=models)
    if path is None:
        raise ModelNotFoundError(
            f"model {name!r} is not on this machine: vitruvian models fetch {name}"
        )
    typer.echo(path)


@app.command("export")
def export_model(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="detector, lite, full, heavy, or the path of a .tflite file.",
            show_default=False,
        ),
    ],
    onnx: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="File to write; an existing file is replaced.", show_default=False
        ),
    ],
    models: ModelsDir = None,
) -> None:
    """Convert a model file to ONNX, for any number of images at once.

    The input is NCHW, RGB. Pixel values 0 and 255 are 0 and 1 for a landmark network, -1 and 1 for
    the detector. The outputs are those of the TFLite file, float32.
    """
    from vitruvian.models.onnx import graph_from_tflite

    graph = graph_from_tflite(_tflite_called(name, models).path)
    n_bytes = graph.save(onnx)
    typer.echo(f"{onnx}: {n_bytes / 1e6:.1f} MB")
    for kind, values in (("input", graph.inputs), ("output", graph.outputs)):
        for value, shape in values:
            typer.echo(f"{kind:<6} {value:<10} {_shape_text(shape)}")


def _tflite_called(name: str, folder: Path | None) -> "ModelFile":
    """Return a published file, fetched if it is not on this machine, or one of the user."""
    from vitruvian.cli.progress import fetch_progress
    from vitruvian.errors import ModelNotFoundError
    from vitruvian.models.catalog import CATALOG
    from vitruvian.models.files import tflite_file
    from vitruvian.models.store import find_file

    path = Path(name)
    if path.suffix != ".tflite":
        if name not in CATALOG:
            raise ValueError(
                f"model must be one of {list(CATALOG)} or the path of a .tflite file, got {name!r}"
            )
        with fetch_progress() as progress:
            return find_file(name, folder=folder, progress=progress)
    if not path.is_file():
        raise ModelNotFoundError(f"no model file at {name!r}")
    return tflite_file(path)


def _shape_text(shape: "Shape") -> str:
    return " x ".join("batch" if side is None else str(side) for side in shape)
