"""Compare the NEON path of the crop with the plain C path and with x86-64, under emulation.

Needs Debian's packages gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user.

    python scripts/check_neon.py
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

CSRC = Path(__file__).resolve().parent.parent / "csrc"
FLAGS = ("-std=c11", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror")
BUILDS = {  # name: compiler, additional flags, command that runs the program
    "x86-64": ("gcc", (), ()),
    "aarch64": ("aarch64-linux-gnu-gcc", ("-static",), ("qemu-aarch64",)),
}
PROGRAM = r"""
#include "sampling.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 88172645463325252u;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static float uniform(float low, float high)
{
    return low + (high - low) * (float)(next() >> 8) / 16777216.0f;
}

int main(void)
{
    static const int sizes[][2] = {{640, 480}, {41, 300}, {1, 1}, {3, 5}, {700, 2}};
    static const int sides[] = {256, 224, 65, 17};
    uint64_t digest = 14695981039346656037u;
    int n_different = 0;
    for (int i = 0; i < 2000; i++) {
        const int w = sizes[i % 5][0], h = sizes[i % 5][1], side = sides[i % 4];
        uint8_t *pixels = malloc((size_t)w * h * 3);
        uint8_t *crop = malloc((size_t)side * side * 3), *plain = malloc((size_t)side * side * 3);
        double matrix[9];
        for (int k = 0; k < w * h * 3; k++)
            pixels[k] = (uint8_t)next();
        const Image image = {pixels, 3 * w, 3, 1, w, h};
        const float size = i % 3 ? uniform(0.1f, 3.0f) * w : uniform(0.01f, 9000.0f);
        const Box box = {uniform(-0.3f, 1.3f) * w, uniform(-0.3f, 1.3f) * h, size, size,
                         uniform(-180, 180)};
        image_from_crop(&box, side, matrix);
        sample_crop(&image, matrix, i & 1, 1, crop, side);
        sample_crop(&image, matrix, i & 1, 0, plain, side);
        n_different += memcmp(crop, plain, (size_t)side * side * 3) != 0;
        for (int k = 0; k < side * side * 3; k++)
            digest = (digest ^ crop[k]) * 1099511628211u;
        free(pixels);
        free(crop);
        free(plain);
    }
    printf("%s: %d of 2000 crops differ from plain C, digest %016llx\n", simd_name(), n_different,
           (unsigned long long)digest);
    return n_different != 0;
}
"""


def main() -> None:
    """Build and run the program for both processors, and compare what it prints."""
    digests = set()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "crops.c"
        source.write_text(PROGRAM)
        for name, (compiler, flags, runner) in BUILDS.items():
            program = str(source.with_suffix(f".{name}"))
            files = [str(source), str(CSRC / "crop.c"), f"-I{CSRC}", "-o", program, "-lm"]
            subprocess.run([compiler, *FLAGS, *flags, *files], check=True)
            done = subprocess.run([*runner, program], check=True, capture_output=True, text=True)
            print(f"{name}, {done.stdout.strip()}")
            digests.add(done.stdout.split()[-1])
    if len(digests) != 1:
        sys.exit("the processors give different crops")


if __name__ == "__main__":
    main()
