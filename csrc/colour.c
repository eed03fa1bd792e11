/* RGB to the planes of yuv420p, in 32-bit integers as OpenCV: color_yuv.simd.hpp. */
#include "sampling.h"

#define SHIFT 20
#define BIAS(black) (((black) << SHIFT) + (1 << (SHIFT - 1)))

#if defined(__x86_64__) && defined(__GNUC__) && !defined(VITRUVIAN_PLAIN)
#define HAS_AVX2_COPY 1
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

/* A row of Y, and if `u` is not NULL, of U and V from every other pixel. */
INLINE void row(const uint8_t *rgb, int width, uint8_t *y, uint8_t *u, uint8_t *v)
{
    for (int x = 0; x < width; x++)
        y[x] = (uint8_t)((rgb[3 * x] * 269484 + rgb[3 * x + 1] * 528482 + rgb[3 * x + 2] * 102760 +
                          BIAS(16)) >> SHIFT);
    if (!u)
        return;
    for (int x = 0; x < width / 2; x++) {
        const int r = rgb[6 * x], g = rgb[6 * x + 1], b = rgb[6 * x + 2];
        u[x] = (uint8_t)((r * -155188 + g * -305135 + b * 460324 + BIAS(128)) >> SHIFT);
        v[x] = (uint8_t)((r * 460324 + g * -385875 + b * -74448 + BIAS(128)) >> SHIFT);
    }
}

INLINE void rows(const uint8_t *rgb, int width, int height, uint8_t *out)
{
    const size_t n = (size_t)width * height, half = (size_t)(width / 2);
    uint8_t *u = out + n, *v = u + n / 4;
    for (int y = 0; y < height; y++)
        row(rgb + (size_t)y * width * 3, width, out + (size_t)y * width,
            y % 2 ? NULL : u + y / 2 * half, v + y / 2 * half);
}

#ifdef HAS_AVX2_COPY
__attribute__((target("avx2"))) static void rows_avx2(const uint8_t *rgb, int width, int height,
                                                      uint8_t *out)
{
    rows(rgb, width, height, out);
}
#endif

void i420_from_rgb(const uint8_t *rgb, int width, int height, uint8_t *out)
{
#ifdef HAS_AVX2_COPY
    if (__builtin_cpu_supports("avx2")) {
        rows_avx2(rgb, width, height, out);
        return;
    }
#endif
    rows(rgb, width, height, out);
}
