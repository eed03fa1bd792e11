/* Python functions of landmarks.h. */
#include "module.h"

#include "landmarks.h"

enum { RAW, HEATMAP, WORLD, N_INPUTS, POINTS = N_INPUTS, VISIBILITY, PRESENCE, WORLD_OUT, SPREAD,
       N_ARRAYS };

static const struct {
    const char *name;
    int ndim;
    Py_ssize_t shape[3];
} ARRAYS[N_ARRAYS] = {
    {"raw", 1, {5 * N_LAYERS}},
    {"heatmap", 3, {HEAT_SIDE, HEAT_SIDE, N_LAYERS}},
    {"world", 1, {3 * N_LAYERS}},
    {"points_out", 2, {N_USED, 3}},
    {"visibility_out", 1, {N_BODY}},
    {"presence_out", 1, {N_BODY}},
    {"world_out", 2, {N_BODY, 3}},
    {"spread_px_out", 1, {N_BODY}},
};

static PyObject *py_decode_landmarks(PyObject *self, PyObject *args)
{
    PyObject *objects[N_ARRAYS], *result = NULL;
    Py_buffer views[N_ARRAYS];
    Region region;
    int kernel, n = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "(OOO)i(dd)(dd)d(dd)(OOOOO)", objects + RAW, objects + HEATMAP,
                          objects + WORLD, &kernel, &region.x, &region.y, &region.width,
                          &region.height, &region.rotation, &region.image_width,
                          &region.image_height, objects + POINTS, objects + VISIBILITY,
                          objects + PRESENCE, objects + WORLD_OUT, objects + SPREAD))
        return NULL;
    if (kernel < 1 || kernel > MAX_KERNEL || kernel % 2 == 0) {
        PyErr_Format(PyExc_ValueError, "kernel must be odd and from 1 to %d, got %d", MAX_KERNEL,
                     kernel);
        return NULL;
    }
    for (; n < N_ARRAYS; n++) {
        const int ndim = ARRAYS[n].ndim;
        if (take_array(objects[n], &views[n], ARRAYS[n].name, 'f', ndim, n >= N_INPUTS, 0) < 0)
            goto release;
        for (int axis = 0; axis < ndim; axis++)
            if (views[n].shape[axis] != ARRAYS[n].shape[axis]) {
                PyErr_Format(PyExc_ValueError, "axis %d of %s must have length %zd, got %zd", axis,
                             ARRAYS[n].name, ARRAYS[n].shape[axis], views[n].shape[axis]);
                n++;
                goto release;
            }
    }
    const DecodedPose pose = {views[POINTS].buf, views[VISIBILITY].buf, views[PRESENCE].buf,
                              views[WORLD_OUT].buf, views[SPREAD].buf};
    decode_landmarks(views[RAW].buf, views[HEATMAP].buf, views[WORLD].buf, kernel, &region, &pose);
    result = Py_NewRef(Py_None);
release:
    while (n-- > 0)
        PyBuffer_Release(&views[n]);
    return result;
}

static PyObject *py_alignment_side(PyObject *self, PyObject *points)
{
    float xy[4];
    (void)self;
    if (read_floats(points, "points", 2, 2, 2, xy) < 0)
        return NULL;
    return PyFloat_FromDouble(alignment_side(xy));
}

static PyObject *py_region_from_alignment(PyObject *self, PyObject *args)
{
    PyObject *points;
    float xy[4];
    int width, height;
    (void)self;
    if (!PyArg_ParseTuple(args, "O(ii)", &points, &width, &height))
        return NULL;
    if (width < 1 || height < 1) {
        PyErr_Format(PyExc_ValueError, "image_wh must be positive, got %dx%d", width, height);
        return NULL;
    }
    if (read_floats(points, "points", 2, 2, 2, xy) < 0)
        return NULL;
    Region region = {.image_width = width, .image_height = height};
    if (!region_from_alignment(xy, &region))
        return Py_NewRef(Py_None);
    return Py_BuildValue("(dd)(dd)d", region.x, region.y, region.width, region.height,
                         region.rotation);
}

PyMethodDef landmarks_methods[] = {
    {"alignment_side", py_alignment_side, METH_O, NULL},
    {"region_from_alignment", py_region_from_alignment, METH_VARARGS, NULL},
    {"decode_landmarks", py_decode_landmarks, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
