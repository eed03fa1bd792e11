"""`vitruvian evaluate`: how many people are found in images with truth, and how well."""

import logging
from contextlib import ExitStack
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian.cli import options as opt
from vitruvian.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.evaluation import DataSet, ImageScore
    from vitruvian.runs.stop import Stop

    Settings = Mapping[str, EstimatorOptions]
    Scored = dict[str, list[ImageScore]]
    Writer = Callable[[Path], bytes | None]

__all__ = ["evaluate"]

SUFFIXES = {"sheet": (".png", ".jpg", ".jpeg"), "plot": (".svg", ".png")}

logger = logging.getLogger(__name__)


@opt.engine_options(
    "num_poses",
    "models_dir",
    "backend",
    "device",
    "threads",
    "precision",
    "detection_confidence",
    "presence_confidence",
    "crop",
    before="limit",
)
def evaluate(  # noqa: PLR0913 - the options are the interface
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="Kind of the data set: coco, mpii, lsp, posetrack18, 3dpw, h36m, fit3d, yoga82, "
            "trc, c3d or rendered.",
        ),
    ],
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="File or folder of the annotations; of the kind rendered: yoga, dance or hiit.",
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            metavar="NAME,...",
            help="lite, full or heavy, or the path of a model file; several separated by commas.",
        ),
    ] = "full",
    profile: Annotated[
        str,
        typer.Option(metavar="NAME,...", help="Set of parameters; several separated by commas."),
    ] = "default",
    reach: Annotated[
        str,
        typer.Option(
            metavar="NAME,...",
            help="How far people are found: auto, normal or far; several separated by commas.",
        ),
    ] = "auto",
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of the images.  [default: that of PATH, or one in or beside it]",
        ),
    ] = None,
    video: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The clip, for the kinds trc and c3d.")
    ] = None,
    calibration: Annotated[
        str | None,
        typer.Option(metavar="FILE:NAME", help="Camera of --video, for the kinds trc and c3d."),
    ] = None,
    every: Annotated[int, typer.Option(metavar="N", min=1, help="Use each Nth image only.")] = 1,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Use the first N images only.")
    ] = None,
    track: Annotated[
        bool, typer.Option("--track", help="Track people through each sequence of images.")
    ] = False,
    boxes: Annotated[
        bool, typer.Option("--boxes", help="Look for each person in their annotated box only.")
    ] = False,
    results: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE:NAME",
            help="Also show the poses of a COCO results file; may be repeated.",
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", dir_okay=False, help="Also write the results to this file."
        ),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, help="Also write the table as Markdown."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Also draw the distribution of the errors (.svg, .png).",
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help="Also write a contact sheet (.png, .jpg) of the images with the most missed "
            "people and false poses.",
        ),
    ] = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **engine: Any,
) -> None:
    """Measure people found, false positives and accuracy on images with truth.

    Prints a table with a column for each model, profile and reach, and for each file of results.
    Ctrl-C ends the evaluation and prints the table of the images done.
    """
    from vitruvian.cli.evaluation_columns import named_results
    from vitruvian.cli.evaluation_plot import error_plot
    from vitruvian.cli.evaluation_report import figures, table_markdown, table_text, worst_sheet
    from vitruvian.cli.lines import print_line
    from vitruvian.cli.signals import stop_on_signals
    from vitruvian.evaluation import load_data_set

    if track and boxes:
        raise ValueError("--track and --boxes exclude each other")
    _check_outputs(report=report, markdown=markdown, plot=plot, sheet=sheet)
    settings = _settings(model, profile, reach, {**engine, "is_tracked": track})
    others = named_results(results or ())
    truth = load_data_set(kind, path, images, video=video, calibration=calibration, every=every)
    if truth.missing:
        logger.warning(
            "%d of %d images are not in %r, such as %r: left out",
            *(len(truth.missing), len(truth.missing) + len(truth.images)),
            *(str(truth.folder), truth.missing[0]),
        )
    truth = replace(truth, images=truth.images[:limit])
    with stop_on_signals() as stop:
        scored = _scored(truth, settings, others, stop, uses_boxes=boxes, quiet=quiet)
    n_done = len(next(iter(scored.values())))
    if not n_done:
        raise KeyboardInterrupt if stop.is_requested else SourceError("no image could be read")
    if not quiet:
        print_line(table_text(scored))
    writers: tuple[tuple[Path | None, Writer], ...] = (
        (report, lambda to: figures(path, truth, settings, scored).encode()),
        (markdown, lambda to: table_markdown(scored).encode()),
        (plot, lambda to: error_plot(scored, to.suffix)),
        (sheet, lambda to: worst_sheet(truth, scored, to.suffix)),
    )
    for to, content in writers:
        if to is not None and _is_written(to, content(to)) and not quiet:
            print_line(f"wrote {to}")
    if stop.is_requested:
        raise KeyboardInterrupt(f"interrupted after {n_done} of {len(truth.images)} images")


def _is_written(path: Path, content: bytes | None) -> bool:
    """Write a file, if there is anything to write; return whether there was."""
    from vitruvian.draft import replace_file

    if content is None:
        logger.warning(
            "no sheet written: no missed people and no false poses, and no error of 0.2 torso "
            "lengths or more"
        )
        return False
    replace_file(path, content)
    return True


def _check_outputs(**outputs: Path | None) -> None:
    for name, path in outputs.items():
        suffixes = SUFFIXES.get(name)
        if path is not None and suffixes and path.suffix.lower() not in suffixes:
            raise ValueError(
                f"a {name} must end with {' or '.join(suffixes[:2])}, got {str(path)!r}"
            )
        if path is not None and not path.parent.is_dir():
            raise ValueError(f"can't write {str(path)!r}: there is no folder {str(path.parent)!r}")


def _settings(models: str, profiles: str, reaches: str, engine: "Mapping[str, Any]") -> "Settings":
    """Return the options of each column of the table."""
    from vitruvian.engine.options import EstimatorOptions, TrackerOptions
    from vitruvian.evaluation.identity import require_motmetrics

    engine = dict(engine)
    is_tracked = engine.pop("is_tracked")
    if is_tracked:
        require_motmetrics()
    kind = TrackerOptions if is_tracked else EstimatorOptions
    texts = {"--model": models, "--profile": profiles, "--reach": reaches}
    settings = {}
    for model, profile, reach in product(*(_names(*item) for item in texts.items())):
        opt.CHECKS["model"](model)
        several = [n for n, of in ((profile, profiles), (reach, reaches)) if "," in of]
        label = " ".join([Path(model).name, *several])
        settings[label] = kind(model, profile=profile, reach=reach, **engine)
    return settings


def _names(option: str, text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise ValueError(f"{option} must be names separated by commas, got {text!r}")
    return list(dict.fromkeys(names))


def _scored(
    truth: "DataSet",
    settings: "Settings",
    results: "Mapping[str, Path]",
    stop: "Stop",
    *,
    uses_boxes: bool,
    quiet: bool,
) -> "Scored":
    """Return the images done by each column: the same ones for all."""
    from vitruvian.cli.evaluation_columns import column_of, column_of_results
    from vitruvian.cli.progress import fetch_models, image_progress

    with ExitStack() as opened:
        opened.callback(truth.close)
        columns = {name: column_of_results(path) for name, path in results.items()}
        if both := columns.keys() & settings.keys():
            raise ValueError(f"--results: {min(both)!r} is the name of another column")
        for options in settings.values():
            fetch_models(str(options.model), options.models_dir)
        ours = {
            label: column_of(options, opened, uses_boxes=uses_boxes)
            for label, options in settings.items()
        }
        columns = {**ours, **columns}
        scored: Scored = {label: [] for label in columns}
        told: set[str] = set()  # videos of which a problem was told
        opened.enter_context(stop.deferred())
        advance = opened.enter_context(image_progress(len(truth.images), hidden=quiet))
        for image in truth.images:
            try:
                with stop.interruptible():
                    pixels = truth.pixels(image)
                    scores = [column(image, pixels) for column in columns.values()]
            except SourceError as err:
                if (image.frame is None) or image.name not in told:
                    logger.warning("left out: %s", err)
                told.add(image.name)
            except KeyboardInterrupt:
                break
            else:
                for done, score in zip(scored.values(), scores, strict=True):
                    done.append(score)
            advance()
            if stop.is_requested:
                break
    return scored
