/* Python functions of sampling.h. */
#include "module.h"

#include <math.h>

static int is_square_crop(const Py_buffer *crop)
{
    return crop->shape[0] == crop->shape[1] && crop->shape[2] == 3 && crop->shape[0] >= 1 &&
           crop->shape[0] <= MAX_SIDE;
}

static PyObject *py_image_from_crop(PyObject *self, PyObject *args)
{
    Box box;
    int side;
    double m[9];
    (void)self;
    if (!PyArg_ParseTuple(args, "(ff)(ff)fi", &box.x, &box.y, &box.width, &box.height, &box.degrees,
                          &side))
        return NULL;
    if (side < 1 || side > MAX_SIDE) {
        PyErr_Format(PyExc_ValueError, "side must be from 1 to %d, got %d", MAX_SIDE, side);
        return NULL;
    }
    image_from_crop(&box, side, m);
    return Py_BuildValue("((ddd)(ddd)(ddd))", m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]);
}

static PyObject *py_crop(PyObject *self, PyObject *args)
{
    PyObject *image_object, *crop_object, *result = NULL;
    Py_buffer image_view, crop_view;
    Image image;
    Box box;
    int repeat_edge, use_simd = 1;
    double matrix[9];
    (void)self;
    if (!PyArg_ParseTuple(args, "O(ff)(ff)fOp|p", &image_object, &box.x, &box.y, &box.width,
                          &box.height, &box.degrees, &crop_object, &repeat_edge, &use_simd))
        return NULL;
    if (!isfinite(box.x) || !isfinite(box.y) || !isfinite(box.width) || !isfinite(box.height) ||
        !isfinite(box.degrees)) {
        PyErr_SetString(PyExc_ValueError, "the box must be finite");
        return NULL;
    }
    if (take_image(image_object, &image_view, "image", &image) < 0)
        return NULL;
    if (take_array(crop_object, &crop_view, "crop", 'B', 3, 1, 0) < 0)
        goto release_image;
    if (!is_square_crop(&crop_view)) {
        PyErr_Format(PyExc_ValueError, "crop must have shape (side, side, 3), side up to %d",
                     MAX_SIDE);
        goto release_crop;
    }
    const int side = (int)crop_view.shape[0];
    Py_BEGIN_ALLOW_THREADS
    image_from_crop(&box, side, matrix);
    sample_crop(&image, matrix, repeat_edge, use_simd, crop_view.buf, side);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
release_crop:
    PyBuffer_Release(&crop_view);
release_image:
    PyBuffer_Release(&image_view);
    return result;
}

static PyObject *py_sample_mask(PyObject *self, PyObject *args)
{
    PyObject *mask_object, *out_object, *result = NULL;
    Py_buffer mask, out;
    double m[6];
    (void)self;
    if (!PyArg_ParseTuple(args, "O((ddd)(ddd))O", &mask_object, m, m + 1, m + 2, m + 3, m + 4,
                          m + 5, &out_object))
        return NULL;
    if (take_array(mask_object, &mask, "mask", 'f', 2, 0, 0) < 0)
        return NULL;
    if (take_array(out_object, &out, "out", 'f', 2, 1, 0) < 0)
        goto release_mask;
    if (mask.shape[0] != mask.shape[1] || mask.shape[0] < 1 || mask.shape[0] > MAX_SIDE ||
        out.shape[0] > MAX_SIDE || out.shape[1] > MAX_SIDE) {
        PyErr_Format(PyExc_ValueError, "mask must be square, and all sides at most %d", MAX_SIDE);
        goto release_out;
    }
    Py_BEGIN_ALLOW_THREADS
    sample_mask(mask.buf, (int)mask.shape[0], m, out.buf, (int)out.shape[1], (int)out.shape[0]);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
release_out:
    PyBuffer_Release(&out);
release_mask:
    PyBuffer_Release(&mask);
    return result;
}

static PyObject *py_blend_masks(PyObject *self, PyObject *args)
{
    PyObject *objects[3], *result = NULL;
    Py_buffer views[3];
    static const char *const names[] = {"mask", "previous", "out"};
    float ratio;
    int n = 0;
    (void)self;
    if (!PyArg_ParseTuple(args, "OOfO", &objects[0], &objects[1], &ratio, &objects[2]))
        return NULL;
    for (; n < 3; n++)
        if (take_array(objects[n], &views[n], names[n], 'f', 2, n == 2, 0) < 0)
            goto release;
    if (views[1].len != views[0].len || views[2].len != views[0].len) {
        PyErr_SetString(PyExc_ValueError, "the masks must have the same shape");
        goto release;
    }
    Py_BEGIN_ALLOW_THREADS
    blend_masks(views[0].buf, views[1].buf, ratio, views[2].buf, (size_t)views[0].len / 4);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
release:
    while (n-- > 0)
        PyBuffer_Release(&views[n]);
    return result;
}

static PyObject *py_copy_image(PyObject *self, PyObject *args)
{
    PyObject *image_object, *out_object, *result = NULL;
    Py_buffer image_view, out;
    Image image;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO", &image_object, &out_object))
        return NULL;
    if (take_image(image_object, &image_view, "image", &image) < 0)
        return NULL;
    if (take_array(out_object, &out, "out", 'B', 3, 1, 0) < 0)
        goto release_image;
    if (out.shape[0] != image.height || out.shape[1] != image.width || out.shape[2] != 3) {
        PyErr_SetString(PyExc_ValueError, "out must have the shape of image");
        goto release_out;
    }
    Py_BEGIN_ALLOW_THREADS
    copy_image(&image, out.buf);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
release_out:
    PyBuffer_Release(&out);
release_image:
    PyBuffer_Release(&image_view);
    return result;
}

static PyObject *py_i420_from_rgb(PyObject *self, PyObject *args)
{
    PyObject *image_object, *out_object, *result = NULL;
    Py_buffer image, out;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO", &image_object, &out_object))
        return NULL;
    if (take_array(image_object, &image, "image", 'B', 3, 0, 0) < 0)
        return NULL;
    if (take_array(out_object, &out, "out", 'B', 2, 1, 0) < 0)
        goto release_image;
    const Py_ssize_t h = image.shape[0], w = image.shape[1];
    if (image.shape[2] != 3 || h < 2 || w < 2 || h % 2 || w % 2 || h > MAX_SIDE || w > MAX_SIDE ||
        out.shape[0] != h / 2 * 3 || out.shape[1] != w) {
        PyErr_SetString(PyExc_ValueError,
                        "image must have shape (H, W, 3) of even sides, and out (3 * H / 2, W)");
        goto release_out;
    }
    Py_BEGIN_ALLOW_THREADS
    i420_from_rgb(image.buf, (int)w, (int)h, out.buf);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
release_out:
    PyBuffer_Release(&out);
release_image:
    PyBuffer_Release(&image);
    return result;
}

PyMethodDef sampling_methods[] = {
    {"image_from_crop", py_image_from_crop, METH_VARARGS, NULL},
    {"crop", py_crop, METH_VARARGS, NULL},
    {"sample_mask", py_sample_mask, METH_VARARGS, NULL},
    {"blend_masks", py_blend_masks, METH_VARARGS, NULL},
    {"i420_from_rgb", py_i420_from_rgb, METH_VARARGS, NULL},
    {"copy_image", py_copy_image, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
