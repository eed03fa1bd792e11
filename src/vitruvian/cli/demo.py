"""`vitruvian demo`: the packaged clip, tracked."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitruvian.cli import options as opt

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["demo", "packaged_clip"]


def demo(
    output_dir: Annotated[
        Path, typer.Option("--output-dir", "-o", metavar="DIR", help="Folder for the results.")
    ] = Path("demo"),
    model: opt.Model = "full",
    models: opt.ModelsDir = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> None:
    """Track the clip that comes with the package.

    Writes the clip with the poses drawn, and the landmarks.
    """
    from vitruvian.cli.loop import follow, print_run, stop_if_interrupted
    from vitruvian.cli.progress import fetch_models
    from vitruvian.engine.tracker import PoseTracker
    from vitruvian.export import open_sink
    from vitruvian.media import open_source

    fetch_models(model, models)
    output_dir.mkdir(parents=True, exist_ok=True)
    outputs = [output_dir / "demo.annotated.mp4", output_dir / "demo.jsonl"]
    with (
        packaged_clip() as clip,
        open_source(clip) as source,
        PoseTracker(model, models_dir=models) as tracker,
    ):
        sink = open_sink(*outputs, source=source)
        run = follow(source, tracker.update, sink, quiet=quiet)
    if not quiet:
        print_run(run, outputs)
    stop_if_interrupted(run, outputs)


@contextmanager
def packaged_clip() -> "Iterator[Path]":
    """Give the path of the clip that comes with the package."""
    from importlib.resources import as_file, files

    with as_file(files("vitruvian") / "data" / "demo.mp4") as path:
        yield path
