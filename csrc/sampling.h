/* Sampling of images: crops of networks, masks, orientation. Nothing here knows Python. */
#ifndef VITRUVIAN_SAMPLING_H
#define VITRUVIAN_SAMPLING_H

#include <stddef.h>
#include <stdint.h>

#define MAX_SIDE 32766 /* longest side of an image, px: OpenCV, imgwarp.cpp, below SHRT_MAX */

/* Pixels of three bytes; strides in bytes, of any sign. */
typedef struct {
    const uint8_t *data;
    ptrdiff_t row, pixel, channel;
    int width, height;
} Image;

/* A rotated box in an image: centre and size in px, clockwise degrees. */
typedef struct {
    float x, y, width, height, degrees;
} Box;

/* Fill the row-major (3, 3) matrix from a square crop of `side` px to `box`. */
void image_from_crop(const Box *box, int side, double matrix[9]);

/* Fill the contiguous (side, side, 3) `crop` with the pixels of `image` at the positions that
 * `matrix` gives. Outside the image its edge is repeated, or pixels are 0. `use_simd` = 0 takes the
 * plain C path; the bytes are the same. */
void sample_crop(const Image *image, const double matrix[9], int repeat_edge, int use_simd,
                 uint8_t *crop, int side);

/* Fill the contiguous (height, width) `out` with bilinear samples of the (side, side) `mask` at the
 * positions that the row-major (2, 3) `matrix`, from px of `out` to px of `mask`, gives. Outside
 * the mask values are 0. */
void sample_mask(const float *mask, int side, const double matrix[6], float *out, int width,
                 int height);

/* Fill `out` with the mix of two masks: `ratio` of `previous` where `mask` is 0.5, none at 0 and
 * 1. All are contiguous, of `n` values. */
void blend_masks(const float *mask, const float *previous, float ratio, float *out, size_t n);

/* Copy `image`, which may be a turned or mirrored view, to the contiguous (height, width, 3) `out`. */
void copy_image(const Image *image, uint8_t *out);

/* Fill `out`, of (3 * height / 2, width), with the planes Y, U and V of a contiguous RGB image of
 * even sides: BT.601, limited range. The colour of 2 x 2 pixels is that of the upper left one. */
void i420_from_rgb(const uint8_t *rgb, int width, int height, uint8_t *out);

/* The name of the vector instructions that sample_crop uses here: "avx2", "neon" or "none". */
const char *simd_name(void);

#endif
