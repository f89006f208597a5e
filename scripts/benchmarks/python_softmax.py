"""The time of a library's softmax of a tensor along its last axis, in ns per element: the least of REPETITIONS.

usage: python_softmax.py numpy|scipy float32|float64 N LANES REPETITIONS
"""

import sys
import time

import numpy as np


def numpy_softmax(logits):
    terms = logits - logits.max(axis=-1, keepdims=True)
    np.exp(terms, out=terms)
    terms /= terms.sum(axis=-1, keepdims=True)
    return terms


def scipy_softmax(logits):
    return special.softmax(logits, axis=-1)


library, kind = sys.argv[1:3]
n, lanes, repetitions = map(int, sys.argv[3:6])
if library == "scipy":
    from scipy import special
softmax = {"numpy": numpy_softmax, "scipy": scipy_softmax}[library]
logits = (4 * np.random.default_rng(1).standard_normal((lanes, n))).astype(kind)
least = float("inf")
for _ in range(repetitions):
    start = time.perf_counter_ns()
    softmax(logits)
    least = min(least, time.perf_counter_ns() - start)
print(f"{least / (n * lanes):.3f}")
