"""`vitruvian view`: results in the viewer of Rerun."""

from pathlib import Path
from typing import Annotated

import typer

from vitruvian.cli import options as opt

__all__ = ["view"]


def view(
    results: Annotated[
        str,
        typer.Argument(
            metavar="RESULTS",
            help="File of results: .jsonl .json .csv .parquet .npz.",
            show_default=False,
        ),
    ],
    video: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="The video that the results are of.",
            show_default=False,
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.rrd",
            dir_okay=False,
            help="Write a file of Rerun and open no window.",
            show_default=False,
        ),
    ] = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> None:
    """Show results in Rerun: the picture, people in 3D, angles and visibility over time.

    Needs the extra 'vitruvian[rerun]'. Usage data of Rerun is switched off.
    """
    from vitruvian.export import load_results
    from vitruvian.export.rerun_log import save_recording, view_recording

    if save is not None and save.suffix.lower() != ".rrd":
        raise ValueError(f"--save must name a .rrd file, got {str(save)!r}")
    loaded = load_results(results)
    name = Path(results).name
    if save is None:
        view_recording(loaded, video=video, name=name)
        return
    save_recording(loaded, save, video=video, name=name)
    if not quiet:
        typer.echo(f"wrote {save}")
