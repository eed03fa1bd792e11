"""The 3D view in a notebook: one page that needs no server and no network."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from vitruvian.core.pose import Pose, PoseResult
from vitruvian.core.sequence import PersonSequence, PoseSequence
from vitruvian.draw.palette import COLOR_OF_SIDE, PERSON_COLORS
from vitruvian.draw.style import Style
from vitruvian.export import load_results

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["PoseView", "show"]

Space = Literal["world", "image", "mixed"]

SPACES = ("world", "image", "mixed")
PAGE = Path(__file__).with_name("notebook_page")
SCRIPT = PAGE / "notebook.js"
STYLES = (PAGE / "notebook.css", PAGE.with_name("page") / "style" / "scene.css")
HIGHEST = 32000  # of a packed number
NOT_A_NUMBER = -32768

_IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "([\w./]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function|class) (\w+))", re.MULTILINE)
_COMMENT = re.compile(r"/\*\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class PoseView:
    """A page with poses in 3D, which notebooks show.

    Attributes
    ----------
    html : str
        The whole page. It loads nothing from the network.
    height_px : int
        Height in a notebook.
    """

    html: str
    height_px: int = 480

    def __repr__(self) -> str:
        return f"PoseView({len(self.html)} bytes of HTML)"

    def _repr_html_(self) -> str:
        """Return the page in a frame, for notebooks."""
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" sandbox="allow-scripts" '
            f'title="Poses in 3D" style="width: 100%; height: {self.height_px}px; border: 0">'
            "</iframe>"
        )

    def save(self, path: str | PathLike[str]) -> None:
        """Write the page to a file that any browser opens."""
        Path(path).write_text(self.html, encoding="utf-8")


def show(
    poses: PoseSequence
    | PersonSequence
    | Iterable[PoseResult]
    | PoseResult
    | Pose
    | str
    | PathLike[str],
    *,
    space: Space = "world",
    trail: bool = False,
    height_px: int = 480,
) -> PoseView:
    """Return poses in 3D, with a time slider if there are several frames.

    A notebook shows the returned value if it is the last of a cell. It works without a network, and
    after a trusted notebook is opened again.

    Parameters
    ----------
    poses : PoseSequence, PersonSequence, iterable of PoseResult, PoseResult, Pose, str or path
        Sequence, results, one frame, one person, or a file of results.
    space : {"world", "image", "mixed"}
        "world": metres, each person above the origin, or side by side at estimated places. "image":
        image landmarks. "mixed": metres from the camera, for poses with positions in camera space.
    trail : bool
        Whether to draw the paths of hips and wrists in the last 3 seconds.
    height_px : int
        Height of the view.

    Raises
    ------
    ValueError
        If there are no frames, or `space` is unknown.

    Examples
    --------
    >>> view = show("walk.jsonl")  # doctest: +SKIP
    >>> view.save("walk.html")  # doctest: +SKIP
    """
    if space not in SPACES:
        raise ValueError(f"space must be one of {list(SPACES)}, got {space!r}")
    sequence = _sequence_of(poses)
    if not len(sequence):
        raise ValueError("poses must have at least one frame, got none")
    data = _packed(sequence) | {"settings": {"space": space, "trail": bool(trail)}}
    return PoseView(_page(data), height_px)


def _sequence_of(poses: Any) -> PoseSequence:
    if isinstance(poses, PoseSequence):
        return poses
    if isinstance(poses, str | PathLike):
        return PoseSequence.from_results(load_results(fspath(poses)))
    if isinstance(poses, PersonSequence):
        return PoseSequence.from_people([poses])
    if isinstance(poses, Pose):
        finite = np.nan_to_num(poses.landmarks[:, :2], nan=0.0, posinf=0.0, neginf=0.0)
        width, height = np.ceil(np.maximum(finite.max(axis=0), 1)).astype(int).tolist()
        poses = PoseResult(0, 0, width, height, (poses,))
    if isinstance(poses, PoseResult):
        poses = [poses]
    return PoseSequence.from_results(poses)


def _packed(sequence: PoseSequence) -> dict[str, Any]:
    """Return a sequence as JSON: 16 bits a coordinate, 8 bits a visibility."""
    present = sequence.is_present
    ids = [
        [None if np.isnan(number) else int(number) for number in row[mask]]
        for row, mask in zip(sequence.slot_ids, present, strict=True)
    ]
    visibility = np.nan_to_num(sequence.visibility[present]).clip(0, 1) * 255
    width, height = sequence.wh.max(axis=0).clip(1).tolist()
    return {
        "width": width,
        "height": height,
        "times_us": sequence.timestamps_us.tolist(),
        "ids": ids,
        "landmarks": _packed_points(sequence.landmarks[present]),
        "world": _packed_points(sequence.world[present]),
        "camera": None if sequence.camera is None else _packed_points(sequence.camera[present]),
        "visibility": _base64(visibility.round().astype(np.uint8)),
        "style": {
            "person_colors": PERSON_COLORS,
            "side_colors": COLOR_OF_SIDE,
            "min_visibility": Style().min_visibility,
        },
    }


def _packed_points(points: NDArray[np.float32]) -> dict[str, Any]:
    finite = np.isfinite(points)
    scale = float(np.abs(points[finite]).max(initial=1e-6)) / HIGHEST
    numbers = np.where(finite, np.where(finite, points, 0) / scale, NOT_A_NUMBER)
    return {"scale": scale, "int16": _base64(numbers.round().astype("<i2"))}


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")


def _page(data: dict[str, Any]) -> str:
    style = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    packed = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Poses in 3D</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f'<script type="application/json" id="data">{packed}</script>\n'
        f"<script>\n{_script()}</script>\n</body>\n</html>\n"
    )


def _script() -> str:
    """Return the modules of the view as one script: each is a function, after its imports."""
    functions: dict[str, str] = {}

    def add(path: Path) -> None:
        if path.stem in functions:
            return
        code = _COMMENT.sub("", path.read_text(encoding="utf-8"))
        for _, imported in _IMPORT.findall(code):
            add((path.parent / imported).resolve())
        exports = ", ".join(_EXPORT.findall(code))
        code = _IMPORT.sub(lambda m: f"const {{ {m[1]} }} = {Path(m[2]).stem}_js;\n", code)
        code = re.sub(r"\n\s*\n+", "\n", _EXPORT.sub("", code))
        functions[path.stem] = (
            f"const {path.stem}_js = (() => {{{code}return {{ {exports} }};\n}})();\n"
        )

    add(SCRIPT)
    return '"use strict";\n' + "".join(functions.values())
