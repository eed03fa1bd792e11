"""`vitruvian track`: people in an image, a video, a stream or a camera, to files."""

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vitruvian.cli import options as opt

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.core.pose import PoseResult
    from vitruvian.media.source import Source

__all__ = ["track"]

Input = Annotated[
    str,
    typer.Argument(
        metavar="INPUT",
        help="Image, folder of images, 'pattern*.jpg', video file, stream URL or camera number.",
        show_default=False,
    ),
]
Outputs = Annotated[
    list[Path] | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where to write, as often as wanted. The suffix says what: landmarks as .jsonl .json "
        ".csv .parquet .npz; the poses drawn as .mp4 .mov .mkv, as .png .jpg for one image, as "
        "'{frame:06d}.png' for many.  [default: NAME.jsonl and NAME.annotated.mp4, or .png for an "
        "image, or a folder for many]",
        show_default=False,
    ),
]


def track(  # noqa: PLR0913 - the options are the interface
    input_: Input,
    output: Outputs = None,
    model: opt.Model = "full",
    models: opt.ModelsDir = None,
    profile: opt.Profile = "default",
    backend: opt.Backend = "openvino",
    device: opt.Device = "CPU",
    threads: opt.Threads = None,
    detection_confidence: opt.DetectionConfidence = 0.5,
    presence_confidence: opt.PresenceConfidence = 0.5,
    tracking_confidence: opt.TrackingConfidence = 0.5,
    smoothing: opt.Smoothing = True,
    segmentation: opt.Segmentation = False,
    force_detection: opt.ForceDetection = False,
    crop: opt.Crop = "letterbox",
    rotation: opt.Rotation = 0,
    skeleton: opt.Skeleton = True,
    landmarks: opt.Landmarks = True,
    box: opt.Box = False,
    roi: opt.Region = False,
    score: opt.Score = False,
    fps: opt.Fps = False,
    tint: opt.Tint = True,
    limit: opt.Limit = None,
    stats: opt.Stats = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
) -> None:
    """Find people in images, videos, streams and cameras.

    Writes 33 landmarks for each frame, and the frames with the poses drawn. Images are looked at
    one by one; in a video, a stream or a camera people are followed.
    """
    from vitruvian.cli.loop import follow, print_run, print_stages, stages_of, stop_if_interrupted
    from vitruvian.cli.progress import fetch_models
    from vitruvian.draw.style import Style
    from vitruvian.engine.estimator import PoseEstimator
    from vitruvian.engine.tracker import PoseTracker
    from vitruvian.export import open_sink
    from vitruvian.media import open_source
    from vitruvian.media.image import ImageFile, ImageFolder

    if rotation not in (0, 90, 180, 270):
        raise ValueError(f"rotation must be 0, 90, 180 or 270, got {rotation!r}")
    style = Style(
        skeleton=skeleton,
        landmarks=landmarks,
        box=box,
        roi=roi,
        score=score,
        fps=fps,
        mask=tint,
    )
    shared: dict[str, Any] = {
        "profile": profile,
        "backend": backend,
        "device": device,
        "threads": threads,
        "detection_confidence": detection_confidence,
        "presence_confidence": presence_confidence,
        "segmentation": segmentation,
        "crop": crop,
        "models_dir": models,
    }
    with open_source(input_) as source:
        fetch_models(model, models)
        engine: PoseEstimator | PoseTracker
        if isinstance(source, ImageFile | ImageFolder):
            engine = PoseEstimator(model, **shared)
            find: Callable[..., PoseResult] = engine.detect
        else:
            engine = PoseTracker(
                model,
                tracking_confidence=tracking_confidence,
                smoothing=smoothing,
                smooth_segmentation=smoothing,
                force_detection=force_detection,
                **shared,
            )
            find = engine.update
        with engine:
            outputs = _checked(output, source) if output else _default_outputs(source)
            sink = open_sink(*outputs, source=source, style=style)
            run = follow(
                source, partial(find, rotation_deg=rotation), sink, limit=limit, quiet=quiet
            )
    if not quiet:
        print_run(run, outputs)
    if stats:
        print_stages(stages_of(run, engine.stats))
    stop_if_interrupted(run, outputs)


def _default_outputs(source: "Source") -> list[Path]:
    """Return where results go when nobody says, in the current folder, named after the input."""
    from vitruvian.media.image import ImageFile, ImageFolder

    name = re.sub(r"[^\w.-]+", "-", Path(source.name).stem).strip("-.") or "result"
    drawn = Path(f"{name}.annotated.mp4")
    if isinstance(source, ImageFile):
        drawn = drawn.with_suffix(".png")
    elif isinstance(source, ImageFolder):
        folder = drawn.with_suffix("")
        folder.mkdir(exist_ok=True)
        drawn = folder / "{frame:06d}.jpg"
    return [drawn, Path(f"{name}.jsonl")]


def _checked(outputs: list[Path], source: "Source") -> list[Path]:
    """Return the outputs; ValueError if one would replace the input."""
    for path in outputs:
        if source.path is not None and path.resolve() == source.path.resolve():
            raise ValueError(f"the output must not be the input itself, got {str(path)!r}")
    return outputs
