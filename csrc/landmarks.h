/* Landmarks: from the outputs of the landmark network to the image and the next region. Nothing here knows Python. */
#ifndef VITRUVIAN_LANDMARKS_H
#define VITRUVIAN_LANDMARKS_H

#define N_BODY 33      /* landmarks of the body */
#define N_USED 35      /* those and two auxiliary ones, which give the next region */
#define N_LAYERS 39    /* of the heat map; the last four are unused */
#define HEAT_SIDE 64   /* cells */
#define MAX_KERNEL 31  /* longest side of the window in the heat map, cells */

/* A rotated box in an image, and the size of the image: px, clockwise radians. */
typedef struct {
    double x, y, width, height, rotation;
    double image_width, image_height;
} Region;

/* Arrays to fill: (35, 3) image px; (33,) twice; (33, 3) m; (33,) image px. */
typedef struct {
    float *points, *visibility, *presence, *world, *spread_px;
} DecodedPose;

/* Decode the outputs of the network for one region: `raw` of (39, 5), `heatmap` of (64, 64, 39) and
 * `world` of (39, 3) values. `kernel` is odd, from 1 to MAX_KERNEL. Any value may be NaN. */
void decode_landmarks(const float *raw, const float *heatmap, const float *world, int kernel,
                      const Region *region, const DecodedPose *pose);

/* Return the side in px of the square around the person. `points` are the middle of the hips and the
 * point on the circle around the body: x, y of both. */
float alignment_side(const float points[4]);

/* Set `region` to the square around a whole person in an image of the size that is in it. Return 0
 * if the points do not define one. */
int region_from_alignment(const float points[4], Region *region);

#endif
