"""`vitruvian convert`: a file of results to other formats, without tracking again."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitruvian.cli import motion
from vitruvian.cli import options as opt

if TYPE_CHECKING:
    from vitruvian.core.provenance import Provenance
    from vitruvian.export.motion import MotionOptions

__all__ = ["convert"]

Results = Annotated[
    str,
    typer.Argument(
        metavar="RESULTS",
        help="File of results: .jsonl .json .csv .parquet .npz.",
        show_default=False,
    ),
]
Outputs = Annotated[
    list[Path],
    typer.Argument(
        metavar="OUTPUT...",
        help="Output files, one or several. The suffix selects the format: any of 'vitruvian "
        "track' but images and videos. '{name}' is replaced by the name of RESULTS, '{folder}' by "
        "its folder; with '{id}', formats of one person write one file for each.",
        show_default=False,
    ),
]


def convert(  # noqa: PLR0913 - the options are the interface
    results: Results,
    outputs: Outputs,
    person: motion.PersonId = None,
    height: motion.BodyHeight = None,
    smooth: motion.Smooth = 6.0,
    up: motion.MotionUp = "body",
    tilt: motion.Tilt = None,
    root: motion.MotionRoot = "auto",
    markers: motion.MarkerNames = "pose2sim",
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> None:
    """Convert results to other formats.

    Writes the same files as 'vitruvian track' with the same options.
    """
    from vitruvian.export import load_provenance, load_results, needs_frames, open_output
    from vitruvian.runs.plan import planned_jobs

    options = motion.motion_options(
        person=person,
        height=height,
        smooth=smooth,
        up=up,
        tilt=tilt,
        root=root,
        markers=markers,
    )
    (job,) = planned_jobs([results], outputs)
    for path in job.outputs:
        if needs_frames(path):
            raise ValueError(f"{str(path)!r} needs the frames: use vitruvian track")
    loaded = load_results(job.input)
    provenance = _converted(load_provenance(job.input), options)
    for folder in job.folders:
        folder.mkdir(parents=True, exist_ok=True)
    with open_output(*job.outputs, provenance=provenance, motion=options) as sink:
        for result in loaded:
            sink.write(result)
    if not quiet:
        for path in job.outputs:
            typer.echo(f"wrote {path}")


def _converted(provenance: "Provenance | None", options: "MotionOptions") -> "Provenance | None":
    """Return the provenance of the outputs: that of the results, with these options."""
    if provenance is None or provenance.run is None:
        return provenance
    return replace(
        provenance, run={**provenance.run, "motion": dict(sorted(asdict(options).items()))}
    )
