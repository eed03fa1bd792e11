"""Conversion of TFLite files to ONNX, by NumPy alone.

- `graph_from_tflite` converts a file; `OnnxForm` says what the result takes and gives.
- `OnnxGraph` is the result, to be saved; small networks are written with it directly.
"""

from __future__ import annotations

from vitruvian.models.onnx.conversion import OnnxForm
from vitruvian.models.onnx.convert import graph_from_tflite
from vitruvian.models.onnx.graph import OnnxGraph

__all__ = ["OnnxForm", "OnnxGraph", "graph_from_tflite"]
