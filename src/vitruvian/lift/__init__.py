"""Camera-space 3D: from one camera, and from several."""
