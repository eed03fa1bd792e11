"""The engine: from a frame to the people in it."""
