"""The real networks, for tests marked `weights`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vitruvian.backends import Network, Session, Target, compile_network
from vitruvian.engine import model
from vitruvian.models.store import find_file

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["answer", "detector_network", "landmark_network", "litert_outputs", "open_session"]


def landmark_network(name: str = "lite", *, mask: bool = False) -> Network:
    return model.landmark_network(find_file(name), with_mask=mask)


def detector_network() -> Network:
    return model.detector_network(find_file("detector"))


def open_session(network: Network, **target: Any) -> Session:
    """A session of a network that is compiled for it alone."""
    return compile_network(network, Target(**target)).open_session()


def answer(session: Session, image: np.ndarray) -> list[np.ndarray]:
    """Copies of the outputs."""
    return [output.copy() for output in session.run(image)]


def litert_outputs(path: Path, images: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs of LiteRT, by name, for float32 NHWC images, each computed alone."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    (image_input,) = interpreter.get_input_details()
    rows: dict[str, list[np.ndarray]] = {d["name"]: [] for d in interpreter.get_output_details()}
    for image in images:
        interpreter.set_tensor(image_input["index"], image[None])
        interpreter.invoke()
        for detail in interpreter.get_output_details():
            rows[detail["name"]].append(interpreter.get_tensor(detail["index"]))
    return {name: np.concatenate(arrays) for name, arrays in rows.items()}
