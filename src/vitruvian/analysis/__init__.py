"""What poses mean: angles, signs, movements."""
