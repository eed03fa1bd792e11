"""Result types of the tasks."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(__name__, {"containers": "tasks.python.components.containers"})
