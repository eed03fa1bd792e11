"""The graph that OpenVINO compiles: the network of a file with the scaling of pixels in front."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import numpy as np

from vitruvian.backends.openvino_runtime import ov
from vitruvian.errors import ModelIntegrityError

if TYPE_CHECKING:
    from vitruvian.backends import Network

__all__ = ["first_line", "graph_in_bf16", "read_graph"]

# The parts that stay in f32. bf16 keeps 8 bits of every value between two layers. That is too few
# for the first convolutions, on which all other layers depend, and for the coarsest feature maps,
# whose values are sums over many layers. benchmarks/precision.py compares this choice with others.
FIRST = 6  # the first n convolutions
COARSE = 4  # maps with sides of at most n cells
EXACT = "exact "  # prefix of the names of nodes that stay in f32


def read_graph(core: ov.Core, network: Network) -> ov.Model:
    """Return the graph of `network`: uint8 pixels as input, and only the wanted outputs.

    Raises
    ------
    ModelIntegrityError
        If the file is not a network with this input and these outputs.
    """
    path = network.source.path_for("tflite")
    try:
        whole = core.read_model(path)
        by_shape = {tuple(o.get_partial_shape().to_shape())[1:]: o for o in whole.outputs}
        inputs = [tuple(p.get_partial_shape().to_shape()) for p in whole.get_parameters()]
    except RuntimeError as err:
        message = f"{path} is not a TFLite network: {first_line(err)}"
        raise ModelIntegrityError(message) from err
    missing = [shape for shape in network.outputs if shape not in by_shape]
    if missing:
        raise ModelIntegrityError(f"{path} must have outputs {missing}, got {sorted(by_shape)}")
    wanted_input = (1, *network.input_hw, 3)
    if inputs != [wanted_input]:
        raise ModelIntegrityError(
            f"{path} must have one input of shape {wanted_input}, got {inputs}"
        )
    pixels = ov.opset8.parameter(wanted_input, np.uint8)
    image = _scaled(pixels, network.value_range)
    for target in whole.inputs[0].get_target_inputs():
        target.replace_source_output(image.output(0))
    sources = [by_shape[shape].node.input_value(0) for shape in network.outputs]
    return ov.Model(sources, [pixels], network.name)


def _scaled(pixels: ov.Node, value_range: tuple[float, float]) -> ov.Node:
    """Return the scaled pixels.

    They are scaled as a flat array: OpenVINO would convert an image to planes for it and back.
    """
    low, high = value_range
    flat = ov.opset8.convert(ov.opset8.reshape(pixels, np.array([-1]), special_zero=False), "f32")
    values = ov.opset8.multiply(flat, np.float32((high - low) / 255))
    if low:
        values = ov.opset8.add(values, np.float32(low))
    return ov.opset8.reshape(values, np.array(pixels.get_output_shape(0)), special_zero=False)


def graph_in_bf16(
    core: ov.Core, graph: ov.Model, *, first: int = FIRST, coarse: int = COARSE
) -> ov.Model:
    """Return `graph` with marks on the nodes that stay in f32 while the others run in bf16.

    Marked are the `first` convolutions, and feature maps with sides of at most `coarse` cells that
    lead to outputs without a spatial axis. The mark is an attribute that OpenVINO reads only from
    files, and that it loses on nodes that it replaces. So these nodes are replaced here.
    """
    graph = graph.clone()
    _pad_in_convolutions(graph)
    _use_plain_pooling(graph)
    nodes = [node for node in graph.get_ordered_ops() if node.get_input_size()]
    following = [n for n in nodes if "Convolution" in n.get_type_name()][first : first + 1]
    early = _ancestors([node.input_value(0).get_node() for node in following]) if first else set()
    late = _ancestors([r for r in graph.get_results() if len(r.get_output_shape(0)) < 4])
    for i, node in enumerate(nodes):
        key = node.get_instance_id()
        if key in early or (key in late and _side(node.output(0)) <= coarse):
            node.set_friendly_name(f"{EXACT}{i}")
    with tempfile.TemporaryDirectory() as folder:
        xml, weights = Path(folder, "graph.xml"), Path(folder, "graph.bin")
        ov.serialize(graph, xml, weights)
        tree = ElementTree.parse(xml)
        for layer in tree.iter("layer"):
            if str(layer.get("name")).startswith(EXACT):
                _mark_as_precise(layer)
        tree.write(xml)
        return core.read_model(xml, weights)


def _side(value: ov.Output) -> int:
    """Return the longer side of a feature map; 1 for other values."""
    shape = value.get_shape()
    return max(shape[2:]) if len(shape) == 4 else 1


def _ancestors(nodes: list[ov.Node]) -> set[int]:
    found: set[int] = set()
    while nodes:
        node = nodes.pop()
        if node.get_instance_id() not in found:
            found.add(node.get_instance_id())
            nodes += [value.get_node() for value in node.input_values()]
    return found


def _pad_in_convolutions(graph: ov.Model) -> None:
    """Replace zero padding in front of a convolution by padding of the convolution itself."""
    for node in graph.get_ordered_ops():
        pad = node.input_value(0).get_node() if node.get_input_size() else node
        if "Convolution" not in node.get_type_name() or pad.get_type_name() != "Pad":
            continue
        begin, end, value = (pad.input_value(i).get_node().get_data().ravel() for i in (1, 2, 3))
        if value.any() or begin[:2].any() or end[:2].any():
            continue
        node.set_attribute("auto_pad", "explicit")
        node.set_attribute("pads_begin", begin[2:].tolist())
        node.set_attribute("pads_end", end[2:].tolist())
        node.set_argument(0, pad.input_value(0))
    graph.validate_nodes_and_infer_types()


def _use_plain_pooling(graph: ov.Model) -> None:
    """Replace max poolings that also return indices by ones that do not."""
    names = ("strides", "pads_begin", "pads_end", "kernel", "rounding_type", "auto_pad")
    for node in graph.get_ordered_ops():
        if node.get_type_name() != "MaxPool":
            continue
        attributes = node.get_attributes()
        plain = ov.opset1.max_pool(node.input_value(0), *(attributes[name] for name in names))
        for target in node.output(0).get_target_inputs():
            target.replace_source_output(plain.output(0))


def _mark_as_precise(layer: ElementTree.Element) -> None:
    info = layer.find("rt_info")
    if info is None:
        info = ElementTree.Element("rt_info")
        layer.insert(0 if layer.find("data") is None else 1, info)
    ElementTree.SubElement(info, "attribute", name="precise", version="0")


def first_line(err: Exception) -> str:
    """Return the message of an OpenVINO error without the location in its source."""
    lines = [line for line in str(err).splitlines() if line and "Exception from" not in line]
    return lines[0] if lines else type(err).__name__
