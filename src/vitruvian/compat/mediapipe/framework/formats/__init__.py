"""The protobuf messages that pose estimation uses."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        name: f"framework.formats.{name}"
        for name in (
            "classification_pb2",
            "detection_pb2",
            "landmark_pb2",
            "location_data_pb2",
            "rect_pb2",
        )
    },
)
