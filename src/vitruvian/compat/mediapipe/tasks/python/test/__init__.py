"""Helper modules that MediaPipe's published tests of the tasks import."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__, {"test_utils": "tasks.python.test.test_utils", "vision": "tasks.python.test.vision"}
)
