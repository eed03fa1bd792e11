"""The real networks, for tests marked `weights`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.backends import Network, Session, Target, compile_network
from vitruvian.engine import model
from vitruvian.models.store import find_file

if TYPE_CHECKING:
    import numpy as np

__all__ = ["answer", "detector_network", "landmark_network", "open_session"]


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
