/* Checked access to the arrays that Python passes. */
#include "module.h"

#include <string.h>

int take_array(PyObject *object, Py_buffer *view, const char *name, char format, int ndim,
               int writable, int strided)
{
    const int flags = PyBUF_FORMAT | (strided ? PyBUF_STRIDES : PyBUF_C_CONTIGUOUS) |
                      (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, view, flags) < 0) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "%s must be a%s%s array", name,
                     strided ? "n" : " contiguous", writable ? " writable" : "");
        return -1;
    }
    const Py_ssize_t size = format == 'B' ? 1 : format == 'f' ? 4 : 8;
    if (view->ndim != ndim || view->format == NULL || view->format[0] != format ||
        view->format[1] != 0 || view->itemsize != size) {
        PyErr_Format(PyExc_ValueError, "%s must have %d axes of format '%c', got %d of '%s'", name,
                     ndim, format, view->ndim, view->format ? view->format : "B");
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}

int take_image(PyObject *object, Py_buffer *view, const char *name, Image *image)
{
    if (take_array(object, view, name, 'B', 3, 0, 1) < 0)
        return -1;
    const Py_ssize_t h = view->shape[0], w = view->shape[1];
    if (view->shape[2] != 3 || h < 1 || w < 1 || h > MAX_SIDE || w > MAX_SIDE) {
        if (view->shape[2] == 3 && h >= 1 && w >= 1)
            PyErr_Format(PyExc_ValueError, "%s sides must be at most %d px, got %zdx%zd", name,
                         MAX_SIDE, w, h);
        else
            PyErr_Format(PyExc_ValueError, "%s must have shape (H, W, 3), got (%zd, %zd, %zd)",
                         name, h, w, view->shape[2]);
        PyBuffer_Release(view);
        return -1;
    }
    image->data = view->buf;
    image->row = view->strides[0];
    image->pixel = view->strides[1];
    image->channel = view->strides[2];
    image->height = (int)h;
    image->width = (int)w;
    return 0;
}

int read_floats(PyObject *object, const char *name, int ndim, Py_ssize_t rows,
                       Py_ssize_t columns, float *out)
{
    Py_buffer view;
    if (take_array(object, &view, name, 'f', ndim, 0, 1) < 0)
        return -1;
    const int fits = view.shape[0] == rows && (ndim == 1 || view.shape[1] == columns);
    if (fits) {
        for (Py_ssize_t row = 0; row < rows; row++)
            for (Py_ssize_t column = 0; column < columns; column++)
                memcpy(out++,
                       (const char *)view.buf + row * view.strides[0] +
                           (ndim == 1 ? 0 : column * view.strides[1]),
                       sizeof *out);
    } else
        PyErr_Format(PyExc_ValueError, "%s must have %zd rows of %zd values", name, rows, columns);
    PyBuffer_Release(&view);
    return fits ? 0 : -1;
}
