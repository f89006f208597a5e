// The kernels of one dispatch level; included once for each. See lane_kernels.h for what they
// promise.
//
// Vectors have eight elements at every level: two or four registers for a value hide the latency of
// a chain.

#include "vectors.h"

#include "survey.h"

#include "exponentials.h"

#include "exponential_pairs.h"

#include "log_probabilities.h"

#include "gradients.h"

#include "mirroring.h"

#include "comparison.h"

#include "candidates.h"

#include "ratios.h"

#include "sums.h"

#include "short_lanes.h"

#include "attention.h"

#undef INLINE
#undef ROUNDER
#undef TWO_SUM
#undef FAST_TWO_SUM
#undef MULTIPLY
#undef MULTIPLY_ADD
