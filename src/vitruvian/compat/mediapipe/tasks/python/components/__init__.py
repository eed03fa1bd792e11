"""Result types of the tasks."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {name: f"tasks.python.components.{name}" for name in ("containers", "processors", "utils")},
)
