"""The Solutions API and the general classes of MediaPipe 0.10."""

from vitruvian.compat.namespaces import members

GENERAL = {
    "CalculatorGraph": "python._framework_bindings.calculator_graph:CalculatorGraph",
    "GraphInputStreamAddMode": (
        "python._framework_bindings.calculator_graph:GraphInputStreamAddMode"
    ),
    "Image": "python._framework_bindings.image:Image",
    "ImageFormat": "python._framework_bindings.image_frame:ImageFormat",
    "ImageFrame": "python._framework_bindings.image_frame:ImageFrame",
    "Matrix": "python._framework_bindings.matrix:Matrix",
    "Packet": "python._framework_bindings.packet:Packet",
    "Timestamp": "python._framework_bindings.timestamp:Timestamp",
    "ValidatedGraphConfig": (
        "python._framework_bindings.validated_graph_config:ValidatedGraphConfig"
    ),
    "model_ckpt_util": "python._framework_bindings.model_ckpt_util",
    "packet_creator": "python.packet_creator",
    "packet_getter": "python.packet_getter",
    "resource_util": "python._framework_bindings.resource_util",
}
"""Names that ``mediapipe`` has as well."""

__getattr__, __dir__ = members(
    __name__,
    GENERAL
    | {
        "_framework_bindings": "python._framework_bindings",
        "mediapipe": "",
        "solution_base": "python.solution_base",
        "solutions": "python.solutions",
    },
)
