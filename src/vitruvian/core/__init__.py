"""Values and mathematics, NumPy only: what every other part of the package speaks."""
