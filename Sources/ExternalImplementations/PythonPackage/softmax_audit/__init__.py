"""Says how wrong a softmax is, with proof: `assert_softmax` for test suites."""

from softmax_audit.assertions import assert_softmax

__all__ = ["assert_softmax"]
