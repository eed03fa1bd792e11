"""The operators of TFLite in terms of ONNX, one function each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.models.onnx.tflite import NO_TENSOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.models.onnx.conversion import Conversion
    from vitruvian.models.onnx.tflite import Operator

__all__ = ["add_operator"]

SAME = 0  # TFLite, enum Padding
NONE, RELU6 = 0, 3  # TFLite, enum ActivationFunctionType
NHWC = (0, 2, 3, 1)  # the axes of an NCHW image in NHWC order
DOUBLE = (0.25, 0.75, 0.75, 0.25)  # bilinear enlargement to twice the size, half-pixel centres


def add_operator(conversion: Conversion, op: Operator) -> None:
    """Add the nodes of an operator to the graph.

    Raises
    ------
    ValueError
        If it has options that BlazePose does not use.
    """
    if op.kind not in CONVERTERS:
        raise ValueError(f"operator {op.kind} of computed values is not supported")
    CONVERTERS[op.kind](conversion, op)


def _activated(
    c: Conversion, op: Operator, kind: str, inputs: list[str], **attributes: Any
) -> None:
    """Add a node, and the activation that is fused with it in TFLite."""
    name, activation = c.name(op.outputs[0]), op.options["activation"]
    if activation == NONE:
        c.graph.add(kind, inputs, name, **attributes)
        return
    before = c.graph.add(kind, inputs, f"{name}_linear", **attributes)
    if activation != RELU6:
        raise ValueError(f"activation {activation} of {op.kind} is not supported")
    # Bounds must be scalars: the model optimizer of OpenVINO 2021.4 reads arrays of one element as
    # 0 without a warning.
    bounds = [c.graph.constant(0.0, "zero"), c.graph.constant(6.0, "six")]
    c.graph.add("Clip", [before, *bounds], name)


def _add(c: Conversion, op: Operator) -> None:
    if len({c.shape(i) for i in op.inputs}) > 1:
        raise ValueError("ADD of different shapes is not supported")
    _activated(c, op, "Add", [c.name(i) for i in op.inputs])


def _concatenation(c: Conversion, op: Operator) -> None:
    if len(c.shape(op.outputs[0])) == 4:
        raise ValueError("CONCATENATION of images is not supported")
    _activated(c, op, "Concat", [c.name(i) for i in op.inputs], axis=op.options["axis"])


def _convolution(c: Conversion, op: Operator) -> None:
    weights = c.constant(op.inputs[1])  # output channel, row, column, input channel
    source, pads = c.unpadded(op.inputs[0])
    n_channels = c.shape(source)[3]
    if op.kind == "DEPTHWISE_CONV_2D":  # 1, row, column, output channel
        weights = weights.transpose(3, 0, 1, 2)
    else:
        weights = weights.transpose(0, 3, 1, 2)
        if c.is_bgr(source):
            weights = weights[:, ::-1]
    name = c.name(op.outputs[0])
    inputs = [c.name(source), c.graph.constant(weights, f"{name}_weights")]
    if op.inputs[2:] and op.inputs[2] != NO_TENSOR:
        inputs.append(c.graph.constant(c.constant(op.inputs[2]), f"{name}_bias"))
    kernel = weights.shape[2:]
    if (op.options["dilation_h"], op.options["dilation_w"]) != (1, 1):
        raise ValueError(f"{op.kind} with dilation is not supported")
    own = _pads(c, op, kernel)
    _activated(
        c,
        op,
        "Conv",
        inputs,
        kernel_shape=kernel,
        strides=_strides(op),
        pads=[a + b for a, b in zip(pads, own, strict=True)],
        group=n_channels // weights.shape[1],
    )


def _depth_to_space(c: Conversion, op: Operator) -> None:
    size = op.options["block_size"]
    name = c.name(op.outputs[0])
    c.graph.add("DepthToSpace", [c.name(op.inputs[0])], name, blocksize=size, mode="DCR")


def _logistic(c: Conversion, op: Operator) -> None:
    c.graph.add("Sigmoid", [c.name(op.inputs[0])], c.name(op.outputs[0]))


def _max_pool(c: Conversion, op: Operator) -> None:
    kernel = op.options["filter_h"], op.options["filter_w"]
    pads = _pads(c, op, kernel)
    source = [c.name(op.inputs[0])]
    _activated(c, op, "MaxPool", source, kernel_shape=kernel, strides=_strides(op), pads=pads)


def _pad(c: Conversion, op: Operator) -> None:
    pads = c.constant(op.inputs[1])  # a row for each axis: before, after
    if len(pads) != 4:
        raise ValueError(f"PAD must be of an image, got {len(pads)} axes")
    name = c.name(op.outputs[0])
    nchw = pads[[0, 3, 1, 2]].T.reshape(-1)
    ends = c.graph.constant(nchw, f"{name}_pads", np.int64)
    c.graph.add("Pad", [c.name(op.inputs[0]), ends], name, mode="constant")


def _reshape(c: Conversion, op: Operator) -> None:
    source, name = c.name(op.inputs[0]), c.name(op.outputs[0])
    before, after = c.shape(op.inputs[0]), c.shape(op.outputs[0])
    if len(after) == 4 or before[0] != after[0]:
        raise ValueError(f"RESHAPE from {before} to {after} is not supported")
    if len(before) == 4 and not _is_same_in_nhwc(before):
        source = c.graph.add("Transpose", [source], f"{name}_nhwc", perm=NHWC)
    shape = c.graph.constant((0, *after[1:]), f"{name}_shape", np.int64)  # 0: keep the batch
    c.graph.add("Reshape", [source, shape], name)


def _resize_bilinear(c: Conversion, op: Operator) -> None:
    height, width, n_channels = c.shape(op.inputs[0])[1:]
    wanted = c.shape(op.outputs[0])[1:3]
    if not op.options["half_pixel"] or op.options["align_corners"]:
        raise ValueError("RESIZE_BILINEAR without half-pixel centres is not supported")
    source, name = c.name(op.inputs[0]), c.name(op.outputs[0])
    if c.form.exact_resize:
        if wanted != (2 * height, 2 * width):
            raise ValueError(f"RESIZE_BILINEAR must double {height}x{width}, got {wanted}")
        _add_doubled(c, source, name, n_channels)
        return
    scales = (1, 1, wanted[0] / height, wanted[1] / width)
    inputs = [
        source,
        c.graph.constant((), "no_region"),
        c.graph.constant(scales, f"{name}_scales"),
    ]
    half_pixel = "half_pixel"
    c.graph.add("Resize", inputs, name, mode="linear", coordinate_transformation_mode=half_pixel)


def _add_doubled(c: Conversion, source: str, name: str, n_channels: int) -> None:
    """Add the enlargement as a convolution: bilinear weights of a pixel for each of its four."""
    pads = c.graph.constant((0, 0, 1, 1, 0, 0, 1, 1), "edge", np.int64)
    padded = c.graph.add("Pad", [source, pads], f"{name}_padded", mode="edge")
    kernel = np.broadcast_to(np.outer(DOUBLE, DOUBLE), (n_channels, 1, 4, 4))
    weights = c.graph.constant(kernel, f"double_{n_channels}")
    c.graph.add(
        "ConvTranspose",
        [padded, weights],
        name,
        kernel_shape=(4, 4),
        strides=(2, 2),
        pads=(3, 3, 3, 3),
        group=n_channels,
    )


def add_nhwc(c: Conversion, index: int, name: str) -> None:
    """Add an image in NHWC order, as TFLite gives it, as the value `name`."""
    shape = c.shape(index)
    if _is_same_in_nhwc(shape):
        target = c.graph.constant((0, *shape[1:]), f"{name}_shape", np.int64)
        c.graph.add("Reshape", [c.name(index), target], name)
    else:
        c.graph.add("Transpose", [c.name(index)], name, perm=NHWC)


def _is_same_in_nhwc(shape: tuple[int, ...]) -> bool:
    """Whether an image of this NHWC shape has its values in the same order in NCHW."""
    return shape[3] == 1 or shape[1] * shape[2] == 1


def _strides(op: Operator) -> tuple[int, int]:
    return op.options["stride_h"], op.options["stride_w"]


def _pads(c: Conversion, op: Operator, kernel: tuple[int, ...]) -> tuple[int, ...]:
    """Return the padding of a window: top, left, bottom, right.

    Source: TensorFlow, ``lite/kernels/padding.h``: the odd pixel is at the bottom and right.
    """
    if op.options["padding"] != SAME:
        return (0, 0, 0, 0)
    sides = c.shape(op.inputs[0])[1:3]
    totals = [
        max((-(-side // stride) - 1) * stride + span - side, 0)
        for side, stride, span in zip(sides, _strides(op), kernel, strict=True)
    ]
    begins = [total // 2 for total in totals]
    return (*begins, *(total - begin for total, begin in zip(totals, begins, strict=True)))


CONVERTERS: dict[str, Callable[[Conversion, Operator], None]] = {
    "ADD": _add,
    "CONCATENATION": _concatenation,
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "DEPTH_TO_SPACE": _depth_to_space,
    "LOGISTIC": _logistic,
    "MAX_POOL_2D": _max_pool,
    "PAD": _pad,
    "RESHAPE": _reshape,
    "RESIZE_BILINEAR": _resize_bilinear,
}
