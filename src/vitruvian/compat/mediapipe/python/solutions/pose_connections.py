"""The connections that a drawing of a pose shows."""

from vitruvian.core.skeleton import BLAZEPOSE

__all__ = ["POSE_CONNECTIONS", "UPPER_BODY_POSE_CONNECTIONS"]

UPPER_BODY = 25  # landmarks from the nose to the hips; MediaPipe to 0.8.3, ``upper_body_only``

POSE_CONNECTIONS = frozenset(BLAZEPOSE.connections)
UPPER_BODY_POSE_CONNECTIONS = frozenset(
    edge for edge in BLAZEPOSE.connections if max(edge) < UPPER_BODY
)
