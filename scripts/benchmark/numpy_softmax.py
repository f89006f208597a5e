"""The time of NumPy's softmax on a lane, in ns per element: the least of REPETITIONS.

usage: numpy_softmax.py float32|float64 N REPETITIONS
"""

import sys
import time

import numpy as np

kind, n, repetitions = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
logits = (4 * np.random.default_rng(1).standard_normal(n)).astype(kind)
least = float("inf")
for _ in range(repetitions):
    start = time.perf_counter_ns()
    terms = np.exp(logits - logits.max())
    terms /= terms.sum()
    least = min(least, time.perf_counter_ns() - start)
print(f"{least / n:.3f}")
