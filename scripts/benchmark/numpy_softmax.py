"""The time of NumPy's softmax of a tensor along its last axis, in ns per element: the least of REPETITIONS.

usage: numpy_softmax.py float32|float64 N LANES REPETITIONS
"""

import sys
import time

import numpy as np

kind, n, lanes, repetitions = sys.argv[1], *map(int, sys.argv[2:5])
logits = (4 * np.random.default_rng(1).standard_normal((lanes, n))).astype(kind)
least = float("inf")
for _ in range(repetitions):
    start = time.perf_counter_ns()
    terms = logits - logits.max(axis=-1, keepdims=True)
    np.exp(terms, out=terms)
    terms /= terms.sum(axis=-1, keepdims=True)
    least = min(least, time.perf_counter_ns() - start)
print(f"{least / (n * lanes):.3f}")
