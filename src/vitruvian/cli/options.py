"""Options of several commands: what the engine does, what is drawn, what is printed."""

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "Backend",
    "Box",
    "Crop",
    "DetectionConfidence",
    "Device",
    "ForceDetection",
    "Fps",
    "Landmarks",
    "Limit",
    "Model",
    "ModelsDir",
    "NoSmoothing",
    "NumPoses",
    "Precision",
    "PresenceConfidence",
    "Profile",
    "Quiet",
    "Realtime",
    "Region",
    "Rotation",
    "Score",
    "Segmentation",
    "Skeleton",
    "Smoothing",
    "Stats",
    "Threads",
    "Tint",
    "TrackingConfidence",
    "Verbose",
]


def _named(text: str, metavar: str = "NAME") -> Any:
    return typer.Option(metavar=metavar, help=text)


def _be_verbose(context: typer.Context, wanted: bool) -> None:
    """Do for a command what the program's own option does before it."""
    if wanted:
        context.find_root().params["verbose"] = True
        logging.getLogger("vitruvian").setLevel(logging.INFO)


def _switch(name: str, text: str) -> Any:
    return typer.Option(f"--{name}/--no-{name}", help=text, show_default=False)


Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        metavar="NAME|PATH",
        help="lite, full or heavy; or a .tflite landmark network or a .task bundle.",
    ),
]
ModelsDir = Annotated[
    Path | None,
    typer.Option(
        "--models",
        metavar="DIR",
        help="Folder to look for model files in first, in place of VITRUVIAN_MODELS.",
    ),
]
Profile = Annotated[
    str,
    _named(
        "default; people, for ids that last with one person too; or the numbers of a MediaPipe "
        "build: solutions, graph, tasks."
    ),
]
Backend = Annotated[str, _named("openvino or litert.")]
Device = Annotated[str, _named("CPU; with openvino also GPU, NPU, AUTO.")]
Precision = Annotated[
    str, _named("exact: float32; fast: mostly bf16 where the processor has it, with openvino.")
]
Threads = Annotated[int | None, _named("Processor threads.  [default: all cores]", "N")]
DetectionConfidence = Annotated[float, _named("Least score of a detection.", "0..1")]
PresenceConfidence = Annotated[float, _named("Score a pose must exceed to be reported.", "0..1")]
TrackingConfidence = Annotated[
    float,
    _named(
        "Score a pose must exceed to be followed without a new detection; videos and streams only.",
        "0..1",
    ),
]
NumPoses = Annotated[
    int, typer.Option("--num-poses", "-n", metavar="N", min=1, help="Most people to find.")
]
Smoothing = Annotated[
    float,
    _named(
        "How much landmarks are smoothed over time: 0 is not at all, 1 is steadiest and latest; "
        "videos and streams only.",
        "0..1",
    ),
]
NoSmoothing = Annotated[
    bool, typer.Option("--no-smoothing", help="As --smoothing 0; masks are not smoothed either.")
]
Realtime = Annotated[
    bool,
    typer.Option(
        "--realtime", help="Play videos at their own rate; frames that come too fast are dropped."
    ),
]
Segmentation = Annotated[
    bool, typer.Option("--segmentation", "--mask", help="Find the pixels of each person too.")
]
ForceDetection = Annotated[
    bool,
    typer.Option(
        "--force-detection", help="Run the detector on every frame; videos and streams only."
    ),
]
Crop = Annotated[
    str, _named("letterbox: detect in the whole image; center: in its middle square, finer.")
]
Rotation = Annotated[
    int, _named("Clockwise turn of the picture that makes people stand upright.", "0|90|180|270")
]
Skeleton = Annotated[bool, _switch("skeleton", "Draw lines between landmarks.  [on]")]
Landmarks = Annotated[bool, _switch("landmarks", "Draw a dot on each landmark.  [on]")]
Box = Annotated[bool, _switch("box", "Draw a box around each person.  [off]")]
Region = Annotated[bool, _switch("roi", "Draw where the landmark network looked.  [off]")]
Score = Annotated[bool, _switch("score", "Write each person's id and score.  [off]")]
Fps = Annotated[bool, _switch("fps", "Write the frames per second of the run into videos.  [off]")]
Tint = Annotated[bool, _switch("tint", "Tint each person's pixels, with --segmentation.  [on]")]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="Stop after N frames.")]
Stats = Annotated[bool, typer.Option("--stats", help="Print the time of each stage at the end.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no summary.")]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        callback=_be_verbose,
        help="Say more, and trace an error to its cause.",
    ),
]
