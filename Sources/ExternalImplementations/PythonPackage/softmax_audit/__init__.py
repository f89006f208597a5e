"""Says how wrong a softmax is, with proof.

    from softmax_audit import assert_softmax, audit

    def test_softmax():
        assert_softmax(mypackage.softmax, formats=["float32"], max_ulp=4)

    audit(mypackage.softmax).to_frame()

`python -m softmax_audit` is the program `softmax-audit`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from softmax_audit.assertions import (
        SoftmaxAuditFailure, assert_log_softmax, assert_logsumexp, assert_operation, assert_softmax)
    from softmax_audit.auditing import audit
    from softmax_audit.reports import Report

__all__ = [
    "Report", "SoftmaxAuditFailure", "assert_log_softmax", "assert_logsumexp", "assert_operation", "assert_softmax", "audit"]


def __getattr__(name: str) -> object:
    # Workers import this package before anything of the user's: they need none of this.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module = {"Report": "reports", "audit": "auditing"}.get(name, "assertions")
    return getattr(import_module(f"{__name__}.{module}"), name)
