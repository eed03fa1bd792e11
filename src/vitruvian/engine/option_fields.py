"""Option fields: text, unit, range and default of each option, for constructors, help and docs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from inspect import Parameter, Signature, cleandoc
from numbers import Integral, Real
from pathlib import PurePath
from textwrap import wrap
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    ParamSpec,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Option",
    "OptionField",
    "described",
    "json_value",
    "option_fields",
    "takes",
    "values_of",
]

P = ParamSpec("P")
Class = TypeVar("Class", bound=type)

LINE = 100  # columns of a line of a docstring


@dataclass(frozen=True, slots=True)
class Option:
    """Text, range, choices and unit of an option; part of its type annotation.

    Attributes
    ----------
    text : str
        What the option does: one or two sentences.
    low, high : float or None
        Least and greatest value.
    choices : tuple of str
        The allowed values; empty for any.
    unit : str or None
    bool_hint : str or None
        What to use instead of True and False, where they might be expected.
    """

    text: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    unit: str | None = None
    bool_hint: str | None = None


@dataclass(frozen=True, slots=True)
class OptionField:
    """One field of an options class.

    Attributes
    ----------
    name : str
    types : tuple of type
        Types of its values, without None.
    is_optional : bool
        Whether None is a value.
    default : object
    option : Option
    """

    name: str
    types: tuple[type, ...]
    is_optional: bool
    default: object
    option: Option

    @property
    def range(self) -> str:
        """The allowed numbers in words: "from 0 to 1", "at least 1"; empty for any."""
        low, high = self.option.low, self.option.high
        if low is None:
            return ""
        return f"at least {low:g}" if high is None else f"from {low:g} to {high:g}"

    @property
    def summary(self) -> str:
        """Type, unit, allowed values and default, as in the docstring of a parameter."""
        choices = self.option.choices
        if choices:
            kind = "{" + ", ".join(f'"{choice}"' for choice in choices) + "}"
        else:
            kind = " or ".join(t.__name__ for t in self.types) + " or None" * self.is_optional
        default = f'"{self.default}"' if isinstance(self.default, str) else repr(self.default)
        parts = (kind, self.option.unit, self.range, f"default {default}")
        return ", ".join(part for part in parts if part)

    def checked(self, value: object) -> object:
        """Return a value as a plain Python object.

        Raises
        ------
        TypeError
            If it is of another type.
        ValueError
            If it is out of range.
        """
        if value is None and self.is_optional:
            return None
        plain = _plain(value, self.types)
        choices, low, high = self.option.choices, self.option.low, self.option.high
        if plain is None:
            hint = self.option.bool_hint if _is_switch(value) else None
            advice = f": {hint}" if hint else ""
            raise TypeError(f"{self.name} must be {self._wanted}, got {value!r}{advice}")
        if choices and plain not in choices:
            raise ValueError(f"{self.name} must be one of {list(choices)}, got {value!r}")
        if low is not None and not (low <= plain and (high is None or plain <= high)):
            raise ValueError(f"{self.name} must be {self.range}, got {value!r}")
        return plain

    @property
    def _wanted(self) -> str:
        names = {bool: "True or False", int: "an integer", float: "a number", str: "a string"}
        names[tuple] = "a point (x, y)"
        kinds = " or ".join(names.get(kind, f"a {kind.__name__}") for kind in self.types)
        of = "of " * (self.option.high is None)
        return kinds + f" {of}{self.range}" * bool(self.range) + " or None" * self.is_optional


def _is_switch(value: object) -> bool:
    is_numpys = str(getattr(value, "dtype", "")) == "bool" and getattr(value, "shape", None) == ()
    return isinstance(value, bool) or is_numpys


def _plain(value: object, types: tuple[type, ...]) -> Any:
    """Return a value of one of the types, NumPy's scalars as Python's; None for other types."""
    if bool in types or _is_switch(value):
        return bool(value) if bool in types and _is_switch(value) else None
    if int in types and isinstance(value, Integral):
        return int(value)
    if float in types and isinstance(value, Real):
        return float(value)
    if tuple in types:
        return _point(value)
    return value if isinstance(value, types) else None


def _point(value: object) -> tuple[float, float] | None:
    """Return a point as two plain numbers; None if it is anything else."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return None
    numbers = tuple(value)
    if len(numbers) != 2 or not all(isinstance(n, Real) and math.isfinite(n) for n in numbers):
        return None
    return float(numbers[0]), float(numbers[1])


@cache
def option_fields(options: type) -> tuple[OptionField, ...]:
    """Return the fields of an options class in order; those of its base class come first."""
    hints = get_type_hints(options, include_extras=True)
    found = []
    for field in fields(options):
        annotation, option = get_args(hints[field.name])[:2]
        is_union = get_origin(annotation) in (Union, UnionType)
        types = get_args(annotation) if is_union else (annotation,)
        known = tuple(get_origin(kind) or kind for kind in types if kind is not NoneType)
        found.append(OptionField(field.name, known, NoneType in types, field.default, option))
    return tuple(found)


def values_of(options: object, cls: type | None = None) -> dict[str, Any]:
    """Return the values by name: those of all fields, or of those that a base class has.

    Raises
    ------
    TypeError
        If `options` is not of that class.
    """
    cls = cls or type(options)
    if not isinstance(options, cls):
        raise TypeError(f"options must be {cls.__name__}, got {type(options).__name__}")
    return {field.name: getattr(options, field.name) for field in option_fields(cls)}


def json_value(value: object) -> str | float | bool | list[float] | None:
    """Return the value of an option as it stands in JSON: a path and infinity as text.

    Raises
    ------
    TypeError
        If it is an open model.
    """
    if isinstance(value, PurePath) or value == math.inf:
        return str(value)
    if value is None or isinstance(value, str | float | bool | int):
        return value
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"an open model has no form in JSON, got {value!r}: give its name instead")


def signature_of(options: type, *, bound: bool) -> Signature:
    """Return the signature of a constructor that takes the fields: the first by position, too."""
    hints = get_type_hints(options)
    parameters = [] if bound else [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
    for i, field in enumerate(option_fields(options)):
        kind = Parameter.KEYWORD_ONLY if i else Parameter.POSITIONAL_OR_KEYWORD
        annotation = hints[field.name]
        parameters.append(Parameter(field.name, kind, default=field.default, annotation=annotation))
    return Signature(parameters, return_annotation=Signature.empty if bound else None)


def takes(
    options: Callable[P, object],
) -> Callable[[Callable[..., None]], Callable[Concatenate[Any, P], None]]:
    """Give a constructor the parameters of an options class.

    Type checkers and editors see them, as do `inspect.signature` and `help`.
    """

    def decorate(init: Callable[..., None]) -> Callable[Concatenate[Any, P], None]:
        if isinstance(options, type):
            init.__signature__ = signature_of(options, bound=False)  # type: ignore[attr-defined] # functions may have one
        return init

    return decorate


def described(options: type | None = None) -> Callable[[Class], Class]:
    """Write the options into the docstring of a class, as its section "Parameters".

    Parameters
    ----------
    options : type or None
        The options class; None for the decorated class itself.
    """

    def decorate(cls: Class) -> Class:
        if options is None:
            cls.__signature__ = signature_of(cls, bound=True)  # type: ignore[attr-defined] # classes may have one
        if cls.__doc__ is not None:  # as it is with python -OO
            cls.__doc__ = _with_parameters(cls.__doc__, option_fields(options or cls))
        return cls

    return decorate


def _with_parameters(doc: str, options: tuple[OptionField, ...]) -> str:
    """Return a docstring with the section before its first other one, or at its end."""
    rows = ["Parameters", "----------"]
    for field in options:
        rows.append(f"{field.name} : {field.summary}")
        rows += wrap(field.option.text, LINE - 8, initial_indent="    ", subsequent_indent="    ")
    lines = cleandoc(doc).split("\n")  # Python 3.13 has removed the indentation, others have not
    ends = [i for i, line in enumerate(lines) if line.strip() and not line.strip("- ")]
    at = ends[0] - 1 if ends else len(lines)
    head, tail = lines[:at], lines[at:]
    while head and not head[-1].strip():
        head.pop()
    return "\n".join([*head, "", *rows, "", *tail]).rstrip() + "\n"
