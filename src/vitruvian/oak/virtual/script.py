"""ScriptRun: runs the very text of a script node, in an interpreter restricted as the device's."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from vitruvian.oak.virtual.script_classes import answer_of, classes_of, request_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Mapping, Sequence
    from types import ModuleType

    from vitruvian.oak.messages import Packet, Tensors
    from vitruvian.oak.virtual.requests import CropRequest, Locations, Zones

    Answer = Tensors | Locations
    OnStep = Callable[["Step"], Answer | None]

__all__ = [
    "DEVICE_MODULES",
    "DEVICE_PYTHON",
    "Log",
    "Receive",
    "ScriptRun",
    "ScriptStopped",
    "Send",
]

DEVICE_PYTHON = (3, 9)
# depthai, documentation of the script node: modules of both processors, then of LEON_CSS alone.
DEVICE_MODULES = frozenset(
    [
        *("collections", "datetime", "enum", "functools", "heapq", "io", "itertools", "json"),
        *("marshal", "math", "operator", "os", "re", "struct", "textwrap", "threading", "time"),
        "types",
        *("array", "base64", "http", "logging", "random", "socket", "string", "urllib"),
    ]
)
NEWER_BUILTINS = ("BaseExceptionGroup", "EncodingWarning", "ExceptionGroup", "aiter", "anext")
NOT_FOR_SCRIPTS = ("breakpoint", "compile", "eval", "exec", "input", "open")
LOG_LEVELS = ("trace", "debug", "info", "warn", "error", "critical")


class ScriptStopped(BaseException):
    """Ends a script, which otherwise runs forever; its ``except Exception`` lets this pass."""


@dataclass(frozen=True, slots=True)
class Receive:
    """The script waits for a message at an input."""

    port: str


@dataclass(frozen=True, slots=True)
class Send:
    """The script sends a message."""

    port: str
    message: CropRequest | Zones | Packet


@dataclass(frozen=True, slots=True)
class Log:
    """The script logs a text; `level` is "warn" for ``node.warn``."""

    level: str
    text: str


Step = Receive | Send | Log


class ScriptRun:
    r"""One run of a script.

    Its text sees only what the Python of the device has: the modules in `DEVICE_MODULES`, the
    syntax of Python 3.9, `node`, and the classes of depthai 2 or 3 as far as they are documented.

    Parameters
    ----------
    text : str
        The script, such as `vitruvian.oak.script.edge_script` returns.
    inputs, outputs : collection of str
        The names of its ports.
    image_wh : (int, int), px
        Size of the images that its crops are taken from.
    version : int
        Whose classes the script has: those of depthai 2 or 3.

    Raises
    ------
    SyntaxError
        If the text is not Python 3.9.

    Examples
    --------
    >>> text = "import math\nnode.warn(str(math.tau))\nnode.io['out'].send(Buffer(3))"
    >>> for step in ScriptRun(text, (), ("out",), image_wh=(64, 48)).steps():
    ...     print(step)
    Log(level='warn', text='6.283185307179586')
    Send(port='out', message=Packet(data=b'\x00\x00\x00'))
    """

    def __init__(
        self,
        text: str,
        inputs: Collection[str],
        outputs: Collection[str],
        *,
        image_wh: tuple[int, int],
        version: int = 3,
    ) -> None:
        tree = ast.parse(text, "script", feature_version=DEVICE_PYTHON)
        self._code = compile(tree, "script", "exec", dont_inherit=True)
        self._inputs, self._outputs = inputs, outputs
        self._image_wh = image_wh
        self._version = version

    def run(self, on_step: OnStep) -> None:
        """Run the script in this thread, until it ends or `on_step` raises `ScriptStopped`.

        Parameters
        ----------
        on_step : callable
            Takes each step; for `Receive` it returns the message. So a node can be computed when
            its answer is read.

        Raises
        ------
        Exception
            An error of the script, as it is.
        """
        names = {
            "__builtins__": _device_builtins(),
            "__name__": "__main__",
            "node": self._node(on_step),
        }
        try:
            exec(self._code, {**names, **classes_of(self._version)})
        except ScriptStopped:
            return

    def steps(self) -> Generator[Step, Answer | None, None]:
        """Run the script step by step: the generator yields each step.

        Send the message that `Receive` waits for: ``step = steps.send(message)``. Closing the
        generator ends the script. An error of the script is raised here.

        The script has a thread of its own, since its text can't be left in the middle in any other
        way; it runs only while the generator is asked for the next step.
        """
        questions: SimpleQueue[Step | BaseException | None] = SimpleQueue()
        answers: SimpleQueue[Answer | ScriptStopped | None] = SimpleQueue()

        def on_step(step: Step) -> Answer | None:
            questions.put(step)
            answer = answers.get()
            if isinstance(answer, ScriptStopped):
                raise answer
            return answer

        def work() -> None:
            try:
                self.run(on_step)
            except BaseException as err:  # noqa: BLE001 - raised in the thread of the caller
                questions.put(err)
            else:
                questions.put(None)

        thread = Thread(target=work, name="script of a virtual OAK", daemon=True)
        thread.start()
        try:
            while (step := questions.get()) is not None:
                if isinstance(step, BaseException):
                    raise step
                answers.put((yield step))
        except GeneratorExit:
            answers.put(ScriptStopped())
            raise
        finally:
            thread.join()

    def _node(self, on_step: OnStep) -> _Node:
        def reader(port: str) -> _Input:
            return _Input(lambda: answer_of(self._version, _answered(on_step, port)))

        def writer(port: str) -> _Output:
            def send(message: object) -> None:
                on_step(Send(port, request_of(message, self._image_wh)))

            return _Output(send)

        inputs = {port: reader(port) for port in self._inputs}
        outputs = {port: writer(port) for port in self._outputs}
        return _Node(inputs, outputs, on_step)


def _answered(on_step: OnStep, port: str) -> Answer:
    answer = on_step(Receive(port))
    if answer is None:
        raise TypeError(f"the script waits for a message at {port!r}, got None")
    return answer


class _Input:
    """A port that a script reads."""

    __slots__ = ("get",)

    def __init__(self, get: Callable[[], object]) -> None:
        self.get = get


class _Output:
    """A port that a script writes."""

    __slots__ = ("send",)

    def __init__(self, send: Callable[[object], None]) -> None:
        self.send = send


class _Node:
    """The global `node` of a script."""

    __slots__ = ("inputs", "io", "outputs", *LOG_LEVELS)

    def __init__(
        self, inputs: dict[str, _Input], outputs: dict[str, _Output], on_step: OnStep
    ) -> None:
        self.inputs, self.outputs = inputs, outputs
        self.io: dict[str, _Input | _Output] = {**inputs, **outputs}
        for level in LOG_LEVELS:
            setattr(self, level, _logger(level, on_step))


def _logger(level: str, on_step: OnStep) -> Callable[[str], None]:
    def log(text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"node.{level} takes a str, got {text!r}")
        on_step(Log(level, text))

    return log


def _device_builtins() -> dict[str, Any]:
    hidden = {*NEWER_BUILTINS, *NOT_FOR_SCRIPTS}
    names = {name: value for name, value in vars(builtins).items() if name not in hidden}
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
