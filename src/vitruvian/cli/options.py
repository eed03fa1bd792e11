"""Options of several commands: those of the engine, of drawing and of printing."""

import logging
import re
from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from vitruvian.engine.option_fields import OptionField, option_fields
from vitruvian.engine.options import EstimatorOptions, TrackerOptions

__all__ = [
    "Box",
    "Fps",
    "Landmarks",
    "Limit",
    "ModelsDir",
    "NoSmoothing",
    "Quiet",
    "Realtime",
    "Region",
    "Rotation",
    "Score",
    "Skeleton",
    "Stats",
    "Tint",
    "Verbose",
    "engine_options",
]

FIELDS = {field.name: field for field in option_fields(TrackerOptions)}
NAMES = {  # options whose name differs from that of the field
    "model": ("--model", "-m"),
    "models_dir": ("--models",),
    "num_poses": ("--num-poses", "-n"),
    "segmentation": ("--segmentation", "--mask"),
}
METAVARS = {"model": "NAME|PATH", "models_dir": "DIR", "id_memory_s": "S", "follow": "X,Y"}
MODEL_SUFFIXES = (".task", ".tflite")
DEVICES = ("CPU", "GPU", "NPU", "AUTO")


def _named(text: str, metavar: str = "NAME") -> Any:
    return typer.Option(metavar=metavar, help=text)


def _be_verbose(context: typer.Context, wanted: bool) -> None:
    """Accept --verbose after the command as well, with the effect of the program's option."""
    if wanted:
        context.find_root().params["verbose"] = True
        logging.getLogger("vitruvian").setLevel(logging.INFO)


def _existing_model(value: str) -> str:
    if Path(value).suffix in MODEL_SUFFIXES and not Path(value).is_file():
        raise ValueError(f"no model file at {value!r}")
    return value


def _existing_folder(value: str | Path | None) -> str | Path | None:
    if value is not None and not Path(value).is_dir():
        raise ValueError(f"no folder of models at {str(value)!r}")
    return value


def _known_device(value: str) -> str:
    if re.split("[:.]", value)[0] not in DEVICES:
        raise ValueError(f"device must be one of {list(DEVICES)}, got {value!r}")
    return value


def _point(value: str | tuple[float, float] | None) -> tuple[float, float] | None:
    if not isinstance(value, str):
        return value
    try:
        x, y = map(float, value.split(","))
    except ValueError as err:
        raise ValueError(f"follow must be two numbers X,Y, got {value!r}") from err
    return x, y


CHECKS: dict[str, Callable[..., Any]] = {
    "device": _known_device,
    "follow": _point,
    "model": _existing_model,
    "models_dir": _existing_folder,
}


def _switch(name: str, text: str) -> Any:
    return typer.Option(f"--{name}/--no-{name}", help=text, show_default=False)


def _option(field: OptionField) -> Any:
    """Return an option as a command line parameter: its name, range and text."""
    is_fraction = field.range == "from 0 to 1"
    metavar = "0..1" if is_fraction else "N" if field.types == (int,) else "NAME"
    text = field.option.text
    if field.option.choices:
        text += f" One of {', '.join(field.option.choices)}."
    if field not in option_fields(EstimatorOptions):
        text += " Videos and streams only."
    names = NAMES.get(field.name, (f"--{field.name.replace('_', '-')}",))
    return typer.Option(
        *names,
        metavar=None if field.types == (bool,) else METAVARS.get(field.name, metavar),
        callback=CHECKS.get(field.name),
        help=text,
    )


def engine_options(
    *names: str, before: str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the named options of `TrackerOptions`, which it gets as keyword arguments.

    Parameters
    ----------
    before : str
        The parameter of the command that follows them in its help.
    """
    fields = [FIELDS[name] for name in names]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        plain = signature(command)
        own = [p for p in plain.parameters.values() if p.kind is not Parameter.VAR_KEYWORD]
        at = [parameter.name for parameter in own].index(before)
        taken = [
            Parameter(
                field.name,
                Parameter.POSITIONAL_OR_KEYWORD,
                default=field.default,
                annotation=Annotated[_type(field), _option(field)],
            )
            for field in fields
        ]
        command.__signature__ = plain.replace(parameters=[*own[:at], *taken, *own[at:]])  # type: ignore[attr-defined] # functions may have one
        return command

    return decorate


def _type(field: OptionField) -> Any:
    kind = str if field.types == (tuple,) else field.types[0]
    return kind | None if field.is_optional else kind


ModelsDir = Annotated[Path | None, _option(FIELDS["models_dir"])]
NoSmoothing = Annotated[
    bool,
    typer.Option(
        "--no-smoothing", help="As --smoothing 0: neither landmarks nor masks are smoothed."
    ),
]
Realtime = Annotated[
    bool,
    typer.Option("--realtime", help="Play videos at their own frame rate, like a live camera."),
]
Rotation = Annotated[
    int, _named("Clockwise rotation of the image that makes people upright.", "0|90|180|270")
]
Skeleton = Annotated[bool, _switch("skeleton", "Draw lines between landmarks.  [on]")]
Landmarks = Annotated[bool, _switch("landmarks", "Draw a dot on each landmark.  [on]")]
Box = Annotated[bool, _switch("box", "Draw a box around each person.  [off]")]
Region = Annotated[bool, _switch("roi", "Draw the input region of the landmark network.  [off]")]
Score = Annotated[bool, _switch("score", "Draw each person's ID and score.  [off]")]
Fps = Annotated[bool, _switch("fps", "Draw the frames per second of the run.  [off]")]
Hidden = Annotated[
    bool, _switch("hidden", "Draw hidden landmarks and limbs, thin and dashed.  [on]")
]
Tint = Annotated[bool, _switch("tint", "Tint each person's mask, with --segmentation.  [on]")]
Limit = Annotated[int | None, typer.Option(metavar="N", min=1, help="Stop after N frames.")]
Stats = Annotated[bool, typer.Option("--stats", help="Print the time of each stage at the end.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar and no summary.")]
Verbose = Annotated[
    bool,
    typer.Option(
        "--verbose",
        "-v",
        callback=_be_verbose,
        help="Print more, with a traceback for errors.",
    ),
]
