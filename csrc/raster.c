/* Shapes by coverage: each shape fills a row of coverages, which is then blended into the image. */
#include "raster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 16 /* px that are blended together; 3 * BLOCK bytes fill whole vector registers */
#define MASK_THRESHOLD 0.5f
#define MASK_SLOPE 8.0f /* full coverage 1/8 above the threshold: a smooth edge */

/* A line of paint_lines; rows `top` to `bottom` of the canvas can have coverage. */
typedef struct {
    double x, y, dx, dy, inverse; /* of the squared length; 0 for a disc */
    double radius, reach;         /* reach: radius and half of the ramp */
    int top, bottom;
} Line;

static double clamped(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

static int smaller(int a, int b) { return a < b ? a : b; }
static int larger(int a, int b) { return a > b ? a : b; }

/* The first and last index from 0 to n - 1 in the range from `low` to `high`; empty if *from > *to.
 * One index more on each side is taken, as rounding may move the ends. */
static void index_range(double low, double high, int n, int *from, int *to)
{
    *from = (int)clamped(floor(low), 0, n);
    *to = (int)clamped(ceil(high), -1, n - 1);
}

static uint8_t coverage_at(double distance)
{
    return (uint8_t)(int)(clamped(0.5 - distance, 0, 1) * 255 + 0.5);
}

/* v / 255, rounded, for v from 0 to 255 * 255. */
static unsigned over_255(unsigned v) { return (v + 128 + ((v + 128) >> 8)) >> 8; }

static void blend_pixel(uint8_t *to, unsigned coverage, Paint paint)
{
    const unsigned w = over_255(coverage * paint.alpha), rest = 255 - w;
    to[0] = (uint8_t)over_255(to[0] * rest + paint.red * w);
    to[1] = (uint8_t)over_255(to[1] * rest + paint.green * w);
    to[2] = (uint8_t)over_255(to[2] * rest + paint.blue * w);
}

/* As blend_pixel for a block of pixels with full coverage; `added` is colour times alpha. */
static void blend_block(uint8_t *to, uint16_t rest, const uint16_t added[3 * BLOCK])
{
    for (int i = 0; i < 3 * BLOCK; i++) {
        const uint16_t v = (uint16_t)(to[i] * rest + added[i] + 128);
        to[i] = (uint8_t)((uint16_t)(v + (v >> 8)) >> 8);
    }
}

/* Blend `paint` into `n` pixels by their coverages, and set these to 0. */
static void blend_row(uint8_t *to, uint8_t *coverage, int n, Paint paint)
{
    static const uint8_t none[BLOCK] = {0};
    uint8_t full[BLOCK];
    uint16_t added[3 * BLOCK];
    memset(full, 255, sizeof full);
    for (int i = 0; i < BLOCK; i++) {
        added[3 * i] = (uint16_t)(paint.red * paint.alpha);
        added[3 * i + 1] = (uint16_t)(paint.green * paint.alpha);
        added[3 * i + 2] = (uint16_t)(paint.blue * paint.alpha);
    }
    for (int x = 0; x < n; x += BLOCK) {
        const int size = smaller(BLOCK, n - x);
        if (!memcmp(coverage + x, none, (size_t)size))
            continue;
        if (!memcmp(coverage + x, full, (size_t)size) && size == BLOCK)
            blend_block(to + 3 * (size_t)x, (uint16_t)(255 - paint.alpha), added);
        else
            for (int i = x; i < x + size; i++)
                if (coverage[i])
                    blend_pixel(to + 3 * (size_t)i, coverage[i], paint);
        memset(coverage + x, 0, (size_t)size);
    }
}

/* Prepare a line from its five numbers; return whether it can be seen. */
static int prepare_line(const double *numbers, int height, Line *line)
{
    double v[5];
    for (int i = 0; i < 5; i++) {
        v[i] = numbers[i];
        if (!isfinite(v[i]))
            return 0;
        v[i] = clamped(v[i], -FARTHEST, FARTHEST);
    }
    if (!(v[4] > 0))
        return 0;
    line->x = v[0];
    line->y = v[1];
    line->dx = v[2] - v[0];
    line->dy = v[3] - v[1];
    const double squared = line->dx * line->dx + line->dy * line->dy;
    line->inverse = squared > 0 ? 1 / squared : 0;
    if (!isfinite(line->inverse))
        line->inverse = 0;
    line->radius = v[4];
    line->reach = v[4] + 0.5;
    index_range((v[1] < v[3] ? v[1] : v[3]) - line->reach, (v[1] > v[3] ? v[1] : v[3]) + line->reach,
                height, &line->top, &line->bottom);
    return line->top <= line->bottom;
}

/* The columns of row y that can have coverage: those within reach of the part of the line whose
 * points are within reach of the row. */
static void line_columns(const Line *line, int y, int width, int *from, int *to)
{
    double a = 0, b = 1;
    if (line->dy != 0) {
        const double first = (y - line->reach - line->y) / line->dy;
        const double last = (y + line->reach - line->y) / line->dy;
        a = clamped(first < last ? first : last, 0, 1);
        b = clamped(first < last ? last : first, 0, 1);
    }
    a = line->x + a * line->dx;
    b = line->x + b * line->dx;
    index_range((a < b ? a : b) - line->reach - 1, (a < b ? b : a) + line->reach + 1, width, from, to);
}

static void cover_line(const Line *line, int y, int from, int to, uint8_t *coverage)
{
    const double py = y - line->y, along_y = py * line->dy;
    for (int x = from; x <= to; x++) {
        const double px = x - line->x;
        const double t = clamped((px * line->dx + along_y) * line->inverse, 0, 1);
        const double ex = px - t * line->dx, ey = py - t * line->dy;
        const uint8_t c = coverage_at(sqrt(ex * ex + ey * ey) - line->radius);
        coverage[x] = c > coverage[x] ? c : coverage[x];
    }
}

int paint_lines(const Canvas *canvas, const double *numbers, size_t n, Paint paint)
{
    int top = canvas->height, bottom = -1;
    size_t kept = 0;
    if (n == 0)
        return 0;
    Line *lines = calloc(n, sizeof *lines);
    uint8_t *coverage = calloc((size_t)canvas->width, 1);
    if (lines != NULL && coverage != NULL)
        for (size_t i = 0; i < n; i++)
            if (prepare_line(numbers + 5 * i, canvas->height, &lines[kept])) {
                top = smaller(top, lines[kept].top);
                bottom = larger(bottom, lines[kept].bottom);
                kept++;
            }
    for (int y = top; y <= bottom; y++) {
        int first = canvas->width, last = -1;
        for (size_t i = 0; i < kept; i++) {
            int from, to;
            if (y < lines[i].top || y > lines[i].bottom)
                continue;
            line_columns(&lines[i], y, canvas->width, &from, &to);
            if (from > to)
                continue;
            cover_line(&lines[i], y, from, to, coverage);
            first = smaller(first, from);
            last = larger(last, to);
        }
        if (first <= last)
            blend_row(canvas->pixels + ((size_t)y * canvas->width + first) * 3, coverage + first,
                      last - first + 1, paint);
    }
    const int result = lines != NULL && coverage != NULL ? 0 : -1;
    free(lines);
    free(coverage);
    return result;
}

int paint_box(const Canvas *canvas, const double box[5], Paint paint)
{
    double v[5];
    int left, right, top, bottom;
    for (int i = 0; i < 5; i++) {
        if (!isfinite(box[i]))
            return 0;
        v[i] = clamped(box[i], -FARTHEST, FARTHEST);
    }
    const double half_w = (v[2] - v[0]) / 2, half_h = (v[3] - v[1]) / 2;
    const double center_x = (v[0] + v[2]) / 2, center_y = (v[1] + v[3]) / 2;
    if (!(half_w > 0 && half_h > 0))
        return 0;
    const double radius = clamped(v[4], 0, half_w < half_h ? half_w : half_h);
    index_range(v[0] - 1, v[2] + 1, canvas->width, &left, &right);
    index_range(v[1] - 1, v[3] + 1, canvas->height, &top, &bottom);
    if (left > right || top > bottom)
        return 0;
    uint8_t *coverage = calloc((size_t)(right - left + 1), 1);
    if (coverage == NULL)
        return -1;
    for (int y = top; y <= bottom; y++) {
        const double qy = fabs(y - center_y) - (half_h - radius), oy = qy > 0 ? qy : 0;
        for (int x = left; x <= right; x++) {
            const double qx = fabs(x - center_x) - (half_w - radius), ox = qx > 0 ? qx : 0;
            const double inside = qx > qy ? qx : qy;
            const double distance = sqrt(ox * ox + oy * oy) + (inside < 0 ? inside : 0) - radius;
            coverage[x - left] = coverage_at(distance);
        }
        blend_row(canvas->pixels + ((size_t)y * canvas->width + left) * 3, coverage,
                  right - left + 1, paint);
    }
    free(coverage);
    return 0;
}

void paint_stamp(const Canvas *canvas, const uint8_t *stamp, int width, int height, int x, int y,
                 Paint paint)
{
    const int64_t right = (int64_t)x + width, bottom = (int64_t)y + height;
    const int64_t end_x = right < canvas->width ? right : canvas->width;
    const int64_t end_y = bottom < canvas->height ? bottom : canvas->height;
    for (int64_t row = y > 0 ? y : 0; row < end_y; row++) {
        uint8_t *to = canvas->pixels + (size_t)row * canvas->width * 3;
        const uint8_t *from = stamp + (size_t)(row - y) * width;
        for (int64_t column = x > 0 ? x : 0; column < end_x; column++)
            if (from[column - x])
                blend_pixel(to + column * 3, from[column - x], paint);
    }
}

/* Fill `coverage` from a row of the mask; return whether there is any. */
static int cover_mask(const float *mask, int n, uint8_t *coverage)
{
    int any = 0;
    for (int x = 0; x < n; x++)
        any |= mask[x] > MASK_THRESHOLD;
    if (any)
        for (int x = 0; x < n; x++) {
            float v = (mask[x] - MASK_THRESHOLD) * MASK_SLOPE;
            v = v > 0 ? v : 0; /* also NaN */
            v = v < 1 ? v : 1;
            coverage[x] = (uint8_t)(int)(v * 255 + 0.5f);
        }
    return any;
}

void paint_mask(const Canvas *canvas, const float *mask, Paint paint)
{
    enum { SPAN = 256 }; /* px that are looked at together; most of a mask is empty */
    uint8_t coverage[SPAN] = {0};
    const size_t total = (size_t)canvas->width * canvas->height;
    for (size_t i = 0; i < total; i += SPAN) {
        const int n = total - i < SPAN ? (int)(total - i) : SPAN;
        if (cover_mask(mask + i, n, coverage))
            blend_row(canvas->pixels + 3 * i, coverage, n, paint);
    }
}
