/* Filters over time of one person. Nothing here knows Python.
 *
 * The state of a new filter is all zero bytes, and any bytes are a valid state. */
#ifndef VITRUVIAN_FILTERS_H
#define VITRUVIAN_FILTERS_H

#include <stdint.h>

#define N_POINTS 33 /* landmarks of the body: the most points of a filter */

/* The time of the last values; none if not `is_set`. */
typedef struct {
    int64_t us;
    int32_t is_set;
} Clock;

/* Values of a body, which a filter replaces: image px, probability, m. */
typedef struct {
    float landmarks[N_POINTS][3], visibility[N_POINTS][1], world[N_POINTS][3];
} Body;

typedef struct {
    float min_cutoff_hz, tolerance, trail_cutoff_hz;
} CatchUpRule;

typedef struct {
    Clock last;
    float values[N_POINTS * 3], trail[N_POINTS * 3], opening_hz[N_POINTS * 3];
} CatchUp;

typedef struct {
    double min_cutoff_hz, beta, derivate_cutoff_hz;
} OneEuroRule;

typedef struct {
    Clock last;
    double frequency_hz;
    float last_values[N_POINTS * 3], values[N_POINTS * 3], speed[N_POINTS * 3];
} OneEuro;

/* Filter `n` values in place. `scale` has a factor for each. */
void catch_up(CatchUp *state, const CatchUpRule *rule, float *values, int n, int64_t now_us,
              const float *scale);

/* Filter `n` values in place. */
void one_euro(OneEuro *state, const OneEuroRule *rule, float *values, int n, int64_t now_us,
              double scale);

typedef struct {
    double limb_price_per_s, body_price_per_s, motion_price_per_s, start_price;
    double full_approach_per_s, approach_s, patience_s, velocity_s, max_surprise_per_s;
} SidesRule;

#define N_PARTS 3 /* trunk, arms and legs */
#define N_HYPOTHESES 8

typedef struct { /* of left-right swaps */
    Clock last;
    int32_t is_started;
    double cost[N_HYPOTHESES];
    double log_scale, approach; /* of px per m; its change per s */
    double points[N_PARTS][2][8];               /* seen and swapped; joint, side, axis */
    double velocity[N_HYPOTHESES][N_PARTS][8];
} Sides;

typedef struct {
    CatchUpRule visibility, image, world;
    float hidden_tolerance;
    double memory_s; /* of limb lengths */
    SidesRule sides;
} CatchUpPoseRule;

typedef struct {
    CatchUp visibility, image, world;
    Sides sides;
    struct {
        Clock last;
        double known_s;
        float lengths[4];
    } limbs;
} CatchUpPose;

/* Filter a body in place. Return whether left and right of the whole body were exchanged. */
int catch_up_pose(CatchUpPose *state, const CatchUpPoseRule *rule, Body *body, int64_t now_us,
                  double size_px);

typedef struct {
    float visibility_alpha;
    OneEuroRule image, world;
} OneEuroPoseRule;

typedef struct { /* without the filter of the image coordinates, which is reset apart */
    OneEuro world;
    float visibility[N_POINTS];
    int32_t has_visibility;
} OneEuroPose;

void one_euro_pose(OneEuro *image, OneEuroPose *state, const OneEuroPoseRule *rule, Body *body,
                   int64_t now_us, double size_px);

#endif
