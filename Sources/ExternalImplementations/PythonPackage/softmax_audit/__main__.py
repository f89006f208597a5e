"""python -m softmax_audit is the program softmax-audit."""

from softmax_audit.program import main

main()
