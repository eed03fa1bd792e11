"""Messages of MediaPipe Tasks, where its C++ part keeps them."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(__name__, {"proto": "tasks.cc.components.containers.proto"})
