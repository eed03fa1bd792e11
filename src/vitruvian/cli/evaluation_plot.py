"""The plot of `vitruvian evaluate`: how the errors of the landmarks are distributed."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from vitruvian.draw.curves import Axis, Curve, curves_image, curves_svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vitruvian.evaluation import ImageScore

__all__ = ["error_plot"]

LARGEST = 0.5  # torso lengths on the plot
N_POINTS = 101


def error_plot(scored: Mapping[str, Sequence[ImageScore]], suffix: str) -> bytes:
    """Return a file of the cumulative distribution of the errors, a curve for each column.

    The curve at 0.2 is the PCK@0.2 with missed people counted as wrong.
    """
    errors = {
        label: np.concatenate([np.empty(0), *(one.comparison.errors.ravel() for one in done)])
        for label, done in scored.items()
    }
    errors = {label: values[~np.isnan(values)] for label, values in errors.items()}
    limits = np.linspace(0, LARGEST, N_POINTS)
    curves = [
        Curve(label, np.column_stack([limits, _shares(values, limits)]))
        for label, values in errors.items()
    ]
    n = len(next(iter(errors.values())))
    n_images = len(next(iter(scored.values())))
    title = f"share of landmarks below an error ({n} landmarks, {n_images} images)"
    x = Axis(
        "error, torso lengths; missed people: infinite", 0, LARGEST, (0, 0.1, 0.2, 0.3, 0.4, 0.5)
    )
    y = Axis("share", 0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1))
    if suffix.lower() == ".svg":
        return curves_svg(title, x, y, curves).encode()
    data = io.BytesIO()
    Image.fromarray(curves_image(title, x, y, curves)).save(data, format="PNG")
    return data.getvalue()


def _shares(
    errors: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    limits: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    below = np.searchsorted(np.sort(errors), limits, side="left")
    return below / max(len(errors), 1)
