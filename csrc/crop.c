/* Crops, sampled by the fixed-point warpPerspective of OpenCV 4.0 to 4.13, equal to the bit.
 *
 * Positions are in 1/32 px and weights in 1/1024, so every value is an exact integer. All paths
 * (AVX2, NEON, plain C) give the same bytes. Compile without contraction of a * b + c. */
#include "sampling.h"

#include <math.h>
#include <string.h>

#if (defined(__x86_64__) || defined(_M_X64)) && !defined(VITRUVIAN_PLAIN)
#define HAS_AVX2_PATH 1
#include <immintrin.h>
#ifdef _MSC_VER
#include <intrin.h>
#define TARGET_AVX2
#else
#define TARGET_AVX2 __attribute__((target("avx2")))
#endif
#elif (defined(__aarch64__) || defined(_M_ARM64)) && !defined(VITRUVIAN_PLAIN)
#define HAS_NEON_PATH 1
#include <arm_neon.h>
#endif

#define BLOCK 64 /* OpenCV, imgwarp.cpp: a row is computed in blocks of at most 64 columns */
#define STRIP 8  /* rows of a crop whose pixels are brought into the cache at once */
#define MAX_STEP 8 /* image px between two pixels of the crop, above which this does not pay */

/* Source: OpenCV 4.0 to 4.13, RotatedRect::points; later versions round in another order. */
static void box_corners(const Box *box, float corners[4][2])
{
    const double angle = (double)box->degrees * 3.141592653589793 / 180;
    const float b = (float)cos(angle) * 0.5f, a = (float)sin(angle) * 0.5f;
    const float x = box->x, y = box->y, w = box->width, h = box->height;
    corners[0][0] = x - a * h - b * w;
    corners[0][1] = y + b * h - a * w;
    corners[1][0] = x + a * h - b * w;
    corners[1][1] = y - b * h - a * w;
    corners[2][0] = 2 * x - corners[0][0];
    corners[2][1] = 2 * y - corners[0][1];
    corners[3][0] = 2 * x - corners[1][0];
    corners[3][1] = 2 * y - corners[1][1];
}

/* Solve a x = b by elimination with partial pivoting; return 0 if `a` is singular.
 * Source: OpenCV, matrix_decomp.cpp, LUImpl. */
static int solve8(double a[8][8], double b[8])
{
    for (int i = 0; i < 8; i++) {
        int k = i;
        for (int j = i + 1; j < 8; j++)
            if (fabs(a[j][i]) > fabs(a[k][i]))
                k = j;
        if (fabs(a[k][i]) < 2.220446049250313e-14) /* 100 * DBL_EPSILON */
            return 0;
        if (k != i) {
            for (int j = i; j < 8; j++) {
                const double t = a[i][j];
                a[i][j] = a[k][j];
                a[k][j] = t;
            }
            const double t = b[i];
            b[i] = b[k];
            b[k] = t;
        }
        const double d = -1 / a[i][i];
        for (int j = i + 1; j < 8; j++) {
            const double alpha = a[j][i] * d;
            for (int c = i + 1; c < 8; c++)
                a[j][c] += alpha * a[i][c];
            b[j] += alpha * b[i];
        }
    }
    for (int i = 7; i >= 0; i--) {
        double s = b[i];
        for (int c = i + 1; c < 8; c++)
            s -= a[i][c] * b[c];
        b[i] = s / a[i][i];
    }
    return 1;
}

/* Source: OpenCV, lapack.cpp, invert, 3x3; all 0 if `m` is singular. */
static void invert3(const double m[9], double out[9])
{
    double d = m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6]) +
               m[2] * (m[3] * m[7] - m[4] * m[6]);
    if (d == 0) {
        memset(out, 0, 9 * sizeof *out);
        return;
    }
    d = 1 / d;
    out[0] = (m[4] * m[8] - m[5] * m[7]) * d;
    out[1] = (m[2] * m[7] - m[1] * m[8]) * d;
    out[2] = (m[1] * m[5] - m[2] * m[4]) * d;
    out[3] = (m[5] * m[6] - m[3] * m[8]) * d;
    out[4] = (m[0] * m[8] - m[2] * m[6]) * d;
    out[5] = (m[2] * m[3] - m[0] * m[5]) * d;
    out[6] = (m[3] * m[7] - m[4] * m[6]) * d;
    out[7] = (m[1] * m[6] - m[0] * m[7]) * d;
    out[8] = (m[0] * m[4] - m[1] * m[3]) * d;
}

void image_from_crop(const Box *box, int side, double matrix[9])
{
    /* Source: OpenCV, imgwarp.cpp, getPerspectiveTransform. */
    const float s = (float)side, target[4][2] = {{0, s}, {0, 0}, {s, 0}, {s, s}};
    float corners[4][2];
    double a[8][8], b[8], crop_from_image[9] = {0};
    box_corners(box, corners);
    for (int i = 0; i < 4; i++) {
        /* Products of float32, as there. */
        const float x = corners[i][0], y = corners[i][1], u = target[i][0], v = target[i][1];
        const double rows[2][8] = {{x, y, 1, 0, 0, 0, -x * u, -y * u},
                                   {0, 0, 0, x, y, 1, -x * v, -y * v}};
        memcpy(a[i], rows[0], sizeof rows[0]);
        memcpy(a[i + 4], rows[1], sizeof rows[1]);
        b[i] = u;
        b[i + 4] = v;
    }
    if (solve8(a, b))
        memcpy(crop_from_image, b, sizeof b);
    crop_from_image[8] = 1;
    invert3(crop_from_image, matrix);
}

/* ------------------------------------------------------------------ positions of one row */

/* The rows of a crop are sampled in parts of this many columns, a multiple of BLOCK. */
#define PART 256

typedef struct {
    int32_t x[PART], y[PART]; /* 1/32 px */
} Positions;

static int32_t position(double v)
{
    if (!(v > -2147483648.0)) /* also NaN */
        return INT32_MIN;
    return v < 2147483647.0 ? (int32_t)rint(v) : INT32_MAX;
}

/* Fill the positions of columns `first` to `first + n`. OpenCV multiplies by the column within a
 * block, which decides the last bit. */
static void positions_plain(const double m[9], int y, int first, int n, Positions *p)
{
    for (int i = 0; i < n; i++) {
        const int k = (first + i) % BLOCK, base = first + i - k;
        const double w = (m[6] * base + m[7] * y + m[8]) + m[6] * k, q = w != 0 ? 32 / w : 0;
        p->x[i] = position(((m[0] * base + m[1] * y + m[2]) + m[0] * k) * q);
        p->y[i] = position(((m[3] * base + m[4] * y + m[5]) + m[3] * k) * q);
    }
}

/* ------------------------------------------------------------------ one pixel, anywhere */

static int clamped(int v, int last) { return v < 0 ? 0 : v > last ? last : v; }

/* A pixel at the edge of the image, or outside of it. */
static void sample_edge(const Image *im, int32_t px, int32_t py, int repeat_edge, uint8_t *out)
{
    const int x = px >> 5, y = py >> 5, fx = px & 31, fy = py & 31;
    if (!repeat_edge && (x < -1 || y < -1 || x >= im->width || y >= im->height)) {
        out[0] = out[1] = out[2] = 0;
        return;
    }
    const int x0 = clamped(x, im->width - 1), x1 = clamped(x + 1, im->width - 1);
    const int y0 = clamped(y, im->height - 1), y1 = clamped(y + 1, im->height - 1);
    int w00 = (32 - fx) * (32 - fy), w01 = fx * (32 - fy), w10 = (32 - fx) * fy, w11 = fx * fy;
    if (!repeat_edge) { /* what was moved to the edge counts as 0 */
        const int left = x == x0, right = x + 1 == x1, top = y == y0, bottom = y + 1 == y1;
        w00 *= left && top;
        w01 *= right && top;
        w10 *= left && bottom;
        w11 *= right && bottom;
    }
    const uint8_t *a = im->data + y0 * im->row, *b = im->data + y1 * im->row;
    const ptrdiff_t i0 = x0 * im->pixel, i1 = x1 * im->pixel;
    for (int c = 0; c < 3; c++, a += im->channel, b += im->channel)
        out[c] = (uint8_t)((a[i0] * w00 + a[i1] * w01 + b[i0] * w10 + b[i1] * w11 + 512) >> 10);
}

static void sample_pixel(const Image *im, int32_t px, int32_t py, int repeat_edge, uint8_t *out)
{
    const int x = px >> 5, y = py >> 5, fx = px & 31, fy = py & 31;
    if ((unsigned)x >= (unsigned)(im->width - 1) || (unsigned)y >= (unsigned)(im->height - 1)) {
        sample_edge(im, px, py, repeat_edge, out);
        return;
    }
    const uint8_t *a = im->data + y * im->row + x * im->pixel, *b = a + im->row;
    for (int c = 0; c < 3; c++, a += im->channel, b += im->channel)
        out[c] = (uint8_t)(((a[0] * (32 - fx) + a[im->pixel] * fx) * (32 - fy) +
                            (b[0] * (32 - fx) + b[im->pixel] * fx) * fy + 512) >> 10);
}

/* ------------------------------------------------------------------ AVX2 */

#ifdef HAS_AVX2_PATH
TARGET_AVX2 static __m128i positions4(__m256d base, __m256d step, __m256d k, __m256d q)
{
    const __m256d v = _mm256_mul_pd(_mm256_add_pd(base, _mm256_mul_pd(step, k)), q);
    const __m256d high = _mm256_min_pd(_mm256_set1_pd(2147483647.0), v); /* NaN passes through */
    return _mm256_cvtpd_epi32(high); /* too low, and NaN, give INT32_MIN */
}

/* `first` is a multiple of BLOCK; `n` columns, which may be fewer at the end of a row. */
TARGET_AVX2 static void positions_avx2(const double m[9], int y, int first, int n, Positions *p)
{
    const __m256d scale = _mm256_set1_pd(32), zero = _mm256_setzero_pd();
    const __m256d mx = _mm256_set1_pd(m[0]), my = _mm256_set1_pd(m[3]), mw = _mm256_set1_pd(m[6]);
    for (int block = 0; block < n; block += BLOCK) {
        const int base = first + block;
        const __m256d x0 = _mm256_set1_pd(m[0] * base + m[1] * y + m[2]);
        const __m256d y0 = _mm256_set1_pd(m[3] * base + m[4] * y + m[5]);
        const __m256d w0 = _mm256_set1_pd(m[6] * base + m[7] * y + m[8]);
        __m256d k = _mm256_setr_pd(0, 1, 2, 3);
        for (int i = block; i < n && i < block + BLOCK; i += 4) {
            const __m256d w = _mm256_add_pd(w0, _mm256_mul_pd(mw, k));
            const __m256d is_zero = _mm256_cmp_pd(w, zero, _CMP_EQ_OQ);
            const __m256d q = _mm256_andnot_pd(is_zero, _mm256_div_pd(scale, w));
            _mm_storeu_si128((__m128i *)(p->x + i), positions4(x0, mx, k, q));
            _mm_storeu_si128((__m128i *)(p->y + i), positions4(y0, my, k, q));
            k = _mm256_add_pd(k, _mm256_set1_pd(4));
        }
    }
}

/* Pixels of an interior position and its right neighbour, two rows, as
 * r00 r01 r10 r11 g00 g01 g10 g11 b00 b01 b10 b11 before the shuffle into this order. */
TARGET_AVX2 static __m128i four_taps(const uint8_t *a, const uint8_t *b)
{
    return _mm_unpacklo_epi64(_mm_loadl_epi64((const __m128i *)a),
                              _mm_loadl_epi64((const __m128i *)b));
}

TARGET_AVX2 static __m256i pair(__m128i low, __m128i high)
{
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/* Two pixels as 8 32-bit values, r g b and 0 each. */
TARGET_AVX2 static __m256i two_pixels(__m256i taps, __m256i across, __m256i down)
{
    const __m256i order = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, -1, -1, -1, -1));
    const __m256i rows = _mm256_maddubs_epi16(_mm256_shuffle_epi8(taps, order), across);
    const __m256i sum = _mm256_madd_epi16(rows, down);
    return _mm256_srli_epi32(_mm256_add_epi32(sum, _mm256_set1_epi32(512)), 10);
}

TARGET_AVX2 static void sample_avx2(const Image *im, const Positions *p, int n, int repeat_edge,
                                    uint8_t *out)
{
    /* Eight bytes are read from a pixel on: three pixels of its row must follow. */
    const __m256i right = _mm256_set1_epi32(im->width - 2), low = _mm256_set1_epi32(im->height - 1);
    const __m256i zero = _mm256_setzero_si256(), one = _mm256_set1_epi32(1);
    const __m256i minus = _mm256_set1_epi32(-1), fraction = _mm256_set1_epi32(31);
    const __m256i full = _mm256_set1_epi32(32);
    const __m256i packed = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
    int i = 0;
    for (; i + 8 <= n; i += 8) {
        const __m256i px = _mm256_loadu_si256((const __m256i *)(p->x + i));
        const __m256i py = _mm256_loadu_si256((const __m256i *)(p->y + i));
        const __m256i x = _mm256_srai_epi32(px, 5), y = _mm256_srai_epi32(py, 5);
        const __m256i y0 = _mm256_max_epi32(_mm256_min_epi32(y, low), zero);
        const __m256i y1 = _mm256_max_epi32(_mm256_min_epi32(_mm256_add_epi32(y, one), low), zero);
        __m256i inside =
            _mm256_and_si256(_mm256_cmpgt_epi32(x, minus), _mm256_cmpgt_epi32(right, x));
        if (!repeat_edge) /* else rows above and below are those at the edge */
            inside = _mm256_and_si256(inside, _mm256_and_si256(_mm256_cmpgt_epi32(y, minus),
                                                               _mm256_cmpgt_epi32(low, y)));
        if (_mm256_movemask_epi8(inside) != -1) {
            for (int k = i; k < i + 8; k++)
                sample_pixel(im, p->x[k], p->y[k], repeat_edge, out + 3 * k);
            continue;
        }
        int32_t xs[8], tops[8], bottoms[8], across[8], down[8];
        const __m256i fx = _mm256_and_si256(px, fraction), fy = _mm256_and_si256(py, fraction);
        const __m256i ax = _mm256_or_si256(_mm256_sub_epi32(full, fx), _mm256_slli_epi32(fx, 8));
        const __m256i ay = _mm256_or_si256(_mm256_sub_epi32(full, fy), _mm256_slli_epi32(fy, 16));
        _mm256_storeu_si256((__m256i *)xs, x);
        _mm256_storeu_si256((__m256i *)tops, y0);
        _mm256_storeu_si256((__m256i *)bottoms, y1);
        _mm256_storeu_si256((__m256i *)across, _mm256_or_si256(ax, _mm256_slli_epi32(ax, 16)));
        _mm256_storeu_si256((__m256i *)down, ay);
        for (int k = 0; k < 8; k += 4) {
            __m256i halves[2];
            for (int h = 0; h < 2; h++) {
                const int j = k + 2 * h;
                const uint8_t *a = im->data + 3 * (ptrdiff_t)xs[j];
                const uint8_t *b = im->data + 3 * (ptrdiff_t)xs[j + 1];
                halves[h] = two_pixels(
                    pair(four_taps(a + tops[j] * im->row, a + bottoms[j] * im->row),
                         four_taps(b + tops[j + 1] * im->row, b + bottoms[j + 1] * im->row)),
                    pair(_mm_set1_epi32(across[j]), _mm_set1_epi32(across[j + 1])),
                    pair(_mm_set1_epi32(down[j]), _mm_set1_epi32(down[j + 1])));
            }
            /* Lanes hold pixels 0 and 2, 1 and 3; then bytes in order 0 2 . . | 1 3 . . */
            const __m256i words = _mm256_packus_epi32(halves[0], halves[1]);
            const __m256i bytes = _mm256_packus_epi16(words, words);
            const __m128i four = _mm_unpacklo_epi32(_mm256_castsi256_si128(bytes),
                                                    _mm256_extracti128_si256(bytes, 1));
            const __m128i rgb = _mm_shuffle_epi8(four, _mm256_castsi256_si128(packed));
            uint8_t *to = out + 3 * (i + k);
            const uint32_t tail = (uint32_t)_mm_extract_epi32(rgb, 2);
            _mm_storel_epi64((__m128i *)to, rgb);
            memcpy(to + 8, &tail, 4);
        }
    }
    for (; i < n; i++)
        sample_pixel(im, p->x[i], p->y[i], repeat_edge, out + 3 * i);
}

static int has_avx2(void)
{
#ifdef _MSC_VER
    int r[4];
    __cpuid(r, 1);
    if ((r[2] & (1 << 27 | 1 << 28)) != (1 << 27 | 1 << 28) || (_xgetbv(0) & 6) != 6)
        return 0;
    __cpuidex(r, 7, 0);
    return r[1] >> 5 & 1;
#else
    return __builtin_cpu_supports("avx2") != 0;
#endif
}
#endif

/* ------------------------------------------------------------------ NEON */

#ifdef HAS_NEON_PATH
static void sample_neon(const Image *im, const Positions *p, int n, int repeat_edge, uint8_t *out)
{
    static const uint8_t order_bytes[16] = {0, 3, 8, 11, 1, 4, 9, 12, 2, 5, 10, 13, 255, 255, 255, 255};
    const uint8x16_t order = vld1q_u8(order_bytes);
    for (int i = 0; i < n; i++, out += 3) {
        const int x = p->x[i] >> 5, y = p->y[i] >> 5, fx = p->x[i] & 31, fy = p->y[i] & 31;
        if (x < 0 || x >= im->width - 2 || y < 0 || y >= im->height - 1) {
            sample_pixel(im, p->x[i], p->y[i], repeat_edge, out);
            continue;
        }
        const uint8_t *a = im->data + y * im->row + 3 * (ptrdiff_t)x;
        const uint8x16_t taps = vqtbl1q_u8(vcombine_u8(vld1_u8(a), vld1_u8(a + im->row)), order);
        const uint8x8_t across = vreinterpret_u8_u16(vdup_n_u16((uint16_t)((32 - fx) | fx << 8)));
        const uint16x8_t rows = vpaddq_u16(vmull_u8(vget_low_u8(taps), across),
                                           vmull_u8(vget_high_u8(taps), across));
        const uint16x4_t down =
            vreinterpret_u16_u32(vdup_n_u32((uint32_t)((32 - fy) | fy << 16)));
        const uint32x4_t rgb = vrshrq_n_u32(vpaddq_u32(vmull_u16(vget_low_u16(rows), down),
                                                       vmull_u16(vget_high_u16(rows), down)), 10);
        out[0] = (uint8_t)vgetq_lane_u32(rgb, 0);
        out[1] = (uint8_t)vgetq_lane_u32(rgb, 1);
        out[2] = (uint8_t)vgetq_lane_u32(rgb, 2);
    }
}
#endif

/* ------------------------------------------------------------------ the crop */

/* The part of the image whose memory was read in advance: whole rows from `top` to `bottom`. */
typedef struct {
    int left, right, top, bottom;
} Touched;

static int smaller(int a, int b) { return a < b ? a : b; }
static int larger(int a, int b) { return a > b ? a : b; }

/* Widen a range of columns, or of rows, to the pixels at the left and right end of a crop's row. */
static void widen(const double m[9], int axis, int side, int y, int length, int *low, int *high)
{
    for (int k = 0; k < 2; k++) {
        const int x = k * (side - 1);
        const double w = m[6] * x + m[7] * y + m[8], q = w != 0 ? 32 / w : 0;
        const double v = m[3 * axis] * x + m[3 * axis + 1] * y + m[3 * axis + 2];
        const int at = clamped(position(v * q) >> 5, length - 1);
        *low = smaller(*low, at);
        *high = larger(*high, smaller(at + 2, length));
    }
}

static void touch_rows(const Image *im, const Touched *t, int top, int bottom)
{
    for (int y = top; y < bottom; y++) {
        const volatile uint8_t *row = im->data + y * im->row;
        for (int i = 3 * t->left; i < 3 * t->right; i += 64)
            (void)row[i];
    }
}

/* Read the memory of the rows of the image that the crop's rows `y` to `y + STRIP` need. Read in
 * order and completely, memory comes several times as fast as pixel by pixel in steps. */
static void touch(const Image *im, const double m[9], int side, int y, Touched *t)
{
    int low = im->height, high = 0;
    widen(m, 1, side, y, im->height, &low, &high);
    widen(m, 1, side, smaller(y + STRIP, side - 1), im->height, &low, &high);
    if (t->top >= t->bottom) { /* the first rows */
        t->top = t->bottom = low;
        widen(m, 0, side, 0, im->width, &t->left, &t->right);
        widen(m, 0, side, side - 1, im->width, &t->left, &t->right);
    }
    touch_rows(im, t, low, smaller(high, t->top));
    touch_rows(im, t, larger(low, t->bottom), high);
    t->top = smaller(t->top, low);
    t->bottom = larger(t->bottom, high);
}

static int has_vectors(void)
{
#ifdef HAS_AVX2_PATH
    return has_avx2();
#elif defined(HAS_NEON_PATH)
    return 1;
#else
    return 0;
#endif
}

static void fill_positions(int vectors, const double m[9], int y, int first, int n, Positions *p)
{
#ifdef HAS_AVX2_PATH
    if (vectors) {
        positions_avx2(m, y, first, n, p);
        return;
    }
#endif
    (void)vectors;
    positions_plain(m, y, first, n, p);
}

static void fill_pixels(int vectors, const Image *im, const Positions *p, int n, int repeat_edge,
                        uint8_t *out)
{
#ifdef HAS_AVX2_PATH
    if (vectors) {
        sample_avx2(im, p, n, repeat_edge, out);
        return;
    }
#elif defined(HAS_NEON_PATH)
    if (vectors) {
        sample_neon(im, p, n, repeat_edge, out);
        return;
    }
#endif
    (void)vectors;
    for (int i = 0; i < n; i++)
        sample_pixel(im, p->x[i], p->y[i], repeat_edge, out + 3 * i);
}

void sample_crop(const Image *image, const double matrix[9], int repeat_edge, int use_simd,
                 uint8_t *crop, int side)
{
    Positions positions;
    const int vectors = use_simd && image->pixel == 3 && image->channel == 1 && has_vectors();
    const int touches = vectors && hypot(matrix[0], matrix[3]) <= MAX_STEP * fabs(matrix[8]);
    Touched touched = {image->width, 0, 0, 0};
    for (int y = 0; y < side; y++) {
        if (touches && y % STRIP == 0)
            touch(image, matrix, side, y, &touched);
        for (int first = 0; first < side; first += PART) {
            const int n = side - first < PART ? side - first : PART;
            fill_positions(vectors, matrix, y, first, n, &positions);
            fill_pixels(vectors, image, &positions, n, repeat_edge,
                        crop + ((size_t)y * side + first) * 3);
        }
    }
}

const char *simd_name(void)
{
#ifdef HAS_AVX2_PATH
    return has_avx2() ? "avx2" : "none";
#elif defined(HAS_NEON_PATH)
    return "neon";
#else
    return "none";
#endif
}
