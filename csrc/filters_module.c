/* Python functions of filters.h. A state is a bytearray of the size that a constant names. */
#include "module.h"

#include <string.h>

#include "filters.h"

static int write_floats(PyObject *object, const char *name, int ndim, const float *values, int n)
{
    Py_buffer view;
    if (take_array(object, &view, name, 'f', ndim, 1, 0) < 0)
        return -1;
    const int fits = view.len == (Py_ssize_t)(n * sizeof *values);
    if (fits)
        memcpy(view.buf, values, n * sizeof *values);
    else
        PyErr_Format(PyExc_ValueError, "%s must have %d values", name, n);
    PyBuffer_Release(&view);
    return fits ? 0 : -1;
}

/* Copy the bytes of a state from (or with `is_store` to) a bytearray. */
static int move_state(PyObject *bytes, void *state, size_t size, int is_store)
{
    if (!PyByteArray_Check(bytes) || PyByteArray_Size(bytes) != (Py_ssize_t)size) {
        PyErr_Format(PyExc_ValueError, "state must be a bytearray of %zu bytes", size);
        return -1;
    }
    char *buffer = PyByteArray_AsString(bytes);
    if (is_store)
        memcpy(buffer, state, size);
    else
        memcpy(state, buffer, size);
    return 0;
}

static int read_body(PyObject *const objects[3], Body *body)
{
    if (read_floats(objects[0], "landmarks", 2, N_POINTS, 3, body->landmarks[0]) < 0 ||
        read_floats(objects[1], "visibility", 1, N_POINTS, 1, body->visibility[0]) < 0)
        return -1;
    return read_floats(objects[2], "world", 2, N_POINTS, 3, body->world[0]);
}

static int write_body(PyObject *const objects[3], const Body *body)
{
    if (write_floats(objects[0], "landmarks_out", 2, body->landmarks[0], 3 * N_POINTS) < 0 ||
        write_floats(objects[1], "visibility_out", 1, body->visibility[0], N_POINTS) < 0)
        return -1;
    return write_floats(objects[2], "world_out", 2, body->world[0], 3 * N_POINTS);
}

static PyObject *py_catch_up_pose(PyObject *self, PyObject *args)
{
    PyObject *bytes, *in[3], *out[3];
    CatchUpPose state;
    CatchUpPoseRule rule;
    SidesRule *sides = &rule.sides;
    Body body;
    long long now_us;
    double size_px;
    (void)self;
    if (!PyArg_ParseTuple(args, "O(ff(fff)fd(ddddddddd))(OOO)Ld(OOO)", &bytes,
                          &rule.visibility.min_cutoff_hz, &rule.visibility.trail_cutoff_hz,
                          &rule.visibility.tolerance, &rule.image.tolerance, &rule.world.tolerance,
                          &rule.hidden_tolerance, &rule.memory_s, &sides->limb_price_per_s,
                          &sides->body_price_per_s, &sides->motion_price_per_s,
                          &sides->start_price, &sides->full_approach_per_s, &sides->approach_s,
                          &sides->patience_s, &sides->velocity_s, &sides->max_surprise_per_s, in,
                          in + 1, in + 2, &now_us, &size_px, out, out + 1, out + 2))
        return NULL;
    rule.image.min_cutoff_hz = rule.world.min_cutoff_hz = rule.visibility.min_cutoff_hz;
    rule.image.trail_cutoff_hz = rule.world.trail_cutoff_hz = rule.visibility.trail_cutoff_hz;
    if (move_state(bytes, &state, sizeof state, 0) < 0 || read_body(in, &body) < 0)
        return NULL;
    const int is_mirrored = catch_up_pose(&state, &rule, &body, now_us, size_px);
    if (write_body(out, &body) < 0 || move_state(bytes, &state, sizeof state, 1) < 0)
        return NULL;
    return PyBool_FromLong(is_mirrored);
}

static PyObject *py_one_euro_pose(PyObject *self, PyObject *args)
{
    PyObject *image_bytes, *bytes, *in[3], *out[3];
    OneEuro image;
    OneEuroPose state;
    OneEuroPoseRule rule;
    Body body;
    long long now_us;
    double size_px;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO(f(ddd)(ddd))(OOO)Ld(OOO)", &image_bytes, &bytes,
                          &rule.visibility_alpha, &rule.image.min_cutoff_hz, &rule.image.beta,
                          &rule.image.derivate_cutoff_hz, &rule.world.min_cutoff_hz,
                          &rule.world.beta, &rule.world.derivate_cutoff_hz, in, in + 1, in + 2,
                          &now_us, &size_px, out, out + 1, out + 2))
        return NULL;
    if (move_state(image_bytes, &image, sizeof image, 0) < 0 ||
        move_state(bytes, &state, sizeof state, 0) < 0 || read_body(in, &body) < 0)
        return NULL;
    one_euro_pose(&image, &state, &rule, &body, now_us, size_px);
    if (write_body(out, &body) < 0 || move_state(image_bytes, &image, sizeof image, 1) < 0 ||
        move_state(bytes, &state, sizeof state, 1) < 0)
        return NULL;
    return Py_NewRef(Py_None);
}

static PyObject *py_catch_up_pair(PyObject *self, PyObject *args)
{
    PyObject *bytes, *in, *out;
    CatchUp state;
    CatchUpRule rule;
    long long now_us;
    float points[4], scale[4];
    (void)self;
    if (!PyArg_ParseTuple(args, "O(fff)OLfO", &bytes, &rule.min_cutoff_hz, &rule.tolerance,
                          &rule.trail_cutoff_hz, &in, &now_us, scale, &out))
        return NULL;
    scale[1] = scale[2] = scale[3] = scale[0];
    if (move_state(bytes, &state, sizeof state, 0) < 0 ||
        read_floats(in, "points", 2, 2, 2, points) < 0)
        return NULL;
    catch_up(&state, &rule, points, 4, now_us, scale);
    if (write_floats(out, "points_out", 2, points, 4) < 0 ||
        move_state(bytes, &state, sizeof state, 1) < 0)
        return NULL;
    return Py_NewRef(Py_None);
}

static PyObject *py_one_euro_pair(PyObject *self, PyObject *args)
{
    PyObject *bytes, *in, *out;
    OneEuro state;
    OneEuroRule rule;
    long long now_us;
    double scale;
    float points[4];
    (void)self;
    if (!PyArg_ParseTuple(args, "O(ddd)OLdO", &bytes, &rule.min_cutoff_hz, &rule.beta,
                          &rule.derivate_cutoff_hz, &in, &now_us, &scale, &out))
        return NULL;
    if (move_state(bytes, &state, sizeof state, 0) < 0 ||
        read_floats(in, "points", 2, 2, 2, points) < 0)
        return NULL;
    one_euro(&state, &rule, points, 4, now_us, scale);
    if (write_floats(out, "points_out", 2, points, 4) < 0 ||
        move_state(bytes, &state, sizeof state, 1) < 0)
        return NULL;
    return Py_NewRef(Py_None);
}

int add_filter_constants(PyObject *module)
{
    if (PyModule_AddIntConstant(module, "CATCH_UP_BYTES", sizeof(CatchUp)) < 0 ||
        PyModule_AddIntConstant(module, "CATCH_UP_POSE_BYTES", sizeof(CatchUpPose)) < 0 ||
        PyModule_AddIntConstant(module, "ONE_EURO_BYTES", sizeof(OneEuro)) < 0)
        return -1;
    return PyModule_AddIntConstant(module, "ONE_EURO_POSE_BYTES", sizeof(OneEuroPose));
}

PyMethodDef filters_methods[] = {
    {"catch_up_pose", py_catch_up_pose, METH_VARARGS, NULL},
    {"one_euro_pose", py_one_euro_pose, METH_VARARGS, NULL},
    {"catch_up_pair", py_catch_up_pair, METH_VARARGS, NULL},
    {"one_euro_pair", py_one_euro_pair, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
