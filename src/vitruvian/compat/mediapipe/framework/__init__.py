"""MediaPipe's protobuf messages."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(__name__, {"formats": "framework.formats"})
