"""Provenance: how results were made, as stored in every file of results."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from vitruvian.core.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Provenance"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How results were made.

    Attributes
    ----------
    version : str
        Version of this package.
    model : str or None
        Name of the model.
    model_sha256, detector_sha256 : str or None
        Digests of its landmark network and its detector.
    profile : str or None
        Profile of the tracker or estimator.
    options : mapping
        The other options, by name, as plain JSON values.
    source : str or None
        Name of the source: of a file or folder without the path to it; of a URL without user
        name, password and query.
    fps : float or None
        Nominal frame rate of the source.
    wh : (int, int) or None
        Size of its first frame, px; None for a folder, whose images may differ.
    camera : mapping or None
        For poses with `Pose.camera`: the camera of the first frame, as plain JSON values: `name`,
        `wh`, `focal_px`, `matrix`, `distortions`, `is_fisheye`; `origin` of the focal length
        ("calibration", "focal", "fov", "metadata", "assumed", "depth"); `is_assumed`; and
        `height_m`, the body height that was given, or None. With several cameras also `rotation`
        and `translation` of the first one.
    run : mapping or None
        For outputs of a run (`vitruvian.runs`): its settings and a mark of its input, as plain JSON
        values, by which a later run decides whether the output is complete.
    """

    version: str = __version__
    model: str | None = None
    model_sha256: str | None = None
    detector_sha256: str | None = None
    profile: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    source: str | None = None
    fps: float | None = None
    wh: tuple[int, int] | None = None
    camera: Mapping[str, Any] | None = None
    run: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))
        for name in ("camera", "run"):
            values = getattr(self, name)
            if values is not None:
                object.__setattr__(self, name, MappingProxyType(dict(values)))
        if self.wh is not None:
            width, height = self.wh
            object.__setattr__(self, "wh", (int(width), int(height)))

    def __reduce__(self) -> tuple[Any, ...]:
        return Provenance.from_dict, (self.to_dict(),)

    __hash__ = None  # type: ignore[assignment]

    def completed_by(self, of_results: Provenance | None) -> Provenance:
        """Return this one; if it names no model, `of_results` with source and run of this one."""
        if self.model is not None or of_results is None:
            return self
        if self.source is None:
            return of_results if self.run is None else replace(of_results, run=self.run)
        return replace(of_results, source=self.source, fps=self.fps, wh=self.wh, run=self.run)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values that JSON keeps exactly."""
        data = {f.name: getattr(self, f.name) for f in fields(self)}
        wh = None if self.wh is None else list(self.wh)
        maps = {
            name: None if data[name] is None else dict(data[name])
            for name in ("options", "camera", "run")
        }
        return data | {"wh": wh} | maps

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Provenance:
        """Return the provenance whose `to_dict` is `data`; unknown keys are ignored."""
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})
