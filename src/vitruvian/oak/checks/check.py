"""Checks of a real OAK camera: what could not be proven without one, and a report of them."""

from __future__ import annotations

import json
import logging
import platform
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from vitruvian.core.version import __version__
from vitruvian.errors import VitruvianError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "CHECKS",
    "VERDICTS",
    "Check",
    "CheckResult",
    "CheckSetup",
    "Report",
    "chosen_checks",
    "heading",
    "line_of",
    "run_checks",
]

logger = logging.getLogger(__name__)

VERDICTS = ("pass", "fail", "measured", "skipped")
FIRST = "device"  # nothing else can be checked if it fails


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSetup:
    """What the checks are told.

    Attributes
    ----------
    device : str or VirtualOak or None
        As `OakOptions.device`.
    seconds : float
        How long each measurement lasts.
    distance_m : float or None
        True distance of the person from the camera, measured by hand.
    shaves : int
        Processor cores for each network: those of the compiled networks.
    models_dir : str or None
        Folder with the model files.
    say : function
        Shows a person what to do for the next check.
    """

    device: Any = None
    seconds: float = 10.0
    distance_m: float | None = None
    shaves: int = 4
    models_dir: str | None = None
    say: Callable[[str], None] = lambda text: None

    def __post_init__(self) -> None:
        if not self.seconds > 0:
            raise ValueError(f"seconds must be positive, got {self.seconds!r}")
        if self.distance_m is not None and not self.distance_m > 0:
            raise ValueError(f"distance_m must be positive, got {self.distance_m!r}")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What one check found.

    Attributes
    ----------
    verdict : str
        "pass", "fail", "measured" (a value without a limit) or "skipped".
    text : str
        One line for people.
    values : dict
        The measured values, for JSON; the unit is in the name.
    """

    verdict: str
    text: str
    values: dict[str, Any] = field(default_factory=dict)


NO_DEVICE = CheckResult("skipped", "no device")


@dataclass(frozen=True, slots=True)
class Check:
    """A check of a device.

    Attributes
    ----------
    name : str
    title : str
        What it finds out, in one line.
    function : str
        ``module:function`` that takes a `CheckSetup`, and `arguments`, and returns a `CheckResult`.
    arguments : tuple
        Further arguments of the function.
    needs_hands : bool
        Whether a person has to do something. Such a check runs only if it is asked for by name.
    """

    name: str
    title: str
    function: str
    arguments: tuple[Any, ...] = ()
    needs_hands: bool = False

    def run(self, setup: CheckSetup) -> CheckResult:
        """Return the result; an error of the device is one, too."""
        module, _, name = self.function.partition(":")
        function = getattr(import_module(f"vitruvian.oak.checks.{module}"), name)
        try:
            result: CheckResult = function(setup, *self.arguments)
        except VitruvianError as error:
            return CheckResult("fail", " ".join(str(error).split()))
        except Exception as error:  # the other checks go on, and the report has it
            logger.debug("check %s", self.name, exc_info=True)
            return CheckResult("fail", f"{type(error).__name__}: {error}")
        return result


MODELS = ("lite", "full", "heavy")
_CHECKS = (
    Check(FIRST, "the device is found and opens", "device:check_device"),
    Check("calibration", "calibration and field of view", "device:check_calibration"),
    Check("sizes", "frames have the sizes of the tables", "device:check_sizes"),
    Check("focus", "sharpness with the fixed focus of --xyz", "device:check_focus"),
    Check("in-use", "a second program gets an error", "device:check_in_use"),
    *(
        Check(f"arithmetic-{name}", f"{name}: the device against this computer, same crops",
              "networks:check_arithmetic", (name,))
        for name in ("detector", *MODELS)
    ),
    Check("round-trip", "time for a crop and its answer", "networks:check_round_trip"),
    Check("script", "the script of the device runs", "tracking:check_script"),
    Check("laconic", "mode edge without pictures", "tracking:check_laconic"),
    Check("pairing", "results belong to their frames", "tracking:check_pairing"),
    Check("agreement", "landmarks of mode edge against this computer, same frames",
          "tracking:check_agreement"),
    Check("arrival", "regularity of the frames", "tracking:check_arrival"),
    *(
        Check(f"fps-{mode}{f'-{model}' if model else ''}{'-xyz' if xyz else ''}",
              f"frames per second: mode {mode}{f', {model}' if model else ''}"
              f"{', depth' if xyz else ''}",
              "tracking:check_fps", (mode, model or "full", xyz))
        for mode in ("camera", "host", "edge")
        for model in (("",) if mode == "camera" else MODELS)
        for xyz in (False, True)
    ),
    Check("memory", "the largest pipeline fits: edge, heavy, depth, 1792x1008 px",
          "tracking:check_memory"),
    Check("depth", "share of the image with depth", "depth:check_coverage"),
    Check("depth-sign", "x grows to the right and y downwards", "depth:check_sign"),
    Check("depth-scale", "distance of the person, against --distance", "depth:check_scale"),
    Check("depth-modes", "host and edge measure the same distance", "depth:check_modes"),
    Check("huge-roi", "a person close to the lens does not stop the device",
          "tracking:check_huge_roi", needs_hands=True),
    Check("unplug", "the device is opened again after it was unplugged",
          "device:check_unplug", needs_hands=True),
)  # fmt: skip

CHECKS = {check.name: check for check in _CHECKS}
"""Every check by its name, in the order in which they run."""


@dataclass(frozen=True, slots=True)
class Report:
    """The results of the checks, in the order in which they ran.

    Attributes
    ----------
    results : dict of str to CheckResult
    is_complete : bool
        Whether all checks ran that were asked for.
    """

    results: dict[str, CheckResult] = field(default_factory=dict)
    is_complete: bool = True

    @property
    def has_failed(self) -> bool:
        """Whether a check failed."""
        return any(map(_has_failed, self.results.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {
            "software": software(),
            "is_complete": self.is_complete,
            "checks": [
                {"name": name, "title": CHECKS[name].title, **asdict(result)}
                for name, result in self.results.items()
            ],
        }

    def to_json(self) -> str:
        """Return the report as JSON."""
        return json.dumps(self.to_dict(), indent=1) + "\n"

    @property
    def summary(self) -> str:
        """The last line of the text: how many checks have each verdict."""
        if NO_DEVICE in self.results.values():
            n = len(self.results) - 1
            return f"{n} check{'s' if n > 1 else ''} skipped"
        counts = ", ".join(
            f"{n} {verdict}"
            for verdict in VERDICTS
            if (n := sum(result.verdict == verdict for result in self.results.values()))
        )
        return counts if self.is_complete else f"{counts}; stopped before the end"

    def __str__(self) -> str:
        lines = [
            line_of(name, result) for name, result in self.results.items() if result != NO_DEVICE
        ]
        return "\n".join([heading(), "", *lines, "", self.summary]) + "\n"


def heading() -> str:
    """Return the first lines of the text of a report: the versions."""
    return "\n".join(f"{name}: {value}" for name, value in software().items())


def line_of(name: str, result: CheckResult) -> str:
    """Return the line of a check in the text of a report."""
    return f"{result.verdict:<8}  {name:<20}  {result.text}"


def software() -> dict[str, str]:
    """Return the versions that a report states."""
    try:
        depthai = version("depthai")
    except PackageNotFoundError:
        depthai = "not installed"
    return {
        "vitruvian": __version__,
        "depthai": depthai,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
    }


def chosen_checks(only: Sequence[str]) -> list[Check]:
    """Return the checks to run: those named, or all.

    Raises
    ------
    ValueError
        If there is no check of a name.
    """
    unknown = [name for name in only if name not in CHECKS]
    if unknown:
        raise ValueError(f"only must be one of {list(CHECKS)}, got {unknown[0]!r}")
    return [check for name, check in CHECKS.items() if not only or name in only]


def run_checks(
    setup: CheckSetup,
    only: Sequence[str] = (),
    *,
    on_start: Callable[[Check], None] = lambda check: None,
    on_result: Callable[[Check, CheckResult], None] = lambda check, result: None,
) -> Report:
    """Run the checks one after the other.

    Parameters
    ----------
    setup : CheckSetup
    only : sequence of str
        Names of the checks; all by default.
    on_start, on_result : function
        Called before and after each check; not for those that are skipped without a device.

    Returns
    -------
    Report
        It has the results so far, and is not complete, if Ctrl-C stopped the checks.

    Raises
    ------
    ValueError
        If there is no check of a name.
    """
    results: dict[str, CheckResult] = {}
    for check in chosen_checks(only):
        if _has_failed(results.get(FIRST)):
            results[check.name] = NO_DEVICE
            continue
        try:
            on_start(check)
            result = _result(check, setup, is_named=bool(only))
        except KeyboardInterrupt:
            return Report(results, is_complete=False)
        results[check.name] = result
        on_result(check, result)
    return Report(results)


def _has_failed(result: CheckResult | None) -> bool:
    return result is not None and result.verdict == "fail"


def _result(check: Check, setup: CheckSetup, *, is_named: bool) -> CheckResult:
    if check.needs_hands and not is_named:
        return CheckResult("skipped", f"needs your hands: run it with --only {check.name}")
    return check.run(setup)
