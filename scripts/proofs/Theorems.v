(* The bounds of FilterBounds for probabilities in binary64, for lanes that the kernel is given. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core.
Require Import Gappa.Gappa_library.
Require Import Intervals Rounding Kernel Approximation Exponential Sums Softmax.
Local Open Scope R_scope.

(* A lane of n logits, some of them -inf, with its largest logit m, in at most 2^24 blocks. *)
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

Let zero_change : 0 <= 0 <= bpow radix2 (-45).
Proof. split. apply Rle_refl. apply bpow_ge_0. Qed.

Lemma sum_is_at_least_1 : 1 <= exact_sum n x is_finite m.
Proof. destruct lane as [Ln Lm [top Lt] Lb Lc]. 
apply (exact_sum_range n x is_finite m Lm Ln blocks Lb 0 zero_change top Lt).
Qed.

Lemma tail_vanishes_value : tail_vanishes = bpow radix2 (-190).
Proof. unfold tail_vanishes, float2R, Defs.F2R. simpl. lra. Qed.

Lemma sum_is_not_tiny : bpow radix2 (-191) <= exact_sum n x is_finite m.
Proof. apply Rle_trans with (2 := sum_is_at_least_1). numbers. lra. Qed.

Definition are_single : Prop := forall i, there i = true -> is_single (x i) /\ (x i = 0 \/ tiny <= Rabs (x i)).

Lemma differences_are_exact : are_single -> forall j, there j = true -> -200 <= d j -> d j = x j - m.
Proof.
intros Hx j Hj Dj. assert (N := near_range j Hj Dj).
destruct lane as [Ln Lm [top Lt] Lb Lc].
assert (Ht : there top = true) by (apply is_there_spec; tauto).
assert (Hm := Hx top Ht). rewrite (proj2 (proj2 Lt)) in Hm.
apply difference_exact; try apply Hx; try apply Hm; assumption.
Qed.

(* The logits whose difference is not 0: those below the largest. *)
Definition below (i : nat) : bool := andb (is_finite i) (if Req_EM_T (d i) 0 then false else true).

Lemma below_is_there i : is_there n below i = true -> there i = true.
Proof.
intro H. apply is_there_spec in H. destruct H as [H B]. unfold below in B.
apply Bool.andb_true_iff in B. apply is_there_spec. tauto.
Qed.

Lemma below_maximum i : (i < n)%nat -> below i = true -> x i <= m.
Proof.
intros H B. apply (lane_maximum _ _ _ _ _ lane i H). unfold below in B. apply Bool.andb_true_iff in B. tauto.
Qed.

(* The sum of the exponentials below the largest, as it is and as the kernel has it. *)
Let tail := exact_sum n x below m.
Let t := kernel_sum (term exponential n x below m) blocks.

Theorem tail_error_exact :
  are_single -> (1 - bpow radix2 (-40)) * tail_vanishes <= t -> within (2055 / 100 * u) tail t.
Proof.
intros Hx V. rewrite tail_vanishes_value in V.
assert (E := differences_are_exact Hx).
assert (EC : forall j, is_there n below j = true -> -200 <= difference x m j ->
  within 0 (exp (x j - m)) (exp (difference x m j))).
{ intros j Hj Dj. change (difference x m j) with (d j) in *. rewrite (E j (below_is_there j Hj) Dj).
  unfold within. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra. }
assert (EZ : sum n (fun j => 0 * exact_term n x below m j) <= 0 * exact_sum n x below m) by (rewrite sum_scale; lra).
assert (NV : bpow radix2 (-191) <= tail).
{ destruct (Rle_or_lt tail (bpow radix2 (-191))) as [L | L]; [ exfalso | lra ].
  assert (W := part_sum_vanishes exponential exponential_is_good n x below m below_maximum
    (fun _ => 0) (fun _ => zero_change) EC (lane_length _ _ _ _ _ lane) blocks
    (lane_blocks _ _ _ _ _ lane) (lane_block_count _ _ _ _ _ lane) 0 zero_change EZ L).
  fold t in W. lra. }
apply within_widen with (sum_total_bound 0).
- unfold sum_total_bound, sum_bound, exponential_bound. rewrite u_value. numbers. lra.
- exact (part_sum_error exponential exponential_is_good n x below m below_maximum (fun _ => 0) (fun _ => zero_change)
    EC (lane_length _ _ _ _ _ lane) blocks (lane_blocks _ _ _ _ _ lane) (lane_block_count _ _ _ _ _ lane)
    0 zero_change EZ NV).
Qed.

(* Logits of binary32 none of which is tiny: differences are exact. *)
Theorem probability_error_exact :
  are_single -> forall i, there i = true -> -200 <= d i -> within (3003 / 100 * u) (exact i) (p i).
Proof.
intros Hx i Hi Di.
destruct lane as [Ln Lm [top Lt] Lb Lc].
assert (E := differences_are_exact Hx).
assert (R0 : 0 <= 0 <= bpow radix2 (-45)) by (split; [lra | apply bpow_ge_0]).
assert (EC : forall j, there j = true -> -200 <= d j -> within 0 (exp (x j - m)) (exp (d j))).
{ intros j Hj Dj. rewrite (E j Hj Dj). unfold within. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. lra. }
assert (EZ : sum n (fun j => 0 * exact_term n x is_finite m j) <= 0 * exact_sum n x is_finite m) by (rewrite sum_scale; lra).
assert (NV := sum_is_not_tiny).
apply within_widen with (quotient_bound 0 (0 + exponential_bound + bpow radix2 (-90))).
- unfold quotient_bound, sum_total_bound, sum_bound, exponential_bound. rewrite u_value. numbers. lra.
- exact (near_probability exponential exponential_is_good n x is_finite m Lm (fun _ => 0) (fun _ => R0)
    EC Ln blocks Lb Lc 0 R0 EZ NV top Lt i Hi Di).
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
assert (LN := logarithm_of_length). assert (Hu := u_value). assert (S1 := sum_is_at_least_1).
destruct lane as [Ln Lm [top Lt] Lb Lc].
set (e j := if there j then exp (x j - m) else 0).
change (exact_term n x is_finite m) with e. change (exact_sum n x is_finite m) with (sum n e).
change (1 <= sum n e) in S1.
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
intros i Hi Di. assert (Hu := u_value). assert (C := change_bound i). assert (NV := sum_is_not_tiny).
destruct lane as [Ln Lm [top Lt] Lb Lc].
apply within_widen with (quotient_bound change_of_sum (change i + exponential_bound + bpow radix2 (-90))).
- unfold quotient_bound, sum_total_bound, sum_bound, exponential_bound, change_of_sum.
  rewrite Hu in *. numbers. lra.
- now apply (near_probability exponential exponential_is_good n x is_finite m Lm change change_range change_is
    Ln blocks Lb Lc change_of_sum change_of_sum_range change_of_sum_is NV top Lt).
Qed.

Let change_of_tail := 2001 / 10 * u.

Let change_of_tail_range : 0 <= change_of_tail <= bpow radix2 (-45).
Proof. unfold change_of_tail. rewrite u_value. numbers. lra. Qed.

Let change_is_below j : is_there n below j = true -> -200 <= difference x m j ->
  within (change j) (exp (x j - m)) (exp (difference x m j)).
Proof. intros Hj Dj. exact (change_is j (below_is_there j Hj) Dj). Qed.

Let change_of_tail_is :
  sum n (fun j => change j * exact_term n x below m j) <= change_of_tail * exact_sum n x below m.
Proof.
assert (Hu := u_value).
assert (CB : forall j, change j <= 2001 / 10 * u).
{ intro j. unfold change, near. destruct (Rle_dec (-200) (d j)) as [D | D]; [ | rewrite Hu; lra ].
  destruct (there j) eqn:H; [ | rewrite Hu; lra ].
  assert (N := near_range j H D).
  assert (F := fl_sum_error (x j) (- m) (logits_format j H) (generic_format_opp _ _ _ m_format)).
  change (fl (x j + - m)) with (d j) in F. change (x j + - m) with (x j - m) in F.
  rewrite (Rabs_left1 (x j - m)) in F |- * by lra. apply Rabs_le_inv in F. rewrite Hu in F |- *. numbers. lra. }
unfold exact_sum. rewrite <- sum_scale. apply sum_le. intros j _. apply Rmult_le_compat_r.
- unfold exact_term. destruct (is_there n below j). apply Rlt_le, exp_pos. lra.
- apply CB.
Qed.

Theorem tail_error :
  (1 - bpow radix2 (-40)) * tail_vanishes <= t -> within (22065 / 100 * u) tail t.
Proof.
intro V. rewrite tail_vanishes_value in V. assert (Hu := u_value).
assert (NV : bpow radix2 (-191) <= tail).
{ destruct (Rle_or_lt tail (bpow radix2 (-191))) as [L | L]; [ exfalso | lra ].
  assert (W := part_sum_vanishes exponential exponential_is_good n x below m below_maximum
    change change_range change_is_below (lane_length _ _ _ _ _ lane) blocks
    (lane_blocks _ _ _ _ _ lane) (lane_block_count _ _ _ _ _ lane)
    change_of_tail change_of_tail_range change_of_tail_is L).
  fold t in W. lra. }
apply within_widen with (sum_total_bound change_of_tail).
- unfold sum_total_bound, sum_bound, exponential_bound, change_of_tail. rewrite Hu. numbers. lra.
- exact (part_sum_error exponential exponential_is_good n x below m below_maximum
    change change_range change_is_below (lane_length _ _ _ _ _ lane) blocks
    (lane_blocks _ _ _ _ _ lane) (lane_block_count _ _ _ _ _ lane)
    change_of_tail change_of_tail_range change_of_tail_is NV).
Qed.

(* Below what vanishes too, it is an upper bound but for its error. *)
Theorem tail_is_below : tail <= (1 + bpow radix2 (-40)) * t.
Proof.
exact (part_sum_above exponential exponential_is_good n x below m below_maximum
  change change_range change_is_below blocks
  (lane_blocks _ _ _ _ _ lane) (lane_block_count _ _ _ _ _ lane)
  change_of_tail change_of_tail_range change_of_tail_is).
Qed.

(* Below the floor: an upper bound, below what counts as vanishing. *)
Theorem probability_vanishes :
  forall i, there i = true -> d i < -200 ->
  exact i <= (1 + bpow radix2 (-40)) * p i /\ p i < single_vanishes.
Proof.
intros i Hi Di. assert (Hu := u_value). assert (S := sum_is_at_least_1). assert (NV := sum_is_not_tiny).
destruct lane as [Ln Lm [top Lt] Lb Lc].
destruct (far_probability exponential exponential_is_good n x is_finite m Lm change change_range change_is
  Ln blocks Lb Lc change_of_sum change_of_sum_range change_of_sum_is NV top Lt i Hi Di) as [A B].
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
