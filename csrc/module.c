/* vitruvian._core: the Python module. Each topic brings its own table of functions. */
#include "module.h"

static struct PyModuleDef_Slot slots[];

static int add_functions(PyObject *module)
{
    PyMethodDef *const tables[] = {sampling_methods, landmarks_methods, filters_methods,
                                   raster_methods};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (PyModule_AddFunctions(module, tables[i]) < 0)
            return -1;
    if (add_filter_constants(module) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "simd", simd_name());
}

static struct PyModuleDef_Slot slots[] = {
    {Py_mod_exec, add_functions},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "vitruvian._core",
    .m_doc = "Compiled kernels. Each has a NumPy twin in the module that uses it.",
    .m_size = 0,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__core(void) { return PyModuleDef_Init(&definition); }
