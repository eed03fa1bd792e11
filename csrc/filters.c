/* Filters over time. The NumPy twins and the sources of the algorithms are in track/smoothing.py,
 * core/filters.py and core/limbs.py; types and the order of operations are the same. */
#include "filters.h"

#include <math.h>
#include <string.h>

#define TWO_PI 6.283185307179586
#define FIRST_FREQUENCY_HZ 30.0
#define TURN_AT_30_FPS ((float)(TWO_PI / 30))
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
    const float slow = turn * rule->trail_cutoff_hz, share = slow / (1 + slow);
    for (int i = 0; i < n; i++) {
        const float gap = values[i] - state->values[i];
        const float cutoff_hz = rule->min_cutoff_hz + state->opening_hz[i];
        const float lag =
            gap * scale[i] * ((1 + TURN_AT_30_FPS * cutoff_hz) / (1 + turn * cutoff_hz));
        state->trail[i] += share * (lag - state->trail[i]);
        const float part = state->trail[i] / rule->tolerance;
        state->opening_hz[i] += share * (part * part - state->opening_hz[i]);
        const float ratio = turn * (rule->min_cutoff_hz + state->opening_hz[i]);
        values[i] = state->values[i] += ratio / (1 + ratio) * gap;
    }
}

/* --- left-right swaps --- */

/* Left landmarks; the right ones follow. Joints of trunk, arms and legs; rows of arms and legs. */
static const int JOINTS[N_PARTS][2] = {{11, 23}, {13, 15}, {25, 27}};
static const int LIMBS[2][2] = {{13, 21}, {25, 31}}; /* first and last */
static const int FACE[][2] = {{1, 4}, {2, 5}, {3, 6}, {7, 8}, {9, 10}}; /* left and right */
enum { NOSE = 0, LEFT_EAR = 7, RIGHT_EAR = 8, LAST_OF_FACE = 10 };

static int is_swapped(int hypothesis, int part) { return hypothesis >> (N_PARTS - 1 - part) & 1; }

/* How many limb pairs are unlike the trunk. */
static int parts_apart(int hypothesis)
{
    const int trunk = is_swapped(hypothesis, 0);
    return (is_swapped(hypothesis, 1) != trunk) + (is_swapped(hypothesis, 2) != trunk);
}

static double clipped(double v, double limit)
{
    return v < -limit ? -limit : v > limit ? limit : v;
}

/* How far the trunk points to the camera: -1 to 1. */
static double front_of(float world[N_POINTS][3])
{
    double across[3], up[3];
    for (int i = 0; i < 3; i++) {
        const double left = world[11][i], right = world[12][i];
        const double left_hip = world[23][i], right_hip = world[24][i];
        across[i] = left - right + left_hip - right_hip;
        up[i] = left + right - left_hip - right_hip;
    }
    const double x = across[1] * up[2] - across[2] * up[1];
    const double y = across[2] * up[0] - across[0] * up[2];
    const double z = across[0] * up[1] - across[1] * up[0];
    const double length = sqrt(x * x + y * y + z * z);
    return -z / (length < 1e-6 ? 1e-6 : length);
}

/* Where the joints of each part are, as seen and with the sides swapped, px. */
static void see_parts(float landmarks[N_POINTS][3], double seen[N_PARTS][2][8])
{
    for (int part = 0; part < N_PARTS; part++)
        for (int swapped = 0; swapped < 2; swapped++)
            for (int i = 0; i < 8; i++) /* joint, side, axis */
                seen[part][swapped][i] =
                    landmarks[JOINTS[part][i / 4] + (i / 2 % 2 != swapped)][i % 2];
}

/* Sum of the squared distances of all joints from their mean, in x and y. */
static double spread_of(float points[N_POINTS][3])
{
    enum { N = 4 * N_PARTS };
    double at[N], sum, squares[2] = {0, 0};
    for (int axis = 0; axis < 2; axis++) {
        sum = 0;
        for (int i = 0; i < N; i++)
            sum += at[i] = points[JOINTS[i / 4][i / 2 % 2] + i % 2][axis];
        for (int i = 0; i < N; i++)
            squares[axis] += (at[i] - sum / N) * (at[i] - sum / N);
    }
    return squares[0] + squares[1];
}

/* Logarithm of the px per m at the place of the body. */
static double log_scale_of(Body *body)
{
    return log((spread_of(body->landmarks) + 1e-12) / (spread_of(body->world) + 1e-12)) / 2;
}

/* Sum of the distances of the four joints. */
static double sum_of_distances(const double *a, const double *b)
{
    double sum = 0;
    for (int i = 0; i < 8; i += 2) {
        const double dx = a[i] - b[i], dy = a[i + 1] - b[i + 1];
        sum += sqrt(dx * dx + dy * dy);
    }
    return sum;
}

static void follow_parts(Sides *state, const SidesRule *rule, double seen[N_PARTS][2][8],
                         double seconds, double size_px)
{
    const double scale = 4 * size_px * (1 + seconds / rule->patience_s);
    const double limit = rule->max_surprise_per_s * size_px;
    const double share = 1 - exp(-seconds / rule->velocity_s);
    double expected[N_HYPOTHESES][N_PARTS][8], velocity[N_HYPOTHESES][N_PARTS][8];
    double miss[N_HYPOTHESES][N_PARTS][2], cost[N_HYPOTHESES];
    memcpy(velocity, state->velocity, sizeof velocity);
    memcpy(cost, state->cost, sizeof cost);
    for (int h = 0; h < N_HYPOTHESES; h++)
        for (int part = 0; part < N_PARTS; part++) {
            const double *last = state->points[part][is_swapped(h, part)];
            for (int i = 0; i < 8; i++)
                expected[h][part][i] = last[i] + velocity[h][part][i] * seconds;
            for (int swapped = 0; swapped < 2; swapped++)
                miss[h][part][swapped] =
                    sum_of_distances(seen[part][swapped], expected[h][part]) / scale;
        }
    for (int h = 0; h < N_HYPOTHESES; h++) {
        int past = 0;
        for (int before = 0; before < N_HYPOTHESES; before++) {
            double sum = cost[before];
            for (int part = 0; part < N_PARTS; part++)
                sum += miss[before][part][is_swapped(h, part)];
            if (before == 0 || sum < state->cost[h]) {
                state->cost[h] = sum;
                past = before;
            }
        }
        for (int part = 0; part < N_PARTS; part++)
            for (int i = 0; i < 8; i++) {
                const double surprise =
                    (seen[part][is_swapped(h, part)][i] - expected[past][part][i]) / seconds;
                state->velocity[h][part][i] =
                    velocity[past][part][i] + share * clipped(surprise, limit);
            }
    }
    memcpy(state->points, seen, sizeof state->points);
}

/* Add what the hypotheses cost for contradicting the network for `seconds`. */
static void add_prices(Sides *state, const SidesRule *rule, double front, double log_scale,
                       double seconds)
{
    const double share = 1 - exp(-seconds / rule->approach_s);
    state->approach += share * ((log_scale - state->log_scale) / seconds - state->approach);
    state->log_scale = log_scale;
    const double agreement = front * clipped(state->approach / rule->full_approach_per_s, 1);
    const double sum = rule->body_price_per_s + rule->motion_price_per_s * agreement;
    const double body = sum < 0 ? 0 : sum;
    double least = INFINITY;
    for (int h = 0; h < N_HYPOTHESES; h++) {
        const double price = is_swapped(h, 0) * body + parts_apart(h) * rule->limb_price_per_s;
        state->cost[h] += price * seconds;
        if (state->cost[h] < least)
            least = state->cost[h];
    }
    for (int h = 0; h < N_HYPOTHESES; h++)
        state->cost[h] -= least;
}

static int cheapest(const Sides *state)
{
    int best = 0;
    for (int h = 1; h < N_HYPOTHESES; h++)
        if (state->cost[h] < state->cost[best])
            best = h;
    return best;
}

static void swap_values(float *a, float *b, int n)
{
    for (int i = 0; i < n; i++) {
        const float t = a[i];
        a[i] = b[i];
        b[i] = t;
    }
}

/* Exchange all rows of `columns` values. */
static void mirror_rows(float *values, int columns)
{
    for (int i = 0; i < 5; i++)
        swap_values(values + FACE[i][0] * columns, values + FACE[i][1] * columns, columns);
    for (int left = LAST_OF_FACE + 1; left < N_POINTS; left += 2)
        swap_values(values + left * columns, values + (left + 1) * columns, columns);
}

static void turn_face(float points[N_POINTS][3])
{
    for (int i = NOSE; i <= LAST_OF_FACE; i++)
        if (i != LEFT_EAR && i != RIGHT_EAR)
            points[i][2] = points[LEFT_EAR][2] + points[RIGHT_EAR][2] - points[i][2];
}

/* Whether the joints that count have finite values. */
static int is_finite(const Body *body)
{
    double sum = 0;
    for (int part = 0; part < N_PARTS; part++)
        for (int i = 0; i < 4; i++) { /* joint, side */
            const int joint = JOINTS[part][i / 2] + i % 2;
            const float *at = body->landmarks[joint], *metres = body->world[joint];
            sum += (double)at[0] + at[1] + metres[0] + metres[1] + metres[2];
        }
    return isfinite(sum);
}

/* Exchange what is swapped. Return whether this is the whole body. */
static int undo_swaps(Sides *state, const SidesRule *rule, Body *body, int64_t now_us,
                      double size_px)
{
    double seen[N_PARTS][2][8];
    see_parts(body->landmarks, seen);
    if (!state->is_started) {
        for (int h = 0; h < N_HYPOTHESES; h++)
            state->cost[h] = rule->start_price * (is_swapped(h, 0) + parts_apart(h));
        memset(state->velocity, 0, sizeof state->velocity);
        state->is_started = 1;
    }
    if (isfinite(size_px) && is_finite(body)) {
        const double front = front_of(body->world), log_scale = log_scale_of(body);
        if (!state->last.is_set) {
            start(&state->last, now_us);
            memcpy(state->points, seen, sizeof state->points);
            state->log_scale = log_scale;
            state->approach = 0;
        }
        const double seconds = (double)advance(&state->last, now_us) / 1e6;
        if (seconds > 0) {
            follow_parts(state, rule, seen, seconds, size_px);
            add_prices(state, rule, front, log_scale, seconds);
        }
    }
    const int best = cheapest(state), is_mirrored = is_swapped(best, 0);
    if (is_mirrored) {
        mirror_rows(body->landmarks[0], 3);
        mirror_rows(body->visibility[0], 1);
        mirror_rows(body->world[0], 3);
        turn_face(body->landmarks);
        turn_face(body->world);
    }
    for (int limb = 0; limb < 2; limb++) {
        if (is_swapped(best, limb + 1) == is_mirrored)
            continue;
        for (int left = LIMBS[limb][0]; left <= LIMBS[limb][1]; left += 2) {
            swap_values(body->landmarks[left], body->landmarks[left + 1], 2);
            swap_values(body->world[left], body->world[left + 1], 2);
        }
    }
    return is_mirrored;
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

int catch_up_pose(CatchUpPose *state, const CatchUpPoseRule *rule, Body *body, int64_t now_us,
                  double size_px)
{
    const int n = N_POINTS * 3, has_size = size_px >= MIN_SIZE_PX;
    const int is_mirrored =
        has_size && undo_swaps(&state->sides, &rule->sides, body, now_us, size_px);
    float scale[N_POINTS * 3], trust[N_POINTS * 3];
    for (int i = 0; i < N_POINTS; i++)
        scale[i] = 1;
    catch_up(&state->visibility, &rule->visibility, body->visibility[0], N_POINTS, now_us, scale);
    for (int i = 0; i < n; i++) { /* z may lag by one more tolerance */
        const float hidden = rule->hidden_tolerance * (1 - body->visibility[i / 3][0]);
        trust[i] = 1 / ((i % 3 == 2 ? 2 : 1) + hidden);
    }
    if (has_size) {
        for (int i = 0; i < n; i++)
            scale[i] = trust[i] / (float)size_px;
        catch_up(&state->image, &rule->image, body->landmarks[0], n, now_us, scale);
    }
    catch_up(&state->world, &rule->world, body->world[0], n, now_us, trust);
    set_lengths(state, rule->memory_s, body->world, now_us);
    return is_mirrored;
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
