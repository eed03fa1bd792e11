"""What MediaPipe's published tests of its vision tasks import besides the tasks."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(__name__, {"proto_utils": "tasks.python.test.vision.proto_utils"})
