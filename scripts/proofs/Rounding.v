(* Rounding to binary64 without overflow, and relative errors. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core Relative Plus_error.
Local Open Scope R_scope.

Global Instance precision_is_positive : Prec_gt_0 53.
Proof. reflexivity. Qed.

Definition format : R -> Prop := generic_format radix2 (FLT_exp (-1074) 53).
Definition fl : R -> R := round radix2 (FLT_exp (-1074) 53) ZnearestE.
Definition u : R := bpow radix2 (-53).

Lemma u_value : u = / 9007199254740992.
Proof. reflexivity. Qed.

Lemma u_positive : 0 < u.
Proof. apply bpow_gt_0. Qed.

Lemma choice_is_symmetric n : negb (Z.even n) = negb (negb (Z.even (- (n + 1)))).
Proof. rewrite Z.even_opp, Z.even_add. now destruct (Z.even n). Qed.

Lemma fl_format x : format (fl x).
Proof. apply generic_format_round; typeclasses eauto. Qed.

Lemma fl_exact x : format x -> fl x = x.
Proof. apply round_generic. typeclasses eauto. Qed.

Lemma fl_0 : fl 0 = 0.
Proof. apply round_0. typeclasses eauto. Qed.

Lemma fl_monotone x y : x <= y -> fl x <= fl y.
Proof. apply round_le; typeclasses eauto. Qed.

Lemma format_0 : format 0.
Proof. apply generic_format_0. Qed.

Lemma fl_nonnegative x : 0 <= x -> 0 <= fl x.
Proof. intro H. rewrite <- fl_0. now apply fl_monotone. Qed.

(* One rounding of a number that is not subnormal. *)
Lemma fl_error x : bpow radix2 (-1022) <= Rabs x -> Rabs (fl x - x) <= u * Rabs x.
Proof.
intro H.
destruct (relative_error_N_FLT_ex radix2 (-1074) 53 ltac:(lia) (fun n => negb (Z.even n)) x H)
  as [e [He Hx]].
unfold fl. rewrite Hx.
replace (x * (1 + e) - x) with (e * x) by ring.
rewrite Rabs_mult. apply Rmult_le_compat_r. apply Rabs_pos.
replace u with (/ 2 * bpow radix2 (- (53) + 1)). exact He.
unfold u. change (bpow radix2 (-53)) with (/ 9007199254740992).
change (bpow radix2 (- (53) + 1)) with (/ 4503599627370496). lra.
Qed.

(* A sum of two numbers of the format may be subnormal: it is then exact. *)
Lemma fl_sum_error x y : format x -> format y -> Rabs (fl (x + y) - (x + y)) <= u * Rabs (x + y).
Proof.
intros Hx Hy.
destruct (Rle_or_lt (bpow radix2 (-1022)) (Rabs (x + y))) as [H | H].
now apply fl_error.
rewrite fl_exact.
rewrite Rminus_diag_eq by reflexivity. rewrite Rabs_R0.
apply Rmult_le_pos. apply Rlt_le, u_positive. apply Rabs_pos.
apply FLT_format_plus_small; try assumption; try typeclasses eauto.
apply Rlt_le, Rlt_le_trans with (1 := H). apply bpow_le. lia.
Qed.

(* y is x with a relative error of at most e. *)
Definition within (e x y : R) : Prop := Rabs (y - x) <= e * Rabs x.

Lemma within_compose a b x y z :
  0 <= a -> within a x y -> within b y z -> 0 <= b -> within (a + b + a * b) x z.
Proof.
unfold within. intros Ha Hy Hz Hb.
assert (Hyx : Rabs y <= (1 + a) * Rabs x).
{ replace y with ((y - x) + x) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _). lra. }
replace (z - x) with ((z - y) + (y - x)) by ring.
apply Rle_trans with (1 := Rabs_triang _ _).
apply Rle_trans with (b * ((1 + a) * Rabs x) + a * Rabs x).
apply Rplus_le_compat. apply Rle_trans with (1 := Hz).
now apply Rmult_le_compat_l. exact Hy.
right; ring.
Qed.

Lemma within_widen a b x y : a <= b -> within a x y -> within b x y.
Proof.
unfold within. intros H Hxy. apply Rle_trans with (1 := Hxy).
apply Rmult_le_compat_r with (2 := H). apply Rabs_pos.
Qed.

Lemma within_scale e c x y : within e x y -> within e (c * x) (c * y).
Proof.
unfold within. intro H. rewrite <- Rmult_minus_distr_l, 2!Rabs_mult.
replace (e * (Rabs c * Rabs x)) with (Rabs c * (e * Rabs x)) by ring.
apply Rmult_le_compat_l with (2 := H). apply Rabs_pos.
Qed.

Lemma within_bounds e x y : 0 <= x -> within e x y -> (1 - e) * x <= y <= (1 + e) * x.
Proof.
unfold within. intros Hx H. rewrite (Rabs_pos_eq x) in H by exact Hx.
apply Rabs_le_inv in H. lra.
Qed.

Lemma within_of_bounds e x y : 0 <= x -> (1 - e) * x <= y <= (1 + e) * x -> within e x y.
Proof.
unfold within. intros Hx H. rewrite (Rabs_pos_eq x) by exact Hx. apply Rabs_le. lra.
Qed.

(* Powers of 1 + u, higher orders included. *)
Lemma power_bound n : INR n * u <= / 2 -> (1 + u) ^ n <= 1 + INR n * u * (1 + INR n * u).
Proof.
assert (Hu := u_positive).
induction n as [|n IH]. simpl. intros _. lra.
intro H.
assert (HS : INR (S n) = INR n + 1) by apply S_INR.
assert (Hn : 0 <= INR n) by apply pos_INR.
rewrite HS in H |- *.
assert (INR n * u <= / 2) as H' by nra.
specialize (IH H').
simpl pow.
apply Rle_trans with ((1 + u) * (1 + INR n * u * (1 + INR n * u))).
apply Rmult_le_compat_l. lra. exact IH.
set (t := INR n * u) in *.
replace ((INR n + 1) * u) with (t + u) by (unfold t; ring).
assert (0 <= t) by (unfold t; nra).
assert (t * t <= t) by (assert (t <= / 2) by (unfold t; lra); nra).
assert (u * (t * t) <= u * t) by (apply Rmult_le_compat_l; lra).
replace ((1 + u) * (1 + t * (1 + t))) with (1 + t + t * t + u + u * t + u * (t * t)) by ring.
replace (1 + (t + u) * (1 + (t + u))) with (1 + t + u + t * t + 2 * (u * t) + u * u) by ring.
nra.
Qed.
