"""The connections of the pose skeleton."""

from vitruvian.core.skeleton import BLAZEPOSE

__all__ = ["POSE_CONNECTIONS", "UPPER_BODY_POSE_CONNECTIONS"]

UPPER_BODY = 25  # number of landmarks of head, arms and hips, which come first

POSE_CONNECTIONS = frozenset(BLAZEPOSE.connections)
UPPER_BODY_POSE_CONNECTIONS = frozenset(
    edge for edge in BLAZEPOSE.connections if max(edge) < UPPER_BODY
)
