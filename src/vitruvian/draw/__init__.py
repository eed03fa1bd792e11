"""Poses as pixels: `overlay` draws them on their frame, `style` says what of them."""
