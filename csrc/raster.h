/* Anti-aliased shapes on an RGB image, by coverage: the share of a pixel that a shape covers is taken
 * from the distance of the pixel's centre to the edge of the shape, over a ramp of 1 px. Pixel (x, y)
 * has its centre at (x, y). Nothing here knows Python; the NumPy twin is draw/raster.py. */
#ifndef VITRUVIAN_RASTER_H
#define VITRUVIAN_RASTER_H

#include <stddef.h>
#include <stdint.h>

#define MAX_CANVAS_SIDE (1 << 29) /* px */
#define FARTHEST 1e9              /* px; coordinates farther outside are moved here */

/* The contiguous (height, width, 3) pixels of an image of any sides up to MAX_CANVAS_SIDE. */
typedef struct {
    uint8_t *pixels;
    int width, height;
} Canvas;

typedef struct {
    uint8_t red, green, blue, alpha;
} Paint;

/* Paint `n` lines with round ends, rows of x0, y0, x1, y1, radius. Where lines overlap, the largest
 * coverage counts, so that a joint is not darker than the lines. A line from a point to itself is a
 * disc. Lines with a value that is not finite, or without a positive radius, are left out. Return 0,
 * or -1 if there is no memory. */
int paint_lines(const Canvas *canvas, const double *lines, size_t n, Paint paint);

/* Paint a box with round corners: x0, y0, x1, y1, radius. Return as paint_lines. */
int paint_box(const Canvas *canvas, const double box[5], Paint paint);

/* Paint where the contiguous (height, width) coverage `stamp` is not 0; its top left pixel lies at
 * (x, y), which may be outside. */
void paint_stamp(const Canvas *canvas, const uint8_t *stamp, int width, int height, int x, int y,
                 Paint paint);

/* Paint where the contiguous `mask` of the size of the canvas is above 0.5. The coverage is full from
 * 0.625. */
void paint_mask(const Canvas *canvas, const float *mask, Paint paint);

#endif
