"""Model files: the published ones, how to find and fetch them, and their conversion to ONNX."""
