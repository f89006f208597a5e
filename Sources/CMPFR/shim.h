#ifndef SOFTMAX_AUDIT_CMPFR_SHIM_H
#define SOFTMAX_AUDIT_CMPFR_SHIM_H

#include <mpfr.h>

#endif
