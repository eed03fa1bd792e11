"""Protobuf messages of MediaPipe Tasks, at the module path of its C++ code."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(__name__, {"components": "tasks.cc.components"})
