(* The constants of the kernel against the numbers that they stand for, by interval arithmetic. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core.
Require Import Gappa.Gappa_library.
Require Import Intervals Rounding Kernel.
Local Open Scope R_scope.

(* A constant as a quotient of integers. *)
Ltac constants :=
  unfold polynomial, rounder, inverse_log_two, log_two_high, log_two_low, tiny, floor, u;
  unfold Float1, float2R, Defs.F2R; cbn [Defs.Fnum Defs.Fexp Gappa_definitions.Fnum Gappa_definitions.Fexp];
  cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul Pos.add Pos.succ radix_val radix2].

Lemma polynomial_error r : Rabs r <= 34658 / 100000 -> within (316 / 100 * u) (exp r) (polynomial r).
Proof.
intro H. unfold within. rewrite (Rabs_pos_eq (exp r)) by apply Rlt_le, exp_pos.
assert (Rabs (polynomial r * exp (- r) - 1) <= 316 / 100 * u).
{ constants. cbv zeta.
  interval with (i_bisect r, i_taylor r, i_degree 14, i_prec 110). }
replace (polynomial r - exp r) with ((polynomial r * exp (- r) - 1) * exp r).
rewrite Rabs_mult, (Rabs_pos_eq (exp r)) by apply Rlt_le, exp_pos.
apply Rmult_le_compat_r with (2 := H0). apply Rlt_le, exp_pos.
rewrite Rmult_minus_distr_r, Rmult_assoc, <- exp_plus, Rplus_opp_l, exp_0. ring.
Qed.

(* The parts of ln 2 and its inverse. *)
Lemma log_two_error : Rabs (log_two_high + log_two_low - ln 2) <= bpow radix2 (-98).
Proof. constants. interval with (i_prec 160). Qed.

Lemma log_two_high_bounds : 6931471 / 10000000 <= log_two_high <= 69314719 / 100000000.
Proof. constants. lra. Qed.

Lemma log_two_low_bounds : 0 <= log_two_low <= bpow radix2 (-44).
Proof. constants. lra. Qed.

Lemma inverse_error : Rabs (1 - inverse_log_two * log_two_high) <= bpow radix2 (-43).
Proof. constants. interval with (i_prec 160). Qed.

Lemma exp_near_1 b s d : 0 <= b -> exp b <= s -> Rabs d <= b -> Rabs (exp d - 1) <= Rabs d * s.
Proof.
intros Hz Hs H.
destruct (MVT_abs exp exp 0 d) as [c [Hc Hb]].
intros c _. apply derivable_pt_lim_exp.
rewrite exp_0 in Hc. rewrite Hc, Rminus_0_r, Rmult_comm.
apply Rmult_le_compat_l. apply Rabs_pos.
rewrite Rabs_pos_eq by apply Rlt_le, exp_pos.
assert (L : c <= b).
{ apply Rabs_le_inv in H. unfold Rmin, Rmax in Hb. destruct (Rle_dec 0 d); lra. }
apply Rle_trans with (2 := Hs).
destruct L as [L | L]. apply Rlt_le, exp_increasing, L. rewrite L. apply Rle_refl.
Qed.

Lemma exp_of_small d : Rabs d <= bpow radix2 (-54) -> Rabs (exp d - 1) <= Rabs d * (1 + bpow radix2 (-50)).
Proof.
apply exp_near_1. apply bpow_ge_0.
cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. interval with (i_prec 120).
Qed.

Lemma exp_minus_1 d : Rabs d <= bpow radix2 (-42) -> Rabs (exp d - 1) <= Rabs d * (1 + bpow radix2 (-40)).
Proof.
apply exp_near_1. apply bpow_ge_0.
cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. interval with (i_prec 120).
Qed.

(* What the kernel has for all that lies below the floor. *)
Lemma exp_of_floor : bpow radix2 (-289) <= exp (-200).
Proof. cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. interval with (i_prec 60). Qed.

Lemma exp_of_floor_vanishes : exp (-200) <= bpow radix2 (-288).
Proof. cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. interval with (i_prec 60). Qed.
