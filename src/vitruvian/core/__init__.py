"""Values and mathematics, with NumPy only, which every other part of the package uses."""
