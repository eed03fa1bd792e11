"""The connections that a drawing of a pose shows."""

from vitruvian.core.skeleton import BLAZEPOSE

__all__ = ["POSE_CONNECTIONS", "UPPER_BODY_POSE_CONNECTIONS"]

UPPER_BODY = 25  # landmarks of the head, the arms and the hips: the first ones

POSE_CONNECTIONS = frozenset(BLAZEPOSE.connections)
UPPER_BODY_POSE_CONNECTIONS = frozenset(
    edge for edge in BLAZEPOSE.connections if max(edge) < UPPER_BODY
)
