"""Extension for the API page: docstrings and signatures that are completed at import.

mkdocstrings reads the source without importing it. Constructors that take their options from a
dataclass get their parameters and the section "Parameters" from the decorators named below, when
the package is imported. `mkdocs.yml` names this file.
"""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from typing import Any

import griffe

PUBLIC = {  # types under the names that a reader knows
    "vitruvian.engine.model_like.ModelLike": "Model",
    "pathlib._local.Path": "Path",  # Python 3.13
    "pathlib.Path": "Path",
}
DECORATORS = ("described",)  # of classes whose docstring is completed at import
CHOICES = re.compile(r"\{(.+)\}, default (.+)")


class CompletedAtImport(griffe.Extension):
    """Takes docstring and constructor of decorated classes from the imported package."""

    def on_class_members(self, *, cls: griffe.Class, **_: Any) -> None:
        """Replace the docstring and the parameters of `cls`, if it is decorated."""
        if not any(str(d.value).partition("(")[0] in DECORATORS for d in cls.decorators):
            return
        value = getattr(import_module(cls.module.path), cls.name)
        if cls.docstring is not None:
            text = (inspect.getdoc(value) or "").replace("or ModelLike,", "or Model,")
            cls.docstring.value = CHOICES.sub(_default_first, text)
        init = griffe.Function("__init__", parameters=_parameters(value), parent=cls)
        cls.set_member("__init__", init)


def _default_first(match: re.Match[str]) -> str:
    """Move the default to the front of the choices, where NumPy's docstring style has it."""
    choices, default = match[1].split(", "), match[2]
    return "{" + ", ".join([default, *(c for c in choices if c != default)]) + "}"


def _public(annotation: str) -> str:
    """Return a type under the name that a reader knows."""
    for name, known_as in PUBLIC.items():
        annotation = annotation.replace(name, known_as)
    return annotation


def _parameters(value: type) -> griffe.Parameters:
    found = [griffe.Parameter("self", kind=griffe.ParameterKind.positional_or_keyword)]
    for parameter in inspect.signature(value).parameters.values():
        has_default = parameter.default is not parameter.empty
        found.append(
            griffe.Parameter(
                parameter.name,
                annotation=_public(inspect.formatannotation(parameter.annotation)),
                kind=griffe.ParameterKind[parameter.kind.name.lower()],
                default=repr(parameter.default) if has_default else None,
            )
        )
    return griffe.Parameters(*found)
