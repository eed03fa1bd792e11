/* What the Python glue of all topics shares. */
#ifndef VITRUVIAN_MODULE_H
#define VITRUVIAN_MODULE_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000 /* the buffer protocol is in it since 3.11 */
#include <Python.h>

#include "sampling.h"

extern PyMethodDef sampling_methods[], landmarks_methods[], filters_methods[],
    raster_methods[];

/* Add the sizes of the states of filters. Return 0, or set an error and return -1. */
int add_filter_constants(PyObject *module);

/* Take the buffer of an array of `ndim` axes of `format` ("B", "f", "d"), contiguous in C order
 * unless `strided`, writable if `writable`. Return 0, or set an error that names the argument and
 * return -1. */
int take_array(PyObject *object, Py_buffer *view, const char *name, char format, int ndim,
               int writable, int strided);

/* Copy the values of a float32 array of 1 or 2 axes and any strides to `out`. `columns` is 1 for an
 * array of 1 axis. Return 0, or set an error that names the argument and return -1. */
int read_floats(PyObject *object, const char *name, int ndim, Py_ssize_t rows, Py_ssize_t columns,
                float *out);

/* As take_array, for an (H, W, 3) uint8 image with any strides, of sides from 1 to MAX_SIDE. */
int take_image(PyObject *object, Py_buffer *view, const char *name, Image *image);

#endif
