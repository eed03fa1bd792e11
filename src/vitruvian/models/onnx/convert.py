"""Conversion of a TFLite file to ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.errors import ModelIntegrityError, ModelNotFoundError
from vitruvian.models.onnx.conversion import Conversion, OnnxForm
from vitruvian.models.onnx.graph import OnnxGraph
from vitruvian.models.onnx.operators import add_nhwc, add_operator
from vitruvian.models.onnx.tflite import read_network

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.models.onnx.graph import Shape
    from vitruvian.models.onnx.tflite import Operator, TfliteNetwork

__all__ = ["graph_from_tflite"]

AS_TFLITE = OnnxForm()


def graph_from_tflite(tflite: str | Path, form: OnnxForm = AS_TFLITE) -> OnnxGraph:
    """Return the network in a TFLite file as an ONNX graph; its method `save` writes the file.

    The input is NCHW. Outputs have the names and the shapes of the TFLite file.

    Parameters
    ----------
    tflite : str or Path
        The file.
    form : OnnxForm
        What the ONNX file takes and gives.

    Raises
    ------
    ValueError
        If `form` names an output that the network does not have.
    ModelNotFoundError
        If the file can't be read.
    ModelIntegrityError
        If it is damaged, or has operators that BlazePose does not use.
    """
    tflite = Path(tflite)
    try:
        content = tflite.read_bytes()
    except OSError as err:
        raise ModelNotFoundError(f"can't read {str(tflite)!r}: {err.strerror}") from err
    network = read_network(content, str(tflite))
    names = {network.tensors[i].name: i for i in network.outputs}
    wanted = list(names) if form.outputs is None else list(form.outputs)
    if not set(wanted) <= set(names):
        raise ValueError(f"outputs must be among {list(names)}, got {wanted}")
    try:
        return _converted(network, OnnxGraph(tflite.stem), form, [names[n] for n in wanted])
    except (ValueError, LookupError, ArithmeticError) as err:
        raise ModelIntegrityError(f"{str(tflite)!r} can't be converted to ONNX: {err}") from err


def _converted(
    network: TfliteNetwork, graph: OnnxGraph, form: OnnxForm, outputs: list[int]
) -> OnnxGraph:
    conversion = Conversion(network, graph, form)
    _add_image(conversion, network)
    flat = [index for index in outputs if len(conversion.shape(index)) != 4]
    for index in flat:
        conversion.rename(index, conversion.title(index))
    operators = conversion.needed(outputs)
    _check_channels(conversion, operators)
    for op in operators:
        add_operator(conversion, op)
    for index in outputs:
        title = conversion.title(index)
        if index not in flat:
            add_nhwc(conversion, index, title)
        graph.add_output(title, (form.batch, *conversion.shape(index)[1:]))
    return graph


def _check_channels(conversion: Conversion, operators: Sequence[Operator]) -> None:
    """Raise ValueError if an operator sees the channels of a BGR image in the wrong order."""
    for op in operators:
        sources = [conversion.unpadded(index)[0] for index in op.inputs]
        if op.kind != "CONV_2D" and any(map(conversion.is_bgr, sources)):
            raise ValueError(f"a BGR input must lead to CONV_2D, got {op.kind}")


def _add_image(conversion: Conversion, network: TfliteNetwork) -> None:
    """Add the input, and the scaling of its values."""
    if len(network.inputs) != 1 or len(conversion.shape(network.inputs[0])) != 4:
        raise ValueError("the network must have one image as its input")
    (index,) = network.inputs
    graph, form = conversion.graph, conversion.form
    height, width, channels = conversion.shape(index)[1:]
    shape: Shape = (form.batch, channels, height, width)
    order = "BGR" if form.is_bgr else "RGB"
    values = "those of the TFLite file" if form.pixel_range is None else "0 to 255"
    description = f"{order} image, NCHW; values: {values}"
    name = graph.add_input(conversion.title(index), shape, description)
    conversion.rename(index, name)
    if form.pixel_range is None:
        return
    low, high = form.pixel_range
    if low != 0:  # before the scale: these differences are exact in float16, too
        zero = graph.constant(-low * 255 / (high - low), "zero_pixel")
        name = graph.add("Sub", [name, zero], "centered")
    scale = graph.constant((high - low) / 255, "pixel_scale")
    name = graph.add("Mul", [name, scale], "scaled")
    if low == 0:
        # The model optimizer of OpenVINO 2021.4 would multiply the first weights by the scale,
        # which makes them subnormal in float16. It does not do so across this operation, which
        # changes nothing.
        name = graph.add("Relu", [name], "positive")
    conversion.rename(index, name)
