"""`vitruvian demo`: tracks the clip that comes with the package."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian.cli import options as opt

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["demo", "packaged_clip"]


@opt.engine_options("model", "models_dir", before="quiet")
def demo(
    output_dir: Annotated[
        Path,
        typer.Option(
            "--output-dir", "-o", metavar="DIR", file_okay=False, help="Folder for the results."
        ),
    ] = Path("demo"),
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **engine: Any,
) -> None:
    """Track the clip that comes with the package.

    Writes the clip with the poses drawn, and the landmarks.
    """
    from vitruvian.cli.jobs import run_job
    from vitruvian.engine.options import TrackerOptions
    from vitruvian.runs.job import Job
    from vitruvian.runs.settings import Settings

    outputs = (output_dir / "demo.annotated.mp4", output_dir / "demo.jsonl")
    settings = Settings(options=TrackerOptions(**engine))
    with packaged_clip() as clip:
        run_job(Job(str(clip), clip.name, outputs, (output_dir,)), settings, quiet=quiet)


@contextmanager
def packaged_clip() -> "Iterator[Path]":
    """Give the path of the packaged clip."""
    from importlib.resources import as_file, files

    with as_file(files("vitruvian") / "data" / "demo.mp4") as path:
        yield path
