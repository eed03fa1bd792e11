"""Options of OAK cameras: what runs on the device, and the settings of its sensor."""

import logging
from collections.abc import Callable
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.oak.options import OakOptions

__all__ = ["oak_options", "taken_options"]


def _option(name: str, metavar: str | None, text: str) -> Any:
    return typer.Option(name, metavar=metavar, help=text, show_default=False)


def _path(name: str, text: str) -> Any:
    return Annotated[Path | None, _option(name, "BLOB", text)]


# Parameter of the command: its annotation, its default, the field of `OakOptions`.
OPTIONS: dict[str, tuple[Any, Any, str]] = {
    "oak_mode": (
        Annotated[
            str | None,
            _option(
                "--oak-mode",
                "camera|host|edge",
                "What runs on the OAK camera. camera: nothing, it gives the frames. host: the "
                "networks, also for files and images. edge: networks and tracking of one person.  "
                "[default: camera]",
            ),
        ],
        None,
        "mode",
    ),
    "oak_device": (
        Annotated[
            str | None,
            _option(
                "--oak-device",
                "NAME|IP|ID",
                "Which camera, if there are several: see 'vitruvian oak devices'; 'virtual' for "
                "one without hardware.  [default: the first that is free]",
            ),
        ],
        None,
        "device",
    ),
    "xyz": (
        Annotated[
            bool,
            _option(
                "--xyz",
                None,
                "Measure depth, for positions in m from the camera; needs stereo cameras.",
            ),
        ],
        False,
        "xyz",
    ),
    "oak_fps": (
        Annotated[
            float | None,
            _option(
                "--oak-fps",
                "N",
                "Frames per second of the sensor.  [default: what mode and model reach]",
            ),
        ],
        None,
        "fps",
    ),
    "oak_height": (
        Annotated[
            int | None,
            _option(
                "--oak-height",
                "PX",
                "Height of the frames; the nearest possible one is used.  [default: 640]",
            ),
        ],
        None,
        "frame_height",
    ),
    "oak_resolution": (
        Annotated[
            str | None,
            _option(
                "--oak-resolution",
                "full|ultra",
                "Resolution of the sensor: full is 1920x1080, ultra 3840x2160; with ultra, frames "
                "have twice the height.  [default: full]",
            ),
        ],
        None,
        "resolution",
    ),
    "laconic": (
        Annotated[
            bool,
            _option("--laconic", None, "With --oak-mode edge: send no pictures; frames are black."),
        ],
        False,
        "laconic",
    ),
    "trace": (
        Annotated[
            bool,
            _option("--trace", None, "With --oak-mode edge: print each step of the script."),
        ],
        False,
        "trace",
    ),
    "shaves": (
        Annotated[
            int | None,
            _option(
                "--shaves",
                "1..16",
                "Processor cores of the device for each network: those that it was compiled for.  "
                "[default: 4]",
            ),
        ],
        None,
        "shaves",
    ),
    "detector_blob": (
        _path("--detector-blob", "Compiled detector to use on the device."),
        None,
        "detector_blob",
    ),
    "landmark_blob": (
        _path("--landmark-blob", "Compiled landmark network to use on the device."),
        None,
        "landmark_blob",
    ),
    "candidate_blob": (
        _path("--candidate-blob", "With --oak-mode edge: compiled network that chooses a person."),
        None,
        "candidate_blob",
    ),
}
ON_DEVICE = ("shaves", "detector_blob", "landmark_blob")  # modes that use networks of the device
IN_SCRIPT = ("laconic", "trace", "candidate_blob")  # only mode "edge" has a script
FOR_FILES = ("oak_mode", "oak_device", *ON_DEVICE)


def taken_options(*, before: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of OAK cameras, which it gets as keyword arguments.

    Parameters
    ----------
    before : str
        The parameter of the command that follows them in its help.
    """

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        plain = signature(command)
        own = list(plain.parameters.values())
        at = [parameter.name for parameter in own].index(before)
        taken = [
            Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default, annotation=kind)
            for name, (kind, default, _) in OPTIONS.items()
        ]
        command.__signature__ = plain.replace(parameters=[*own[:at], *taken, *own[at:]])  # type: ignore[attr-defined] # functions may have one
        return command

    return decorate


def oak_options(
    values: dict[str, Any], inputs: "Sequence[str]", *, rotation_deg: int = 0
) -> "OakOptions | None":
    """Take the options of OAK cameras from the values of a command; None if no job needs them.

    Parameters
    ----------
    values : dict
        By parameter. Those of OAK cameras are removed.
    inputs : sequence of str
    rotation_deg : int
        By which frames are rotated before they are tracked.

    Raises
    ------
    ValueError
        If an option is out of range, or has no effect on these inputs.
    """
    from vitruvian.runs.oak import oak_address

    taken = {name: values.pop(name) for name in OPTIONS}
    given = {name: value for name, value in taken.items() if value != OPTIONS[name][1]}
    cameras = [address for address in map(oak_address, inputs) if address is not None]
    if not (given or cameras):
        return None
    mode = given.get("oak_mode", "camera")
    if given and len(cameras) < len(inputs):
        usable = FOR_FILES if mode == "host" else ()
        for name in given:
            if name not in usable:
                has_use = name in FOR_FILES and mode != "host"
                advice = ", or --oak-mode host" if has_use else ""
                raise ValueError(f"{_shown(name)} needs an OAK camera: give the input oak{advice}")
    named = [address.name for address in cameras if address.which or address.driver != "oak"]
    if named and "oak_device" in given:
        raise ValueError(f"--oak-device must not be given together with the input {named[0]!r}")
    if mode != "camera":
        for name, default in (("backend", "openvino"), ("device", "CPU"), ("precision", "exact")):
            if values[name] != default:
                raise ValueError(f"--{name} has no effect with --oak-mode {mode}: leave it out")
    is_cropped = bool(cameras) and values["crop"] == "center"
    if is_cropped and len(cameras) == len(inputs):
        values["crop"] = "letterbox"  # of the square that the camera sends
    _check_mode(given, mode)
    _check_tracking({**values, "rotation": rotation_deg}, mode)
    return _in_range({OPTIONS[name][2]: v for name, v in given.items()} | {"crop": is_cropped})


def _check_mode(given: dict[str, Any], mode: str) -> None:
    """Refuse options that have no effect with a mode; ValueError."""
    for name in given:
        if name in IN_SCRIPT and mode in ("camera", "host"):
            raise ValueError(f"{_shown(name)} needs --oak-mode edge, got {mode}")
        if name in ON_DEVICE and mode == "camera":
            raise ValueError(f"{_shown(name)} needs --oak-mode host or edge, got {mode}")


def _check_tracking(values: dict[str, Any], mode: str) -> None:
    """Refuse options of tracking that a mode can't do; ValueError."""
    if mode != "edge":
        return
    from vitruvian.oak.edge import EDGE_CHOICES

    for name, allowed in {**EDGE_CHOICES, "rotation": (0,)}.items():
        value = values[name]
        if value not in allowed:
            text = ",".join(map(str, value)) if isinstance(value, tuple) else value
            typed = _shown(name) if value is True else f"{_shown(name)} {text}"
            raise ValueError(f"{typed} needs --oak-mode camera or host, got edge")


def _in_range(fields: dict[str, Any]) -> "OakOptions":
    """Return the options; the message of a ValueError has their names on the command line."""
    from vitruvian.oak.options import OakOptions
    from vitruvian.oak.runtime import TRACE

    try:
        options = OakOptions(**fields)
    except ValueError as error:  # its message begins with the name of a field
        field, _, problem = str(error).partition(" ")
        option = next(name for name, (_, _, own) in OPTIONS.items() if own == field)
        raise ValueError(f"{_shown(option)} {problem}") from error
    if options.trace:
        logging.getLogger(TRACE).setLevel(logging.INFO)
    return options


def _shown(name: str) -> str:
    """Return an option as it is typed."""
    return f"--{name.replace('_', '-')}"
