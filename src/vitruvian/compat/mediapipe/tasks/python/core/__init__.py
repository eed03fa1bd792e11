"""Options that all tasks share."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(__name__, {"base_options": "tasks.python.core.base_options"})
