"""The messages of masks as runs of pixels."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__, {"rasterization_pb2": "framework.formats.annotation.rasterization_pb2"}
)
