/* Landmarks from the outputs of the landmark network, and the region that follows from them. The
 * NumPy twins and the sources of the algorithms are in engine/landmarker.py and engine/warp.py; the
 * order of operations is the same. */
#include "landmarks.h"

#include <math.h>

#define CROP_SIDE 256.0f
#define MIN_LOGIT -1.78813934e-7f /* of the heat that moves a landmark: see engine/landmarker.py */
#define EXPANSION 1.25f
#define PI 3.141592653589793
#define OUTSIDE -1000 /* a cell whose window does not touch the heat map */

static float sigmoid(float logit)
{
    return 1 / (1 + expf(-(logit < -80 ? -80 : logit))); /* NaN stays NaN */
}

/* The cell of a position, rounded towards zero. */
static int cell_of(float position)
{
    return position > -HEAT_SIDE && position < 2 * HEAT_SIDE ? (int)position : OUTSIDE;
}

/* Return the mean square distance along one axis from a point, which lies `about` cells from the
 * middle of the window. */
static float moment(const float *profile, int reach, float total, float about)
{
    float sum = 0;
    for (int i = 0; i <= 2 * reach; i++) {
        const float offset = (float)(i - reach) - about;
        sum += profile[i] * (offset * offset);
    }
    return sum / total;
}

/* Move a point (x, y), in parts of the crop, to the centre of the heat around it. Fill `moments`,
 * in parts of the crop squared. `layer` is the heat map of this point, N_LAYERS apart. */
static void refine(const float *layer, int kernel, float point[2], float moments[2])
{
    const int reach = kernel / 2;
    const int column = cell_of(point[0] * HEAT_SIDE), row = cell_of(point[1] * HEAT_SIDE);
    float of_columns[MAX_KERNEL] = {0}, of_rows[MAX_KERNEL] = {0}, most = -INFINITY, total = 0;
    for (int i = 0; i <= 2 * reach; i++) {
        const int r = row - reach + i;
        if (r < 0 || r >= HEAT_SIDE)
            continue;
        for (int j = 0; j <= 2 * reach; j++) {
            const int c = column - reach + j;
            if (c < 0 || c >= HEAT_SIDE)
                continue;
            const float logit = layer[(r * HEAT_SIDE + c) * N_LAYERS], heat = sigmoid(logit);
            of_columns[j] += heat;
            of_rows[i] += heat;
            most = logit > most ? logit : most;
        }
    }
    for (int j = 0; j <= 2 * reach; j++)
        total += of_columns[j];
    if (!(total > 0)) { /* outside the crop, or NaN in the window */
        moments[0] = moments[1] = NAN;
        return;
    }
    if (most > MIN_LOGIT && column >= 0 && column < HEAT_SIDE && row >= 0 && row < HEAT_SIDE) {
        float x = 0, y = 0;
        for (int i = 0; i <= 2 * reach; i++) {
            x += of_columns[i] * (float)(column - reach + i);
            y += of_rows[i] * (float)(row - reach + i);
        }
        point[0] = x / HEAT_SIDE / total;
        point[1] = y / HEAT_SIDE / total;
    }
    const float area = HEAT_SIDE * HEAT_SIDE;
    const float dx = point[0] * HEAT_SIDE - (float)column, dy = point[1] * HEAT_SIDE - (float)row;
    moments[0] = moment(of_columns, reach, total, dx) / area;
    moments[1] = moment(of_rows, reach, total, dy) / area;
}

void decode_landmarks(const float *raw, const float *heatmap, const float *world, int kernel,
                      const Region *region, const DecodedPose *pose)
{
    const float image_w = (float)region->image_width, image_h = (float)region->image_height;
    const float center_x = (float)(region->x / region->image_width);
    const float center_y = (float)(region->y / region->image_height);
    const float w = (float)(region->width / region->image_width);
    const float h = (float)(region->height / region->image_height);
    const float px_w = (float)region->width, px_h = (float)region->height;
    const float cosine = cosf((float)region->rotation), sine = sinf((float)region->rotation);
    for (int i = 0; i < N_USED; i++, raw += 5) {
        float point[2] = {raw[0] * (1 / CROP_SIDE), raw[1] * (1 / CROP_SIDE)}, moments[2];
        refine(heatmap + i, kernel, point, moments);
        const float x = point[0] - 0.5f, y = point[1] - 0.5f;
        pose->points[3 * i] = ((x * cosine - y * sine) * w + center_x) * image_w;
        pose->points[3 * i + 1] = ((x * sine + y * cosine) * h + center_y) * image_h;
        pose->points[3 * i + 2] = raw[2] * (1 / CROP_SIDE) * w * image_w;
        if (i < N_BODY) {
            pose->visibility[i] = sigmoid(raw[3]);
            pose->presence[i] = sigmoid(raw[4]);
            pose->spread_px[i] = sqrtf(moments[0] * (px_w * px_w) + moments[1] * (px_h * px_h));
        }
    }
    for (int i = 0; i < N_BODY; i++, world += 3) {
        pose->world[3 * i] = world[0] * cosine - world[1] * sine;
        pose->world[3 * i + 1] = world[0] * sine + world[1] * cosine;
        pose->world[3 * i + 2] = world[2];
    }
}

float alignment_side(const float points[4])
{
    const float dx = points[2] - points[0], dy = points[3] - points[1];
    return 2 * sqrtf(dx * dx + dy * dy);
}

int region_from_alignment(const float points[4], Region *region)
{
    const float side = alignment_side(points);
    if (!(side > 0 && side < INFINITY))
        return 0;
    const float image_w = (float)region->image_width, image_h = (float)region->image_height;
    const float turned = atan2f(-(points[3] - points[1]), points[2] - points[0]);
    const double angle = (float)(PI / 2) - turned;
    const float across = side / image_w * image_w, down = side / image_h * image_h;
    const float longest = across > down ? across : down;
    region->x = (double)(points[0] / image_w) * region->image_width;
    region->y = (double)(points[1] / image_h) * region->image_height;
    region->width = (double)(longest / image_w * EXPANSION) * region->image_width;
    region->height = (double)(longest / image_h * EXPANSION) * region->image_height;
    region->rotation = (float)(angle - 2 * PI * floor((angle + PI) / (2 * PI)));
    return 1;
}
