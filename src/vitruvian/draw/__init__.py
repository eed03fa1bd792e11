"""Drawing of poses: `overlay` draws them on a frame, `style` selects what is drawn."""
