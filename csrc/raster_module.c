/* Python functions of raster.h. */
#include "module.h"
#include "raster.h"

/* Take the writable image to paint on, and the colour. */
static int take_canvas(PyObject *object, const int rgba[4], Py_buffer *view, Canvas *canvas,
                       Paint *paint)
{
    for (int i = 0; i < 4; i++)
        if (rgba[i] < 0 || rgba[i] > 255) {
            PyErr_Format(PyExc_ValueError, "rgba must be from 0 to 255, got %d", rgba[i]);
            return -1;
        }
    if (take_array(object, view, "canvas", 'B', 3, 1, 0) < 0)
        return -1;
    const Py_ssize_t *shape = view->shape;
    if (shape[0] < 1 || shape[1] < 1 || shape[2] != 3 || shape[0] > MAX_CANVAS_SIDE ||
        shape[1] > MAX_CANVAS_SIDE) {
        PyErr_Format(PyExc_ValueError,
                     "canvas must have shape (H, W, 3), sides up to %d, got (%zd, %zd, %zd)",
                     MAX_CANVAS_SIDE, shape[0], shape[1], shape[2]);
        PyBuffer_Release(view);
        return -1;
    }
    *canvas = (Canvas){view->buf, (int)shape[1], (int)shape[0]};
    *paint = (Paint){(uint8_t)rgba[0], (uint8_t)rgba[1], (uint8_t)rgba[2], (uint8_t)rgba[3]};
    return 0;
}

static PyObject *none_or_no_memory(int result)
{
    return result < 0 ? PyErr_NoMemory() : Py_NewRef(Py_None);
}

static PyObject *py_paint_lines(PyObject *self, PyObject *args)
{
    PyObject *canvas_object, *lines_object, *result = NULL;
    Py_buffer canvas_view, lines;
    Canvas canvas;
    Paint paint;
    int rgba[4], status;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO(iiii)", &canvas_object, &lines_object, rgba, rgba + 1,
                          rgba + 2, rgba + 3))
        return NULL;
    if (take_canvas(canvas_object, rgba, &canvas_view, &canvas, &paint) < 0)
        return NULL;
    if (take_array(lines_object, &lines, "lines", 'd', 2, 0, 0) < 0)
        goto release_canvas;
    if (lines.shape[1] != 5) {
        PyErr_Format(PyExc_ValueError, "lines must have shape (n, 5), got (%zd, %zd)",
                     lines.shape[0], lines.shape[1]);
        goto release_lines;
    }
    Py_BEGIN_ALLOW_THREADS
    status = paint_lines(&canvas, lines.buf, (size_t)lines.shape[0], paint);
    Py_END_ALLOW_THREADS
    result = none_or_no_memory(status);
release_lines:
    PyBuffer_Release(&lines);
release_canvas:
    PyBuffer_Release(&canvas_view);
    return result;
}

static PyObject *py_paint_box(PyObject *self, PyObject *args)
{
    PyObject *canvas_object;
    Py_buffer canvas_view;
    Canvas canvas;
    Paint paint;
    double box[5];
    int rgba[4], status;
    (void)self;
    if (!PyArg_ParseTuple(args, "O(ddddd)(iiii)", &canvas_object, box, box + 1, box + 2, box + 3,
                          box + 4, rgba, rgba + 1, rgba + 2, rgba + 3))
        return NULL;
    if (take_canvas(canvas_object, rgba, &canvas_view, &canvas, &paint) < 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    status = paint_box(&canvas, box, paint);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&canvas_view);
    return none_or_no_memory(status);
}

static PyObject *py_paint_stamp(PyObject *self, PyObject *args)
{
    PyObject *canvas_object, *stamp_object, *result = NULL;
    Py_buffer canvas_view, stamp;
    Canvas canvas;
    Paint paint;
    int rgba[4], x, y;
    (void)self;
    if (!PyArg_ParseTuple(args, "OO(ii)(iiii)", &canvas_object, &stamp_object, &x, &y, rgba,
                          rgba + 1, rgba + 2, rgba + 3))
        return NULL;
    if (take_canvas(canvas_object, rgba, &canvas_view, &canvas, &paint) < 0)
        return NULL;
    if (take_array(stamp_object, &stamp, "stamp", 'B', 2, 0, 0) < 0)
        goto release_canvas;
    if (stamp.shape[0] > MAX_CANVAS_SIDE || stamp.shape[1] > MAX_CANVAS_SIDE) {
        PyErr_Format(PyExc_ValueError, "stamp sides must be at most %d px", MAX_CANVAS_SIDE);
        goto release_stamp;
    }
    Py_BEGIN_ALLOW_THREADS
    paint_stamp(&canvas, stamp.buf, (int)stamp.shape[1], (int)stamp.shape[0], x, y, paint);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
release_stamp:
    PyBuffer_Release(&stamp);
release_canvas:
    PyBuffer_Release(&canvas_view);
    return result;
}

static PyObject *py_paint_mask(PyObject *self, PyObject *args)
{
    PyObject *canvas_object, *mask_object, *result = NULL;
    Py_buffer canvas_view, mask;
    Canvas canvas;
    Paint paint;
    int rgba[4];
    (void)self;
    if (!PyArg_ParseTuple(args, "OO(iiii)", &canvas_object, &mask_object, rgba, rgba + 1, rgba + 2,
                          rgba + 3))
        return NULL;
    if (take_canvas(canvas_object, rgba, &canvas_view, &canvas, &paint) < 0)
        return NULL;
    if (take_array(mask_object, &mask, "mask", 'f', 2, 0, 0) < 0)
        goto release_canvas;
    if (mask.shape[0] != canvas.height || mask.shape[1] != canvas.width) {
        PyErr_SetString(PyExc_ValueError, "mask must have the height and width of canvas");
        goto release_mask;
    }
    Py_BEGIN_ALLOW_THREADS
    paint_mask(&canvas, mask.buf, paint);
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
release_mask:
    PyBuffer_Release(&mask);
release_canvas:
    PyBuffer_Release(&canvas_view);
    return result;
}

PyMethodDef raster_methods[] = {
    {"paint_lines", py_paint_lines, METH_VARARGS, NULL},
    {"paint_box", py_paint_box, METH_VARARGS, NULL},
    {"paint_stamp", py_paint_stamp, METH_VARARGS, NULL},
    {"paint_mask", py_paint_mask, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
