/* Filters over time. The NumPy twins and the sources of the algorithms are in track/smoothing.py,
 * core/filters.py and core/limbs.py; types and the order of operations are the same. */
#include "filters.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586
#define FIRST_FREQUENCY_HZ 30.0
#define SIMILAR_US 33333.0
#define MIN_SIZE_PX 1e-6
#define MIN_LENGTH 1e-6f

/* Advance a clock that is set. Return the µs since its time, or 0 if time does not increase. */
static uint64_t advance(Clock *clock, int64_t now_us)
{
    if (now_us <= clock->us)
        return 0;
    const uint64_t elapsed = (uint64_t)now_us - (uint64_t)clock->us;
    clock->us = now_us;
    return elapsed;
}

static void start(Clock *clock, int64_t now_us)
{
    clock->us = now_us;
    clock->is_set = 1;
}

/* --- catch-up --- */

void catch_up(CatchUp *state, const CatchUpRule *rule, float *values, int n, int64_t now_us,
              const float *scale)
{
    if (!state->last.is_set) {
        start(&state->last, now_us);
        memcpy(state->values, values, (size_t)n * sizeof *values);
        memset(state->trail, 0, sizeof state->trail);
        memset(state->opening_hz, 0, sizeof state->opening_hz);
        return;
    }
    const uint64_t elapsed_us = advance(&state->last, now_us);
    if (!elapsed_us)
        return;
    const float turn = (float)(TWO_PI * (double)elapsed_us / 1e6);
    const float root = (float)sqrt((double)elapsed_us / SIMILAR_US);
    const float slow = turn * rule->trail_cutoff_hz / root, share = slow / (1 + slow);
    const float tolerance = rule->tolerance * (root > 1 ? root : 1);
    for (int i = 0; i < n; i++) {
        const float gap = values[i] - state->values[i];
        const float lag =
            gap * scale[i] / (1 + turn * (rule->min_cutoff_hz + state->opening_hz[i]));
        state->trail[i] += share * (lag - state->trail[i]);
        const float excess = fabsf(state->trail[i]) / tolerance - 1;
        const float growth_hz = rule->gain_hz * (excess < 0 ? 0 : excess); /* NaN stays */
        state->opening_hz[i] += share * (growth_hz - state->opening_hz[i]);
        const float ratio = turn * (rule->min_cutoff_hz + state->opening_hz[i]);
        values[i] = state->values[i] += ratio / (1 + ratio) * gap;
    }
}

/* --- left-right swaps --- */

static const int LIMBS[2][2] = {{11, 21}, {23, 31}}; /* first and last left landmark; right + 1 */
static const int JOINTS[2][2] = {{13, 15}, {25, 27}}; /* elbow and wrist, knee and ankle, left */

/* NumPy's minimum: NaN if one is. */
static double least(double a, double b) { return a < b || isnan(a) ? a : b; }

/* NumPy's clip to [-limit, limit]; NaN stays. */
static float clipped(float v, float limit)
{
    const float above = v < -limit ? -limit : v;
    return above > limit ? limit : above;
}

/* x and y of the left and the right, first and second joint of a limb: 8 values. Mean distance. */
static float mean_distance(const float *a, const float *b)
{
    float sum = 0;
    for (int i = 0; i < 8; i += 2) {
        const float dx = a[i] - b[i], dy = a[i + 1] - b[i + 1];
        sum += sqrtf(dx * dx + dy * dy);
    }
    return sum / 4;
}

/* Update the hypotheses "correct" and "swapped" of one limb; `seen` is by hypothesis. */
static void follow_limb(CatchUpPose *state, const CatchUpPoseRule *rule, int limb,
                        float seen[2][8], double seconds, double size_px)
{
    const float share = (float)(1 - exp(-seconds / rule->velocity_s));
    const float step = (float)seconds, limit = (float)(rule->max_surprise_per_s * size_px);
    float expected[2][8], velocity[2][8];
    double cost[2];
    for (int h = 0; h < 2; h++) {
        memcpy(velocity[h], state->sides.velocity[h][limb], sizeof velocity[h]);
        for (int i = 0; i < 8; i++)
            expected[h][i] = state->sides.points[h][limb][i] + velocity[h][i] * step;
    }
    for (int h = 0; h < 2; h++) {
        double by_past[2];
        for (int past = 0; past < 2; past++)
            by_past[past] = (double)(mean_distance(seen[h], expected[past]) / (float)size_px) +
                            state->sides.cost[past][limb];
        const int past = !isnan(by_past[0]) && (isnan(by_past[1]) || by_past[1] < by_past[0]);
        cost[h] = by_past[past] + (h ? rule->price_per_s * seconds : 0);
        for (int i = 0; i < 8; i++) {
            const float surprise = (seen[h][i] - expected[past][i]) / step;
            state->sides.velocity[h][limb][i] =
                velocity[past][i] + share * clipped(surprise, limit);
        }
        memcpy(state->sides.points[h][limb], seen[h], sizeof seen[h]);
    }
    const double lower = least(cost[0], cost[1]);
    state->sides.cost[0][limb] = cost[0] - lower;
    state->sides.cost[1][limb] = cost[1] - lower;
}

static void swap_xy(float a[3], float b[3])
{
    for (int axis = 0; axis < 2; axis++) {
        const float t = a[axis];
        a[axis] = b[axis];
        b[axis] = t;
    }
}

static void undo_swaps(CatchUpPose *state, const CatchUpPoseRule *rule, Body *body, int64_t now_us,
                       double size_px)
{
    const int is_new = !state->sides.last.is_set;
    if (is_new)
        start(&state->sides.last, now_us);
    const double seconds = (double)advance(&state->sides.last, now_us) / 1e6;
    for (int limb = 0; limb < 2; limb++) {
        float seen[2][8];
        for (int h = 0; h < 2; h++)
            for (int i = 0; i < 4; i++) { /* joint, side */
                const int side = h ? 1 - i % 2 : i % 2;
                memcpy(seen[h] + 2 * i, body->landmarks[JOINTS[limb][i / 2] + side],
                       2 * sizeof(float));
            }
        if (is_new) {
            memset(state->sides.velocity, 0, sizeof state->sides.velocity);
            for (int h = 0; h < 2; h++) {
                memcpy(state->sides.points[h][limb], seen[h], sizeof seen[h]);
                state->sides.cost[h][limb] = h ? INFINITY : 0;
            }
        }
        if (seconds > 0)
            follow_limb(state, rule, limb, seen, seconds, size_px);
        if (state->sides.cost[1][limb] < state->sides.cost[0][limb]) {
            for (int left = LIMBS[limb][0]; left <= LIMBS[limb][1]; left += 2) {
                swap_xy(body->landmarks[left], body->landmarks[left + 1]);
                swap_xy(body->world[left], body->world[left + 1]);
            }
        }
    }
}

/* --- limb lengths --- */

static const int BONES[4][3] = { /* start, end, last landmark that moves with it; left */
    {11, 13, 21}, {13, 15, 21}, {23, 25, 31}, {25, 27, 31}};

static void set_lengths(CatchUpPose *state, double memory_s, float world[N_POINTS][3],
                        int64_t now_us)
{
    float bones[2][4][3], lengths[2][4], shift[N_POINTS][3] = {{0}};
    for (int side = 0; side < 2; side++) {
        for (int b = 0; b < 4; b++) {
            float *v = bones[side][b];
            for (int axis = 0; axis < 3; axis++)
                v[axis] = world[BONES[b][1] + side][axis] - world[BONES[b][0] + side][axis];
            const float length = sqrtf(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
            lengths[side][b] = length < MIN_LENGTH ? MIN_LENGTH : length;
        }
    }
    const int is_new = !state->limbs.last.is_set;
    if (is_new) {
        start(&state->limbs.last, now_us);
        state->limbs.known_s = 0;
    }
    const double seconds = (double)advance(&state->limbs.last, now_us) / 1e6;
    float share = 0;
    if (seconds > 0) {
        const double longer_s = state->limbs.known_s + seconds;
        state->limbs.known_s = longer_s < memory_s ? longer_s : memory_s;
        share = (float)(seconds / (state->limbs.known_s + seconds));
    }
    for (int b = 0; b < 4; b++) {
        const float both = (lengths[0][b] + lengths[1][b]) / 2;
        if (is_new)
            state->limbs.lengths[b] = both;
        else if (seconds > 0)
            state->limbs.lengths[b] += share * (both - state->limbs.lengths[b]);
        for (int side = 0; side < 2; side++) {
            const float stretch = state->limbs.lengths[b] / lengths[side][b] - 1;
            for (int i = 0; i < N_POINTS; i++) { /* 0 times NaN counts: the twin multiplies matrices */
                const float moves = i >= BONES[b][1] && i <= BONES[b][2] + 1 && i % 2 != side;
                for (int axis = 0; axis < 3; axis++)
                    shift[i][axis] += moves * (stretch * bones[side][b][axis]);
            }
        }
    }
    for (int i = 0; i < N_POINTS; i++)
        for (int axis = 0; axis < 3; axis++)
            world[i][axis] += shift[i][axis];
}

void catch_up_pose(CatchUpPose *state, const CatchUpPoseRule *rule, Body *body, int64_t now_us,
                   double size_px)
{
    float scale[N_POINTS * 3], trust[N_POINTS * 3];
    const int n = N_POINTS * 3;
    for (int i = 0; i < N_POINTS; i++)
        scale[i] = 1;
    catch_up(&state->visibility, &rule->visibility, body->visibility[0], N_POINTS, now_us, scale);
    for (int i = 0; i < n; i++) { /* z may lag by one more tolerance */
        const float hidden = rule->hidden_tolerance * (1 - body->visibility[i / 3][0]);
        trust[i] = 1 / ((i % 3 == 2 ? 2 : 1) + hidden);
    }
    if (size_px >= MIN_SIZE_PX) {
        undo_swaps(state, rule, body, now_us, size_px);
        for (int i = 0; i < n; i++)
            scale[i] = trust[i] / (float)size_px;
        catch_up(&state->image, &rule->image, body->landmarks[0], n, now_us, scale);
    }
    catch_up(&state->world, &rule->world, body->world[0], n, now_us, trust);
    set_lengths(state, rule->memory_s, body->world, now_us);
}

/* --- one-euro --- */

/* One step of a low-pass: stored in float32 and summed in double precision. */
static float low_pass(float value, float stored, float alpha)
{
    const float new_part = alpha * value;
    return (float)((double)new_part + (1.0 - (double)alpha) * (double)stored);
}

static double frequency_of(uint64_t elapsed_us)
{
    const double ns = elapsed_us <= UINT64_MAX / 1000 ? (double)(elapsed_us * 1000)
                                                      : (double)elapsed_us * 1000;
    return 1.0 / (ns * 1e-9);
}

void one_euro(OneEuro *state, const OneEuroRule *rule, float *values, int n, int64_t now_us,
              double scale)
{
    const size_t size = (size_t)n * sizeof *values;
    if (!state->last.is_set) {
        start(&state->last, now_us);
        state->frequency_hz = FIRST_FREQUENCY_HZ;
        memcpy(state->last_values, values, size);
        memcpy(state->values, values, size);
        memset(state->speed, 0, sizeof state->speed);
        return;
    }
    const int has_rate = state->last.us != 0; /* in MediaPipe, 0 means that no time is set yet */
    const uint64_t elapsed_us = advance(&state->last, now_us);
    if (!elapsed_us)
        return;
    if (has_rate)
        state->frequency_hz = frequency_of(elapsed_us);
    const double turn = TWO_PI / state->frequency_hz, slow = turn * rule->derivate_cutoff_hz;
    const double rate = scale * state->frequency_hz;
    const float speed_alpha = (float)(slow / (1.0 + slow));
    for (int i = 0; i < n; i++) {
        const double difference = (double)values[i] - (double)state->last_values[i];
        state->last_values[i] = values[i];
        state->speed[i] = low_pass((float)(difference * rate), state->speed[i], speed_alpha);
        const double cutoff_hz = rule->min_cutoff_hz + rule->beta * fabs((double)state->speed[i]);
        const double ratio = turn * cutoff_hz;
        const float alpha = (float)(ratio / (1.0 + ratio));
        values[i] = state->values[i] = low_pass(values[i], state->values[i], alpha);
    }
}

void one_euro_pose(OneEuro *image, OneEuroPose *state, const OneEuroPoseRule *rule, Body *body,
                   int64_t now_us, double size_px)
{
    const int n = 3 * N_POINTS;
    if (size_px >= MIN_SIZE_PX)
        one_euro(image, &rule->image, body->landmarks[0], n, now_us, 1.0 / size_px);
    one_euro(&state->world, &rule->world, body->world[0], n, now_us, 1.0);
    for (int i = 0; i < N_POINTS; i++) {
        float *value = body->visibility[i];
        if (state->has_visibility)
            *value = low_pass(*value, state->visibility[i], rule->visibility_alpha);
        state->visibility[i] = *value;
    }
    state->has_visibility = 1;
}
