(* Interval arithmetic on the integers of Coq: that on machine words would be one axiom more for
   each of their instructions. *)

From Interval Require Float.Specific_stdz Float.Specific_ops.
From Interval Require Export Tactic.

Module Floats := Specific_ops.SpecificFloat Specific_stdz.StdZRadix2.
Module Export IntegerIntervals := Tactic.IntervalTactic Floats.
