"""The script node: runs the script between the other events of the simulation."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vitruvian.oak.messages import Tensors
from vitruvian.oak.runtime import VIRTUAL, ScriptError, log_step
from vitruvian.oak.virtual.script import Log, Receive, ScriptRun
from vitruvian.oak.virtual.simulation import Process, get, put

if TYPE_CHECKING:
    from vitruvian.oak.graph import Node
    from vitruvian.oak.virtual.nodes import Device, Ports
    from vitruvian.oak.virtual.requests import Locations

__all__ = ["script_process"]

SCRIPT_US = 800  # that the script computes for each message that it reads
LEVELS = {
    "trace": logging.DEBUG, "debug": logging.DEBUG, "info": logging.INFO,
    "warn": logging.WARNING, "error": logging.ERROR, "critical": logging.CRITICAL,
}  # fmt: skip

logger = logging.getLogger(__name__)


def script_process(node: Node, ports: Ports, device: Device) -> Process[None]:
    """Return the process that runs the script and passes its messages on.

    Raises
    ------
    ScriptError
        If its text is not a program of the device's Python, or longer than the device takes.
    """
    text = node.properties["text"]
    n_bytes, limit = len(text.encode()), device.faults.max_script_bytes
    if n_bytes > limit:
        raise ScriptError(
            f"the script has {n_bytes} bytes, the camera takes {limit}: use mode 'host'"
        )
    wh = device.sensors.wh if device.sensors else (1, 1)
    try:
        run = ScriptRun(text, ports.inputs, ports.outputs, image_wh=wh, version=device.depthai)
    except SyntaxError as err:
        raise ScriptError(f"the script of the device is not Python 3.9: {err}") from err
    return _passed_on(run, ports, device)


def _passed_on(run: ScriptRun, ports: Ports, device: Device) -> Process[None]:
    steps = run.steps()
    n_read = 0
    answer: Tensors | Locations | None = None
    try:
        while True:
            step = steps.send(answer)
            answer = None
            if isinstance(step, Log):
                if not log_step(VIRTUAL, step.text):
                    logger.log(LEVELS[step.level], "%s", step.text)
            elif not isinstance(step, Receive):
                yield from put(ports.out(step.port), step.message)
            elif n_read == device.faults.script_fails_after:
                answer = Tensors({}, 0)
            else:
                answer = yield from get(ports.inputs[step.port])
                n_read += 1
                yield device.simulation.now_us + SCRIPT_US
    except StopIteration:
        return
    except Exception as err:
        raise ScriptError(f"the script of the device failed: {type(err).__name__}: {err}") from err
    finally:
        steps.close()
