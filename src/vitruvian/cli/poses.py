"""`vitruvian poses`: samples of poses, for a pose classifier."""

from pathlib import Path
from typing import Annotated, Any

import typer

from vitruvian.cli import options as opt

__all__ = ["app"]

app = typer.Typer(
    no_args_is_help=True,
    help="Train a pose classifier.",
    rich_markup_mode=None,
)

Folder = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER",
        help="Folder with a folder of images for each class, as up/ and down/.",
        show_default=False,
    ),
]
Model = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL",
        help="Output: one .csv file, or a folder, which gets a CLASS.csv for each class.",
        show_default=False,
    ),
]


@app.callback()
def _common() -> None:
    """Train a pose classifier."""


@app.command("train")
@opt.engine_options(
    "model",
    "models_dir",
    "backend",
    "device",
    "threads",
    "detection_confidence",
    "presence_confidence",
    before="quiet",
)
def train(
    folder: Folder,
    output: Model,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    **engine: Any,
) -> None:
    """Write the poses in a folder of images as samples of a pose classifier.

    Of each image the first person is taken. Prints the samples that are closer to those of another
    class: look at these images.
    """
    from collections import Counter

    from vitruvian.analysis.classes import PoseClassifier
    from vitruvian.cli.lines import print_line
    from vitruvian.cli.progress import fetch_models, image_progress
    from vitruvian.engine.estimator import PoseEstimator
    from vitruvian.engine.options import EstimatorOptions
    from vitruvian.runs.samples import images_of_classes, samples_from_images

    if not output.parent.is_dir():
        raise ValueError(f"can't write {str(output)!r}: there is no folder {str(output.parent)!r}")
    n_images = len(images_of_classes(folder))
    options = EstimatorOptions(**engine)
    fetch_models(str(options.model), options.models_dir)
    with (
        PoseEstimator.from_options(options) as estimator,
        image_progress(n_images, hidden=quiet) as advance,
    ):
        samples = samples_from_images(folder, estimator, on_image=lambda *_: advance())
    samples.save(output)
    if quiet:
        return
    counts = Counter(samples.classes)
    told = ", ".join(f"{label} {counts[label]}" for label in sorted(counts))
    print_line(f"{len(samples)} of {n_images} images: {told}")
    for i in PoseClassifier(samples).outliers():
        print_line(f"closer to another class: {samples.classes[i]}/{samples.names[i]}")
    print_line(f"wrote {output}")
