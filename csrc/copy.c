/* Copies of images from turned and mirrored views. */
#include "sampling.h"

#include <string.h>

#define TILE 32 /* a tile of a turned view touches 32 rows of the image, which stay in the cache */

static int smaller(int a, int b) { return a < b ? a : b; }

/* `pixel` and `channel` are constants where the call is, so that the loop is made for them. */
static inline void copy_row(const uint8_t *from, ptrdiff_t pixel, ptrdiff_t channel, int n,
                            uint8_t *restrict to)
{
    for (int x = 0; x < n; x++, from += pixel, to += 3) {
        const uint8_t r = from[0], g = from[channel], b = from[2 * channel];
        to[0] = r;
        to[1] = g;
        to[2] = b;
    }
}

static void copy_tile(const Image *im, int top, int left, int bottom, int right, uint8_t *out)
{
    for (int y = top; y < bottom; y++) {
        const uint8_t *from = im->data + y * im->row + left * im->pixel;
        uint8_t *to = out + ((size_t)y * im->width + left) * 3;
        if (im->pixel == -3 && im->channel == 1)
            copy_row(from, -3, 1, right - left, to);
        else if (im->pixel == 3 && im->channel == -1)
            copy_row(from, 3, -1, right - left, to);
        else if (im->channel == 1)
            copy_row(from, im->pixel, 1, right - left, to);
        else
            copy_row(from, im->pixel, im->channel, right - left, to);
    }
}

void copy_image(const Image *im, uint8_t *out)
{
    if (im->pixel == 3 && im->channel == 1) {
        for (int y = 0; y < im->height; y++)
            memcpy(out + (size_t)y * im->width * 3, im->data + y * im->row, (size_t)im->width * 3);
        return;
    }
    const int across = im->pixel == 3 || im->pixel == -3 ? im->width : TILE;
    for (int y = 0; y < im->height; y += TILE)
        for (int x = 0; x < im->width; x += across)
            copy_tile(im, y, x, smaller(y + TILE, im->height), smaller(x + across, im->width), out);
}
