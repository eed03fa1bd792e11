"""The image classes, where MediaPipe 0.10 keeps them."""

from vitruvian.compat.namespaces import members

__getattr__, __dir__ = members(
    __name__,
    {
        "image": "python._framework_bindings.image",
        "image_frame": "python._framework_bindings.image_frame",
    },
)
