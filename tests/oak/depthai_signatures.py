"""Stand-ins for objects of depthai that need a device: each call is checked by its real signature.

The classes of depthai are real, and their docstrings hold the signatures of all their methods. A
stand-in refuses unknown attributes, and calls whose arguments fit none of the signatures. It works
with depthai 2 and 3, and without pytest.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from itertools import zip_longest
from typing import Any

OPENING, CLOSING = "([{<", ")]}>"
PLAIN = {
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "float": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "typing.SupportsInt": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "typing.SupportsFloat": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "bool": lambda v: isinstance(v, bool),
    "str": lambda v: isinstance(v, str),
    "object": lambda v: True,
    "os.PathLike": lambda v: isinstance(v, str | os.PathLike),
    "Path": lambda v: isinstance(v, str | os.PathLike),
    "datetime.timedelta": lambda v: isinstance(v, timedelta),
}
REAL = ("CameraControl", "StereoDepthConfig")  # configurations, which need no device


def split(text: str, separator: str = ",") -> list[str]:
    """Return the parts between separators that are in no brackets."""
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(text):
        depth += (letter in OPENING) - (letter in CLOSING and text[i - 1 : i + 1] != "->")
        if letter == separator and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def signatures(doc: str) -> list[tuple[list[tuple[str, str, bool]], str]]:
    """Return each signature in a docstring: (name, type, has default) of arguments, result."""
    found = []
    for line in doc.splitlines():
        match = re.match(r"(?:\d+\. )?\w*\((.*)\) -> (.+)$", line.strip())
        if match is None or "*args" in match[1]:
            continue
        arguments = []
        for part in split(match[1])[1:]:  # without self
            name, _, rest = part.partition(":")
            kind, *default = split(rest, "=")
            arguments.append((name, kind, bool(default)))
        found.append((arguments, match[2].strip()))
    return found


class StandIn:
    """Stands for an object of a class of depthai, and remembers the calls.

    Parameters
    ----------
    dai : module
    real : type
        Its class.
    answers : dict, optional
        What methods return, by name: a value, or a function of the arguments. Those of an object
        are also those of the objects that it returns.
    """

    def __init__(self, dai: Any, real: type, answers: dict[str, Any] | None = None) -> None:
        self.dai, self.real = dai, real
        self.calls: list[tuple[Any, ...]] = []
        self.answers = answers or {}
        self.children: dict[Any, Any] = {}

    def __getattr__(self, name: str) -> Any:
        member = getattr(self.real, name)  # AttributeError if depthai has no such name
        if isinstance(member, property):
            if name not in self.children:
                result = re.search(r"-> (\S+)", member.fget.__doc__)[1]
                kind = resolve(self.dai, result)
                self.children[name] = (
                    kind() if kind.__name__ in REAL else StandIn(self.dai, kind, self.answers)
                )
            return self.children[name]
        return lambda *args, **kwargs: self._call(name, member.__doc__, args, kwargs)

    def __getitem__(self, key: Any) -> Any:
        if key not in self.children:
            self.children[key] = self._call(
                "__getitem__", self.real.__getitem__.__doc__, (key,), {}
            )
        return self.children[key]

    def _call(self, name: str, doc: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = checked_call(self.dai, doc, args, kwargs)
        self.calls.append((name, *args, *kwargs.values()))
        return self._result(name, result, args)

    def _result(self, name: str, result: str, args: tuple[Any, ...]) -> Any:
        if name in self.answers:
            answer = self.answers[name]
            return answer(*args) if callable(answer) else answer
        if not result.startswith("depthai."):
            return None
        kind = resolve(self.dai, result)
        return self if kind is self.real else StandIn(self.dai, kind, self.answers)

    def called(self, name: str) -> list[tuple[Any, ...]]:
        """Return the arguments of each call of a method."""
        return [args for called, *args in self.calls if called == name]


def checked_call(dai: Any, doc: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return the type of the result of a call; TypeError if it fits no signature in `doc`."""
    for arguments, result in signatures(doc):
        values = bound(arguments, args, kwargs)
        if values is not None and all(accepts(dai, kind, v) for (_, kind, _), v in values):
            return result
    shown = [line for line in doc.splitlines() if "->" in line]
    raise TypeError(f"{args}{kwargs or ''} fit none of {shown}")


def bound(
    arguments: list[tuple[str, str, bool]], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> list[tuple[tuple[str, str, bool], Any]] | None:
    """Return the arguments with their values; None if the numbers or names do not fit."""
    if len(args) > len(arguments):
        return None
    values, left = [], dict(kwargs)
    for argument, value in zip_longest(arguments, [(v,) for v in args]):
        if value is not None:
            values.append((argument, value[0]))
        elif argument[0] in left:
            values.append((argument, left.pop(argument[0])))
        elif not argument[2]:
            return None
    return None if left else values


def accepts(dai: Any, kind: str, value: Any) -> bool:
    """Whether a value has the type that a signature names."""
    if match := re.fullmatch(r"Optional\[(.*)\]", kind):
        return value is None or accepts(dai, match[1], value)
    if " | " in kind:
        return any(accepts(dai, part, value) for part in split(kind, "|"))
    if kind == "None":
        return value is None
    if match := re.fullmatch(r"[Tt]uple\[(.*)\]", kind):
        parts = split(match[1])
        return (
            isinstance(value, tuple)
            and len(value) == len(parts)
            and all(accepts(dai, part, v) for part, v in zip(parts, value, strict=True))
        )
    if kind.split("[")[0].endswith("Callable"):
        return callable(value)
    if kind in PLAIN:
        return bool(PLAIN[kind](value))
    wanted = resolve(dai, kind)
    return issubclass(value.real if isinstance(value, StandIn) else type(value), wanted)


def resolve(dai: Any, name: str) -> type:
    """Return the class of depthai with this full name."""
    found = dai
    for part in name.removeprefix("depthai.").split("."):
        found = getattr(found, part)
    return found


class StandInPipeline(StandIn):
    """Stands for a pipeline with a device: creates stand-ins for nodes."""

    def __init__(self, dai: Any, answers: dict[str, Any] | None = None) -> None:
        super().__init__(dai, dai.Pipeline, answers)
        self.nodes: list[StandIn] = []

    def create(self, kind: type) -> StandIn:
        """Return a stand-in for a node."""
        if not issubclass(kind, self.dai.Node):
            raise TypeError(f"{kind} is no node")
        self.nodes.append(StandIn(self.dai, kind, self.answers))
        return self.nodes[-1]
