"""`vitruvian demo`: the packaged clip, tracked."""

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
        Path, typer.Option("--output-dir", "-o", metavar="DIR", help="Folder for the results.")
    ] = Path("demo"),
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **engine: Any,
) -> None:
    """Track the clip that comes with the package.

    Writes the clip with the poses drawn, and the landmarks.
    """
    from vitruvian.cli.job import Job, Settings, run_alone

    outputs = (output_dir / "demo.annotated.mp4", output_dir / "demo.jsonl")
    settings = Settings(model=engine.pop("model"), engine=engine)
    with packaged_clip() as clip:
        run_alone(Job(str(clip), clip.name, outputs, (output_dir,)), settings, quiet=quiet)


@contextmanager
def packaged_clip() -> "Iterator[Path]":
    """Give the path of the clip that comes with the package."""
    from importlib.resources import as_file, files

    with as_file(files("vitruvian") / "data" / "demo.mp4") as path:
        yield path
