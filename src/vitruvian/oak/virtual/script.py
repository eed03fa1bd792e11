"""ScriptRun: runs the very text of a script node, in an interpreter restricted as the device's."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from vitruvian.oak.virtual.script_classes import classes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import ModuleType

    Read = Callable[[], object]
    Write = Callable[[Any], None]
    Log = Callable[[str, str], None]

__all__ = ["DEVICE_MODULES", "DEVICE_PYTHON", "ScriptRun", "ScriptStopped"]

DEVICE_PYTHON = (3, 9)
# depthai, documentation of the script node: modules of both processors, then of LEON_CSS alone.
DEVICE_MODULES = frozenset(
    "collections datetime enum functools heapq io itertools json marshal math operator os re struct "
    "textwrap threading time types "
    "array base64 http logging random socket string urllib".split()
)
NEWER_BUILTINS = ("BaseExceptionGroup", "EncodingWarning", "ExceptionGroup", "aiter", "anext")
NOT_FOR_SCRIPTS = ("breakpoint", "compile", "eval", "exec", "input", "open")
LOG_LEVELS = ("trace", "debug", "info", "warn", "error", "critical")


class ScriptStopped(BaseException):
    """Raised by a port to end a script, which otherwise runs forever. `except Exception` passes."""


class ScriptRun:
    """One run of a script, in the thread of the caller and without waiting.

    The script drives: it calls `outputs` when it sends, and `inputs` when it needs an answer. So a
    node is computed when its answer is read: keep the configuration that was sent, and on `get` take
    the next frame, crop it, run the network and return the answer. To end the script, raise
    `ScriptStopped` in a port.

    Parameters
    ----------
    text : str
        The script, such as `vitruvian.oak.script.edge_script` returns.
    inputs : mapping of str to callable
        By the name of the port: returns the next message, made by `script_classes.network_answer`
        or `script_classes.locations_answer` for the same version.
    outputs : mapping of str to callable
        By the name of the port: takes a message of the script. Read it with `CropRequest.of`,
        `ZoneRequest.all_of` or `packet_of` of `script_classes`.
    version : int
        Whose classes the script has: those of depthai 2 or 3.
    log : callable, optional
        Takes the level ("warn") and the text of each message of the script.

    Raises
    ------
    SyntaxError
        If the text is not Python 3.9.

    Examples
    --------
    >>> text = "import math\\nnode.warn(str(math.tau))\\nnode.io['out'].send(Buffer(3))"
    >>> sent = []
    >>> script = ScriptRun(text, {}, {"out": sent.append}, log=lambda level, text: print(text))
    >>> script.run()
    6.283185307179586
    >>> len(sent)
    1
    """

    def __init__(
        self,
        text: str,
        inputs: Mapping[str, Read],
        outputs: Mapping[str, Write],
        *,
        version: int = 3,
        log: Log | None = None,
    ) -> None:
        tree = ast.parse(text, "script", feature_version=DEVICE_PYTHON)
        self._code = compile(tree, "script", "exec", dont_inherit=True)
        self._globals = {
            "__builtins__": _device_builtins(),
            "__name__": "__main__",
            "node": _Node(inputs, outputs, version, log),
            **classes_of(version),
        }

    def run(self) -> None:
        """Run the script until it ends or a port raises `ScriptStopped`.

        An error of the script is raised as it is.
        """
        try:
            exec(self._code, dict(self._globals))
        except ScriptStopped:
            return


class _Input:
    """A port that a script reads."""

    __slots__ = ("get",)

    def __init__(self, read: Read) -> None:
        self.get = read


class _Output:
    """A port that a script writes."""

    __slots__ = ("send",)

    def __init__(self, write: Write) -> None:
        self.send = write


class _Node:
    """The global `node` of a script."""

    def __init__(
        self,
        inputs: Mapping[str, Read],
        outputs: Mapping[str, Write],
        version: int,
        log: Log | None,
    ) -> None:
        readers = {name: _Input(read) for name, read in inputs.items()}
        writers = {name: _Output(write) for name, write in outputs.items()}
        self.io: dict[str, _Input | _Output] = {**readers, **writers}
        if version > 2:
            self.inputs, self.outputs = readers, writers
        for level in LOG_LEVELS:
            setattr(self, level, _logger(level, log))


def _logger(level: str, log: Log | None) -> Callable[[str], None]:
    def logged(text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"node.{level} takes a str, got {text!r}")
        if log is not None:
            log(level, text)

    return logged


def _device_builtins() -> dict[str, Any]:
    names = {
        name: value
        for name, value in vars(builtins).items()
        if name not in NEWER_BUILTINS and name not in NOT_FOR_SCRIPTS
    }
    return {**names, "__import__": _import}


def _import(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002 - the signature of `__import__`
    locals: Mapping[str, object] | None = None,  # noqa: A002
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> ModuleType:
    if level or name.partition(".")[0] not in DEVICE_MODULES:
        raise ModuleNotFoundError(f"the device has no module {name!r}", name=name)
    return __import__(name, globals, locals, fromlist, level)
