"""Random shapes for `vitruvian.draw.raster`: also far outside, not finite, or empty."""

from __future__ import annotations

import numpy as np

SIDES = (1, 2, 3, 15, 16, 17, 40, 97)
STRANGE = (np.nan, np.inf, -np.inf, 1e300, -1e300, 1e9, -3e9, 1e-300, -1e-300, 5e-324, 0.0, -0.0)


def random_canvas(rng):
    """Return an image of noise with sides from 1 to 97 px."""
    height, width = rng.choice(SIDES, 2)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def random_rgba(rng):
    """Return a colour; a third of them is opaque."""
    red, green, blue, alpha = rng.integers(0, 256, 4).tolist()
    return red, green, blue, int(rng.choice([255, alpha, alpha]))


def random_numbers(rng, shape):
    """Return positions and sizes around an image; some are integers, or strange."""
    numbers = rng.normal(20, 30, shape) * rng.choice([1.0, 1.0, 1.0, 100.0, 1e7])
    rounded = np.where(rng.random(shape) < 0.2, np.rint(numbers), numbers)
    return np.where(rng.random(shape) < 0.03, rng.choice(STRANGE, shape), rounded)


def random_lines(rng):
    """Return up to 11 lines; some are discs, upright or level."""
    lines = random_numbers(rng, (int(rng.integers(0, 12)), 5))
    lines[:, 4] = np.where(rng.random(len(lines)) < 0.9, np.abs(lines[:, 4]) / 10, lines[:, 4])
    for i in range(2):
        is_equal = rng.random(len(lines)) < 0.3
        lines[is_equal, 2 + i] = lines[is_equal, i]
    return lines


def random_box(rng):
    """Return x0, y0, x1, y1 and radius; mostly of positive size."""
    x0, y0, x1, y1, radius = random_numbers(rng, 5).tolist()
    if rng.random() < 0.8:
        x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    return x0, y0, x1, y1, radius


def random_stamp(rng):
    """Return a coverage of up to 39 px a side, and its position."""
    stamp = rng.integers(0, 256, rng.integers(0, 40, 2), dtype=np.uint8)
    stamp[rng.random(stamp.shape) < 0.3] = rng.choice([0, 255])
    xy = rng.choice([*range(-50, 100), -(2**31), 2**31 - 1], 2)
    return stamp, tuple(xy.tolist())


def random_mask(rng, canvas):
    """Return a mask of the size of the image: empty, full, or with patches and strange values."""
    mask = rng.normal(rng.choice([-1.0, 0.55, 2.0]), 0.2, canvas.shape[:2])
    strange = rng.random(mask.shape) < 0.03
    with np.errstate(over="ignore"):
        return np.where(strange, rng.choice(STRANGE, mask.shape), mask).astype(np.float32)


def random_calls(rng):
    """Yield a name of `draw.raster`, a new image and the further arguments, for each function."""
    for name in ("paint_lines", "paint_box", "paint_stamp", "paint_mask"):
        canvas, rgba = random_canvas(rng), random_rgba(rng)
        if name == "paint_lines":
            shape = (random_lines(rng),)
        elif name == "paint_box":
            shape = (random_box(rng),)
        elif name == "paint_stamp":
            shape = random_stamp(rng)
        else:
            shape = (random_mask(rng, canvas),)
        yield name, canvas, (*shape, rgba)


def fuzz(core, n, seed=0):
    """Call each function of the compiled core `n` times; a sanitizer reports what is wrong."""
    rng = np.random.default_rng(seed)
    for _ in range(n):
        for name, canvas, arguments in random_calls(rng):
            getattr(core, name)(canvas, *arguments)
