/* Segmentation masks: projection to the image, and smoothing over time. */
#include "sampling.h"

#include <math.h>
#include <string.h>

/* OpenCV, imgwarp.cpp, warpAffine: positions are computed in 1/1024 px and used in 1/32 px. */
#define FINE 1024
#define ROUND_TO_STEP 16

static int64_t fine(double v)
{
    if (!(v > -2147483648.0)) /* also NaN */
        return INT32_MIN;
    return v < 2147483647.0 ? (int64_t)rint(v) : INT32_MAX;
}

static float value(const float *mask, int side, int64_t x, int64_t y)
{
    return x >= 0 && x < side && y >= 0 && y < side ? mask[y * side + x] : 0.0f;
}

/* Source: OpenCV, imgwarp.cpp, remapBilinear with weights of float32. */
static float bilinear(const float *mask, int side, int64_t px, int64_t py)
{
    const int64_t x = px >> 5, y = py >> 5;
    const float fx = (float)(px & 31) * (1 / 32.0f), fy = (float)(py & 31) * (1 / 32.0f);
    const float w00 = (1 - fy) * (1 - fx), w01 = (1 - fy) * fx, w10 = fy * (1 - fx), w11 = fy * fx;
    if (x >= 0 && x < side - 1 && y >= 0 && y < side - 1) {
        const float *a = mask + y * side + x, *b = a + side;
        return a[0] * w00 + a[1] * w01 + b[0] * w10 + b[1] * w11;
    }
    return value(mask, side, x, y) * w00 + value(mask, side, x + 1, y) * w01 +
           value(mask, side, x, y + 1) * w10 + value(mask, side, x + 1, y + 1) * w11;
}

/* Narrow the columns [*from, *to) to those whose position along one axis may lie in the mask. The
 * position at column x is `start + slope * x`, px of the mask. */
static void narrow(double start, double slope, int side, int *from, int *to)
{
    const double low = -2, high = side + 1; /* one px more on both sides than bilinear reaches */
    if (!(fabs(slope) > 1e-12)) {
        if (!(start > low && start < high))
            *to = *from;
        return;
    }
    double a = (low - start) / slope, b = (high - start) / slope;
    if (a > b) {
        const double t = a;
        a = b;
        b = t;
    }
    if (!(a <= *to) || !(b >= *from)) {
        *to = *from;
        return;
    }
    if (a > *from)
        *from = (int)a;
    if (b < *to)
        *to = (int)b + 1 < *to ? (int)b + 1 : *to;
}

/* Columns whose positions are computed at once. */
#define PART 512

void sample_mask(const float *mask, int side, const double m[6], float *out, int width, int height)
{
    int64_t dx[PART], dy[PART];
    for (int first = 0; first < width; first += PART) {
        const int end = width - first < PART ? width : first + PART;
        for (int x = first; x < end; x++) {
            dx[x - first] = fine(m[0] * x * FINE);
            dy[x - first] = fine(m[3] * x * FINE);
        }
        for (int y = 0; y < height; y++) {
            const double x0 = m[1] * y + m[2], y0 = m[4] * y + m[5];
            const int64_t fx = fine(x0 * FINE) + ROUND_TO_STEP, fy = fine(y0 * FINE) + ROUND_TO_STEP;
            float *row = out + (size_t)y * width;
            int from = first, to = end;
            narrow(x0, m[0], side, &from, &to);
            narrow(y0, m[3], side, &from, &to);
            if (from >= to)
                from = to = first;
            memset(row + first, 0, (size_t)(from - first) * sizeof *row);
            for (int x = from; x < to; x++)
                row[x] = bilinear(mask, side, (fx + dx[x - first]) >> 5, (fy + dy[x - first]) >> 5);
            memset(row + to, 0, (size_t)(end - to) * sizeof *row);
        }
    }
}

/* Source: MediaPipe, segmentation_smoothing_calculator.cc, c5 to c1. */
void blend_masks(const float *mask, const float *previous, float ratio, float *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        float x = mask[i] - 0.5f;
        x *= x;
        float certainty = x * -624.717f;
        certainty = (certainty + 291.309f) * x;
        certainty = (certainty + -57.8051f) * x;
        certainty = (certainty + -0.748699f) * x;
        certainty = (certainty + 5.68842f) * x;
        const float weight = (1 - (certainty < 1 ? certainty : 1)) * ratio;
        out[i] = (previous[i] - mask[i]) * weight + mask[i];
    }
}
