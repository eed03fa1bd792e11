/* Copies of images from turned and mirrored views. */
#include "sampling.h"

#include <string.h>

#define TILE 32 /* a tile of a turned view touches 32 rows of the image, which stay in the cache */

static int smaller(int a, int b) { return a < b ? a : b; }

static void copy_tile(const Image *im, int top, int left, int bottom, int right, uint8_t *out)
{
    for (int y = top; y < bottom; y++) {
        const uint8_t *from = im->data + y * im->row + left * im->pixel;
        uint8_t *to = out + ((size_t)y * im->width + left) * 3;
        for (int x = left; x < right; x++, from += im->pixel, to += 3) {
            to[0] = from[0];
            to[1] = from[im->channel];
            to[2] = from[2 * im->channel];
        }
    }
}

void copy_image(const Image *im, uint8_t *out)
{
    if (im->pixel == 3 && im->channel == 1) {
        for (int y = 0; y < im->height; y++)
            memcpy(out + (size_t)y * im->width * 3, im->data + y * im->row, (size_t)im->width * 3);
        return;
    }
    for (int y = 0; y < im->height; y += TILE)
        for (int x = 0; x < im->width; x += TILE)
            copy_tile(im, y, x, smaller(y + TILE, im->height), smaller(x + TILE, im->width), out);
}
