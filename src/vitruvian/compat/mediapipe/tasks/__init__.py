"""MediaPipe Tasks, with the names of `python`: ``mp.tasks`` is either module in MediaPipe."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        "BaseOptions": "tasks.python.core.base_options:BaseOptions",
        "audio": "tasks.python.audio",
        "cc": "tasks.cc",
        "components": "tasks.python.components",
        "genai": "tasks.python.genai",
        "python": "tasks.python",
        "text": "tasks.python.text",
        "vision": "tasks.python.vision",
    },
)
