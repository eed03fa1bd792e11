"""Diagrams of curves, as SVG and as pixels."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np

from vitruvian.draw.curves import CURVE_COLORS, Axis, Curve, curves_image, curves_svg

X = Axis("error", 0, 1, (0, 0.5, 1))
Y = Axis("share", 0, 1, (0, 1))
CURVES = [
    Curve("lite & full", np.array([[0, 0], [0.5, 0.5], [1, 1]], float)),
    Curve("heavy", np.array([[0, 0], [1, 1]], float)),
]


def test_both_forms_show_every_curve_in_its_color() -> None:
    root = ET.fromstring(curves_svg("a < b", X, Y, CURVES))
    colors = [line.get("stroke") for line in root.iter() if line.tag.endswith("polyline")]
    texts = [text.text for text in root.iter() if text.tag.endswith("text")]
    pixels = curves_image("a < b", X, Y, CURVES)
    for color in CURVE_COLORS[:2]:
        assert colors.count(f"rgb{color}") == 2  # the curve and its legend
        assert (pixels == np.uint8(color)).all(axis=2).sum() > 100
    assert {"a < b", "lite & full", "heavy", "error", "0.5"} <= {*texts}


def test_values_outside_the_axes_stay_on_the_border() -> None:
    outside = Curve("x", np.array([[-1, -1], [2, 2]], float))
    inside = Curve("x", np.array([[0, 0], [1, 1]], float))
    assert curves_svg("", X, Y, [outside]) == curves_svg("", X, Y, [inside])
