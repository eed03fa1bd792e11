"""The engine: from one image to the poses in it."""
