"""Protobuf messages of run-length encoded masks."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__, {"rasterization_pb2": "framework.formats.annotation.rasterization_pb2"}
)
