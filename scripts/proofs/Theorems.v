(* The bounds of FilterBounds for probabilities in binary64, for the lanes that the kernel is given. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core.
Require Import Gappa.Gappa_library.
Require Import Intervals Rounding Kernel Approximation Exponential Sums Softmax.
Local Open Scope R_scope.

(* A lane of n logits, of which some are -inf, with its largest logit m; it has at most 2^24 blocks. *)
Record is_lane (n : nat) (x : nat -> R) (is_finite : nat -> bool) (m : R) (blocks : nat) : Prop := {
  lane_length : INR n <= bpow radix2 32;
  lane_maximum : forall i, (i < n)%nat -> is_finite i = true -> x i <= m;
  lane_top : exists top, (top < n)%nat /\ is_finite top = true /\ x top = m;
  lane_blocks : (n <= blocks * block)%nat;
  lane_block_count : INR blocks <= bpow radix2 24
}.

Section Lane.

Variable exponential : R -> R.
Hypothesis exponential_is_good : is_exponential exponential.
Variables (n : nat) (x : nat -> R) (is_finite : nat -> bool) (m : R) (blocks : nat).
Hypothesis lane : is_lane n x is_finite m blocks.

Let there := is_there n is_finite.
Let d := difference x m.
Let p := probability exponential n x is_finite m blocks.
Let exact := exact_probability n x is_finite m.

Lemma near_range i : there i = true -> -200 <= d i -> -201 <= x i - m <= 0.
Proof.
intros H D. split.
- destruct (Rle_or_lt (-201) (x i - m)) as [L | L]. exact L. exfalso.
  apply Rlt_le, fl_monotone in L.
  rewrite (fl_exact (-201)) in L. unfold d, difference in D. lra.
  apply generic_format_FLT. exists (Float radix2 (-201) 0); simpl; lia || (unfold F2R; simpl; lra).
- exact (difference_sign n x is_finite m (lane_maximum _ _ _ _ _ lane) i H).
Qed.

(* Logits of binary32 none of which is tiny: differences are exact. *)
Theorem probability_error_exact :
  (forall i, there i = true -> is_single (x i) /\ (x i = 0 \/ tiny <= Rabs (x i))) ->
  forall i, there i = true -> -200 <= d i -> within (3003 / 100 * u) (exact i) (p i).
Proof.
intros Hx i Hi Di.
destruct lane as [Ln Lm [top Lt] Lb Lc].
assert (Ht : there top = true) by (apply is_there_spec; tauto).
assert (Hm := Hx top Ht). rewrite (proj2 (proj2 Lt)) in Hm.
assert (E : forall j, there j = true -> -200 <= d j -> d j = x j - m).
{ intros j Hj Dj. apply difference_exact; try apply Hx; try apply Hm; try assumption. now apply near_range. }
assert (R0 : 0 <= 0 <= bpow radix2 (-45)) by (split; [lra | apply bpow_ge_0]).
apply within_widen with (quotient_bound 0 (0 + exponential_bound + bpow radix2 (-90))).
- unfold quotient_bound, sum_total_bound, sum_bound, exponential_bound. rewrite u_value. numbers. lra.
- apply (near_probability exponential exponential_is_good n Ln x is_finite m Lm top Lt blocks Lb Lc
    (fun _ => 0) 0); try assumption.
  + intros _. exact R0.
  + intros j Hj Dj. change (within 0 (exp (x j - m)) (exp (d j))). rewrite (E j Hj Dj).
    unfold within. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra.
  + rewrite sum_scale. lra.
Qed.

Lemma logarithm_of_length : ln (INR n) <= 222 / 10.
Proof.
destruct lane as [Ln Lm [top [Lt _]] Lb Lc].
assert (H : 0 < INR n) by (apply lt_0_INR; lia).
apply Rle_trans with (ln (bpow radix2 32)).
- destruct Ln as [Ln | ->]. apply Rlt_le, ln_increasing; assumption. lra.
- numbers. interval with (i_prec 60).
Qed.

Let near i := if Rle_dec (-200) (d i) then there i else false.
Let change i := if near i then Rabs (x i - m) * u * (1 + bpow radix2 (-40)) else 0.
Let change_of_sum := 222 / 10 * u * (1 + bpow radix2 (-40)).

Let change_bound i : 0 <= change i <= 2011 / 10 * u.
Proof.
unfold change, near. assert (Hu := u_value). destruct (Rle_dec (-200) (d i)) as [D | D]; [ | rewrite Hu; lra ].
destruct (there i) eqn:H; [ | rewrite Hu; lra ].
assert (N := near_range i H D). rewrite Rabs_left1 by lra.
rewrite Hu. split. numbers. nra. numbers. nra.
Qed.

(* Any logits of binary64. *)
Hypothesis logits_format : forall i, there i = true -> format (x i).

Let m_format : format m.
Proof.
destruct lane as [Ln Lm [top Lt] Lb Lc]. rewrite <- (proj2 (proj2 Lt)). apply logits_format.
apply is_there_spec. tauto.
Qed.

Let change_range i : 0 <= change i <= bpow radix2 (-45).
Proof. assert (C := change_bound i). rewrite u_value in C. numbers. lra. Qed.

Let change_of_sum_range : 0 <= change_of_sum <= bpow radix2 (-45).
Proof. unfold change_of_sum. rewrite u_value. numbers. lra. Qed.

Let change_is j : there j = true -> -200 <= d j -> within (change j) (exp (x j - m)) (exp (d j)).
Proof.
intros Hj Dj.
assert (Ej : change j = Rabs (x j - m) * u * (1 + bpow radix2 (-40))).
{ unfold change, near. destruct (Rle_dec (-200) (d j)) as [_ | N]; [ | lra ]. now rewrite Hj. }
rewrite Ej. apply difference_error. now apply near_range.
unfold d, difference, within, Rminus. apply fl_sum_error. now apply logits_format.
apply generic_format_opp. exact m_format.
Qed.

Let change_of_sum_is :
  sum n (fun i => change i * exact_term n x is_finite m i) <= change_of_sum * exact_sum n x is_finite m.
Proof.
assert (LN := logarithm_of_length). assert (Hu := u_value).
destruct lane as [Ln Lm [top Lt] Lb Lc].
set (e j := if there j then exp (x j - m) else 0).
change (exact_term n x is_finite m) with e. change (exact_sum n x is_finite m) with (sum n e).
assert (S1 : 1 <= sum n e) by (exact (proj1 (exact_sum_range n Ln x is_finite m Lm top Lt blocks Lb))).
assert (W := differences_are_weighed n there (fun j => x j - m) ltac:(lia)
  (difference_sign n x is_finite m Lm) S1). cbv zeta beta in W. fold e in W.
assert (E0 : forall j, 0 <= e j) by (intro j; unfold e; destruct (there j); [ apply Rlt_le, exp_pos | lra ]).
apply Rle_trans with (u * (1 + bpow radix2 (-40)) * sum n (fun j => Rabs (x j - m) * e j)).
- rewrite <- sum_scale. apply sum_le. intros j _.
  replace (u * (1 + bpow radix2 (-40)) * (Rabs (x j - m) * e j))
    with ((Rabs (x j - m) * u * (1 + bpow radix2 (-40))) * e j) by ring.
  apply Rmult_le_compat_r. apply E0.
  unfold change. destruct (near j). apply Rle_refl.
  apply Rmult_le_pos. apply Rmult_le_pos. apply Rabs_pos. apply Rlt_le, u_positive. numbers. lra.
- unfold change_of_sum.
  replace (222 / 10 * u * (1 + bpow radix2 (-40)) * sum n e)
    with (u * (1 + bpow radix2 (-40)) * (222 / 10 * sum n e)) by ring.
  apply Rmult_le_compat_l. rewrite Hu. numbers. lra.
  apply Rle_trans with (1 := W). apply Rmult_le_compat_r; lra.
Qed.

Theorem probability_error :
  forall i, there i = true -> -200 <= d i -> within (25350 / 100 * u) (exact i) (p i).
Proof.
intros i Hi Di. assert (Hu := u_value). assert (C := change_bound i).
destruct lane as [Ln Lm [top Lt] Lb Lc].
apply within_widen with (quotient_bound change_of_sum (change i + exponential_bound + bpow radix2 (-90))).
- unfold quotient_bound, sum_total_bound, sum_bound, exponential_bound, change_of_sum.
  rewrite Hu in *. numbers. lra.
- now apply (near_probability exponential exponential_is_good n Ln x is_finite m Lm top Lt blocks Lb Lc
    change change_of_sum).
Qed.

(* Below the floor: an upper bound, below what counts as vanishing. *)
Theorem probability_vanishes :
  forall i, there i = true -> d i < -200 ->
  exact i <= (1 + bpow radix2 (-40)) * p i /\ p i < single_vanishes.
Proof.
intros i Hi Di. assert (Hu := u_value).
destruct lane as [Ln Lm [top Lt] Lb Lc].
assert (S := proj1 (exact_sum_range n Ln x is_finite m Lm top Lt blocks Lb)).
destruct (far_probability exponential exponential_is_good n Ln x is_finite m Lm top Lt blocks Lb Lc
  change change_of_sum change_range change_of_sum_range change_is change_of_sum_is i Hi Di) as [A B].
fold (exact i) in A. fold (p i) in B.
assert (V := exp_of_floor_vanishes). assert (P := exp_pos (-200)).
assert (Q : 0 <= quotient_bound change_of_sum exponential_bound <= bpow radix2 (-45)).
{ unfold quotient_bound, sum_total_bound, sum_bound, exponential_bound, change_of_sum. rewrite Hu. numbers. lra. }
set (q := quotient_bound change_of_sum exponential_bound) in *.
assert (Y : 0 < exp (-200) / exact_sum n x is_finite m <= bpow radix2 (-288)).
{ split. apply Rmult_lt_0_compat. exact P. apply Rinv_0_lt_compat. lra.
  apply Rle_trans with (2 := V). rewrite <- (Rmult_1_r (exp (-200))) at 2. unfold Rdiv.
  apply Rmult_le_compat_l. lra. rewrite <- Rinv_1. apply Rinv_le; lra. }
set (y := exp (-200) / exact_sum n x is_finite m) in *.
apply within_bounds in B; [ | lra ].
split.
- apply Rle_trans with (1 := A). apply Rle_trans with ((1 + bpow radix2 (-40)) * ((1 - q) * y)).
  + rewrite <- Rmult_assoc. rewrite <- (Rmult_1_l y) at 1. apply Rmult_le_compat_r. lra. numbers. nra.
  + apply Rmult_le_compat_l. numbers. lra. exact (proj1 B).
- apply Rle_lt_trans with (1 := proj2 B).
  apply Rle_lt_trans with ((1 + bpow radix2 (-45)) * bpow radix2 (-288)).
  apply Rmult_le_compat; numbers; lra.
  unfold single_vanishes, float2R, Defs.F2R. simpl. lra.
Qed.

End Lane.

(* The claims of FilterBounds, for both levels. *)
Definition claims (exponential : R -> R) : Prop :=
  forall n x is_finite m blocks, is_lane n x is_finite m blocks ->
  let there := is_there n is_finite in
  let p := probability exponential n x is_finite m blocks in
  let exact := exact_probability n x is_finite m in
  (forall i, there i = true -> format (x i)) ->
  forall i, there i = true ->
  (difference x m i < -200 -> exact i <= (1 + bpow radix2 (-40)) * p i /\ p i < single_vanishes) /\
  (-200 <= difference x m i ->
    within claimed_single (exact i) (p i) /\
    ((forall j, there j = true -> is_single (x j) /\ (x j = 0 \/ tiny <= Rabs (x j))) ->
      within claimed_single_exact (exact i) (p i))).

Lemma claims_hold exponential : is_exponential exponential -> claims exponential.
Proof.
intros E n x is_finite m blocks L there p exact F i Hi. assert (Hu := u_value). split; [ | intro D; split ].
- now apply (probability_vanishes exponential E n x is_finite m blocks L F).
- apply within_widen with (25350 / 100 * u). unfold claimed_single. lra.
  now apply (probability_error exponential E n x is_finite m blocks L F).
- intro X. apply within_widen with (3003 / 100 * u). unfold claimed_single_exact. lra.
  now apply (probability_error_exact exponential E n x is_finite m blocks L X).
Qed.

Theorem probabilities_fused : claims exponential_fused.
Proof. exact (claims_hold _ exponential_fused_error). Qed.

Theorem probabilities_unfused : claims exponential_unfused.
Proof. exact (claims_hold _ exponential_unfused_error). Qed.
