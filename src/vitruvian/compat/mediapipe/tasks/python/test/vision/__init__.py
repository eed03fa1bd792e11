"""Helper modules that MediaPipe's published tests of the vision tasks import."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(__name__, {"proto_utils": "tasks.python.test.vision.proto_utils"})
