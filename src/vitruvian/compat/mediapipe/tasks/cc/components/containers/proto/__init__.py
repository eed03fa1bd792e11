"""Protobuf messages of task results."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        "landmarks_detection_result_pb2": (
            "tasks.cc.components.containers.proto.landmarks_detection_result_pb2"
        )
    },
)
