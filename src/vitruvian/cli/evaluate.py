"""`vitruvian evaluate`: how many people are found in images with truth, and how well."""

import logging
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian.cli import options as opt
from vitruvian.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.evaluation import DataSet, ImageScore
    from vitruvian.runs.stop import Stop

    Settings = Mapping[str, EstimatorOptions]
    Scored = dict[str, list[ImageScore]]

__all__ = ["evaluate"]

SHEET_SUFFIXES = (".png", ".jpg", ".jpeg")

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
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Kind of the data set: coco.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="File of the annotations.")],
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
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Use the first N images only.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="FILE", dir_okay=False, help="Also write the results to this file."
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

    Prints a table with a column for each model, profile and reach. Ctrl-C ends the evaluation and
    prints the table of the images done.
    """
    from vitruvian.cli.evaluation_report import figures, table_text, worst_sheet
    from vitruvian.cli.lines import print_line
    from vitruvian.cli.signals import stop_on_signals
    from vitruvian.draft import replace_file
    from vitruvian.evaluation import load_data_set

    _check_outputs(report, sheet)
    settings = _settings(model, profile, reach, engine)
    truth = load_data_set(kind, path, images)
    if truth.missing:
        logger.warning(
            "%d of %d images are not in %r, such as %r: left out",
            *(len(truth.missing), len(truth.missing) + len(truth.images)),
            *(str(truth.folder), truth.missing[0]),
        )
    with stop_on_signals() as stop:
        scored = _scored(truth, settings, limit, stop, quiet=quiet)
    n_done = len(next(iter(scored.values())))
    if not n_done:
        raise KeyboardInterrupt if stop.is_requested else SourceError("no image could be read")
    if not quiet:
        print_line(table_text(scored))
    if report is not None:
        replace_file(report, figures(path, truth, settings, scored).encode())
    if sheet is not None:
        worst = worst_sheet(truth, scored, sheet.suffix)
        if worst is None:
            logger.warning("no sheet written: no missed people and no false poses")
            sheet = None
        else:
            replace_file(sheet, worst)
    for written in (report, sheet):
        if written is not None and not quiet:
            print_line(f"wrote {written}")
    if stop.is_requested:
        n_images = len(truth.images[:limit])
        raise KeyboardInterrupt(f"interrupted after {n_done} of {n_images} images")


def _check_outputs(report: Path | None, sheet: Path | None) -> None:
    if sheet is not None and sheet.suffix.lower() not in SHEET_SUFFIXES:
        raise ValueError(f"a sheet must end with .png or .jpg, got {str(sheet)!r}")
    for path in (report, sheet):
        if path is not None and not path.parent.is_dir():
            raise ValueError(f"can't write {str(path)!r}: there is no folder {str(path.parent)!r}")


def _settings(models: str, profiles: str, reaches: str, engine: "Mapping[str, Any]") -> "Settings":
    """Return the options of each column of the table."""
    from vitruvian.engine.options import EstimatorOptions

    texts = {"--model": models, "--profile": profiles, "--reach": reaches}
    settings = {}
    for model, profile, reach in product(*(_names(*item) for item in texts.items())):
        opt.CHECKS["model"](model)
        several = [n for n, of in ((profile, profiles), (reach, reaches)) if "," in of]
        label = " ".join([Path(model).name, *several])
        settings[label] = EstimatorOptions(model, profile=profile, reach=reach, **engine)
    return settings


def _names(option: str, text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise ValueError(f"{option} must be names separated by commas, got {text!r}")
    return list(dict.fromkeys(names))


def _scored(
    truth: "DataSet", settings: "Settings", limit: int | None, stop: "Stop", *, quiet: bool
) -> "Scored":
    """Return the images done with each setting: the same ones for all."""
    from vitruvian.cli.progress import fetch_models, image_progress
    from vitruvian.engine.estimator import PoseEstimator
    from vitruvian.evaluation import score_image

    scored: Scored = {label: [] for label in settings}
    with ExitStack() as opened:
        for options in settings.values():
            fetch_models(str(options.model), options.models_dir)
        estimators = [
            opened.enter_context(PoseEstimator.from_options(options))
            for options in settings.values()
        ]
        opened.enter_context(stop.deferred())
        advance = opened.enter_context(image_progress(len(truth.images[:limit]), hidden=quiet))
        for image in truth.images[:limit]:
            try:
                with stop.interruptible():
                    pixels = truth.pixels(image)
                    scores = [score_image(image, pixels, one.detect) for one in estimators]
            except SourceError as err:
                logger.warning("left out: %s", err)
            except KeyboardInterrupt:
                break
            else:
                for done, score in zip(scored.values(), scores, strict=True):
                    done.append(score)
            advance()
            if stop.is_requested:
                break
    return scored
