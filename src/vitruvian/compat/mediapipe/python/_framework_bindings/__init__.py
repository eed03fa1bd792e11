"""The image classes, at their module path in MediaPipe 0.10."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        "image": "python._framework_bindings.image",
        "image_frame": "python._framework_bindings.image_frame",
    },
)
