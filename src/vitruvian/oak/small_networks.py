"""The two small networks that a device computes between the large ones, as ONNX graphs."""

from __future__ import annotations

import numpy as np

from vitruvian.engine.detector import DETECTOR_SIDE, anchors
from vitruvian.engine.landmarker import LANDMARKER_SIDE
from vitruvian.models.onnx import OnnxGraph

__all__ = ["best_candidate_graph", "divide_by_255_graph"]


def best_candidate_graph() -> OnnxGraph:
    """Return a network from the outputs of the detector to its best candidate.

    Inputs are the two outputs of the detector, by their names. The output ``result`` (1, 5) is the
    score, 0 to 1, and the x and y of the first two keypoints, which define the region of the
    landmark network: the middle of the hips and the point above. They are fractions of the input of
    the detector.
    """
    table = anchors()
    graph = OnnxGraph("best_candidate")
    boxes = graph.add_input("Identity", (1, len(table), 12), "boxes and keypoints")
    logits = graph.add_input("Identity_1", (1, len(table), 1), "scores, logits")
    column = graph.constant((len(table),), "column", np.int64)
    scores = graph.add("Reshape", [logits, column], "scores")
    best = graph.add("ArgMax", [scores], "best", axis=0, keepdims=1)
    rows = graph.constant((len(table), 12), "rows", np.int64)
    row = graph.add("Gather", [graph.add("Reshape", [boxes, rows], "all"), best], "row", axis=0)
    bounds = [
        graph.constant(values, name, np.int64)
        for name, values in (("first", (4,)), ("end", (8,)), ("axis", (1,)))
    ]
    offsets = graph.add("Slice", [row, *bounds], "offsets")
    scale = graph.constant(1 / DETECTOR_SIDE, "scale")
    pairs = graph.constant(np.tile(table, 2), "anchors")
    anchor = graph.add("Gather", [pairs, best], "anchor", axis=0)
    points = graph.add("Add", [graph.add("Mul", [offsets, scale], "fractions"), anchor], "points")
    highest = graph.add("Gather", [scores, best], "highest", axis=0)
    score = graph.add("Reshape", [highest, graph.constant((1, 1), "one", np.int64)], "logit")
    graph.add("Concat", [graph.add("Sigmoid", [score], "score"), points], "result", axis=1)
    graph.add_output("result", (1, 5))
    return graph


def divide_by_255_graph() -> OnnxGraph:
    """Return a network from pixels to the input of a landmark network without the scaling."""
    graph = OnnxGraph("divide_by_255")
    shape = (1, 3, LANDMARKER_SIDE, LANDMARKER_SIDE)
    image = graph.add_input("image", shape, "image, NCHW, values 0 to 255")
    graph.add("Mul", [image, graph.constant(1 / 255, "scale")], "input_1")
    graph.add_output("input_1", shape)
    return graph
