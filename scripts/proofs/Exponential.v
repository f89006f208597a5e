(* The exponential of the kernel: reduction, approximation, evaluation and scaling together. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core Mult_error.
Require Import Gappa.Gappa_library.
Require Import Rounding Kernel Approximation Levels.
Local Open Scope R_scope.

(* 2^k for the k that the rounder leaves; Scaling shows that the integers do that. *)
Definition scaled (p k : R) : R := p * bpow radix2 (Zfloor k).

Definition exponential_fused (d : R) : R :=
  let k := multiple (shifted_fused d) in scaled (polynomial_fused (remainder_fused d k)) k.

Definition exponential_unfused (d : R) : R :=
  let k := multiple (shifted_unfused d) in scaled (polynomial_unfused (remainder_unfused d k)) k.

Definition exponential_bound : R := 748 / 100 * u.

Ltac powers := cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2] in *.

(* The multiple is the nearest. *)
Lemma remainder_is_small d shifted n :
  -200 <= d <= 0 -> Rabs (shifted - (d * inverse_log_two + rounder)) <= 1 / 2 + bpow radix2 (-43) ->
  IZR n = shifted - rounder -> Rabs (d - IZR n * log_two_high) <= 3465736 / 10000000.
Proof.
intros Hd Hs Hn.
assert (Hi := inverse_error). assert (Hl := log_two_high_bounds).
replace (d - IZR n * log_two_high)
  with (d * (1 - inverse_log_two * log_two_high) + log_two_high * (d * inverse_log_two - IZR n)) by ring.
apply Rle_trans with (1 := Rabs_triang _ _). rewrite 2!Rabs_mult.
rewrite (Rabs_pos_eq log_two_high) by lra.
assert (Rabs d <= 200) by (apply Rabs_le; lra).
assert (Rabs (d * inverse_log_two - IZR n) <= 1 / 2 + bpow radix2 (-43)).
{ rewrite Hn, <- Rabs_Ropp.
  replace (- (d * inverse_log_two - (shifted - rounder))) with (shifted - (d * inverse_log_two + rounder)) by ring.
  exact Hs. }
apply Rle_trans with (200 * bpow radix2 (-43) + 69314719 / 100000000 * (1 / 2 + bpow radix2 (-43))).
apply Rplus_le_compat; apply Rmult_le_compat; try apply Rabs_pos; try assumption; lra.
powers. lra.
Qed.

Lemma scaled_integer p n : scaled p (IZR n) = p * bpow radix2 n.
Proof. unfold scaled. now rewrite Zfloor_IZR. Qed.

Lemma exp_multiple d n : exp (d - IZR n * ln 2) * bpow radix2 n = exp d.
Proof.
rewrite bpow_exp, <- exp_plus. f_equal. simpl. ring.
Qed.

Lemma exp_is_not_subnormal d : -200 <= d -> bpow radix2 (-289) <= exp d.
Proof.
intro H. apply Rle_trans with (exp (-200)). exact exp_of_floor.
destruct H. apply Rlt_le, exp_increasing, H. rewrite H. apply Rle_refl.
Qed.

(* e^r and e^(d - n ln 2). *)
Lemma reduction_error d n r :
  (-289 <= n <= 0)%Z -> remainder_facts d (IZR n) r ->
  within (251 / 1000 * u) (exp (d - IZR n * ln 2)) (exp r).
Proof.
intros Hn Hr. unfold remainder_facts in Hr.
set (e := r - (d - IZR n * ln 2)).
assert (He : Rabs e <= bpow radix2 (-55) * (1 + bpow radix2 (-33))).
{ unfold e.
  replace (r - (d - IZR n * ln 2)) with
    ((r - (d - IZR n * log_two_high - IZR n * log_two_low))
     + - (IZR n * (log_two_high + log_two_low - ln 2))) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _). rewrite Rabs_Ropp, Rabs_mult.
  assert (Hc := log_two_error).
  assert (Rabs (IZR n) <= 289) by (rewrite <- abs_IZR; apply IZR_le; lia).
  apply Rle_trans with (bpow radix2 (-55) * (1 + bpow radix2 (-34)) + 289 * bpow radix2 (-98)).
  apply Rplus_le_compat. exact Hr.
  apply Rmult_le_compat; try apply Rabs_pos; assumption.
  powers. lra. }
replace r with ((d - IZR n * ln 2) + e) by (unfold e; ring).
rewrite exp_plus. unfold within.
replace (exp (d - IZR n * ln 2) * exp e - exp (d - IZR n * ln 2))
  with (exp (d - IZR n * ln 2) * (exp e - 1)) by ring.
rewrite Rabs_mult, Rmult_comm. apply Rmult_le_compat_r. apply Rabs_pos.
apply Rle_trans with (Rabs e * (1 + bpow radix2 (-50))).
apply exp_of_small. apply Rle_trans with (1 := He). powers. lra.
apply Rle_trans with (bpow radix2 (-55) * (1 + bpow radix2 (-33)) * (1 + bpow radix2 (-50))).
apply Rmult_le_compat_r. powers. lra. exact He.
rewrite u_value. powers. lra.
Qed.

(* All that is asked of a level. *)
Section Level.

Variable shifted : R -> R.
Variable remainder : R -> R -> R.
Variable evaluated : R -> R.

Hypothesis multiple_is_near : forall d, format d -> -200 <= d <= 0 -> multiple_facts d (shifted d).
Hypothesis remainder_of_0 : forall d, format d -> remainder d 0 = d.
Hypothesis remainder_is_near :
  forall d n, format d -> 1 <= Rabs (IZR n) <= 289 -> 1 / 4 <= Rabs d <= 200 ->
  Rabs (d - IZR n * log_two_high) <= 34658 / 100000 -> remainder_facts d (IZR n) (remainder d (IZR n)).
Hypothesis remainder_format : forall d k, format (remainder d k).
Hypothesis evaluation_is_near :
  forall r, format r -> Rabs r <= 34658 / 100000 -> 0 < polynomial r ->
  within (40625 / 10000 * u) (polynomial r) (evaluated r).
Hypothesis evaluated_format : forall r, format (evaluated r).

Let exponential d := let k := multiple (shifted d) in scaled (evaluated (remainder d k)) k.

Lemma remainder_facts_all d n :
  format d -> -200 <= d <= 0 -> (-289 <= n <= 0)%Z ->
  Rabs (d - IZR n * log_two_high) <= 3465736 / 10000000 -> remainder_facts d (IZR n) (remainder d (IZR n)).
Proof.
intros Fd Hd Hn Hr. assert (Hl := log_two_high_bounds).
destruct (Z.eq_dec n 0) as [-> | Hz].
- rewrite remainder_of_0 by exact Fd. unfold remainder_facts.
  replace (d - (d - 0 * log_two_high - 0 * log_two_low)) with 0 by ring.
  rewrite Rabs_R0. powers. lra.
- assert (H1 : IZR n <= -1) by (apply IZR_le; lia).
  assert (H2 : -289 <= IZR n) by (apply IZR_le; lia).
  apply remainder_is_near; try assumption.
  + rewrite Rabs_left by lra. lra.
  + rewrite Rabs_left1 by lra. apply Rabs_le_inv in Hr. nra.
  + lra.
Qed.

Lemma remainder_range d n :
  format d -> -200 <= d <= 0 -> (-289 <= n <= 0)%Z ->
  Rabs (d - IZR n * log_two_high) <= 3465736 / 10000000 ->
  Rabs (remainder d (IZR n)) <= 34658 / 100000.
Proof.
intros Fd Hd Hn Hr.
assert (Hf := remainder_facts_all d n Fd Hd Hn Hr).
set (r := remainder d (IZR n)) in *.
unfold remainder_facts in Hf. assert (Hl := log_two_low_bounds).
replace r with ((r - (d - IZR n * log_two_high - IZR n * log_two_low))
  + ((d - IZR n * log_two_high) + - (IZR n * log_two_low))) by ring.
apply Rle_trans with (1 := Rabs_triang _ _).
apply Rle_trans with
  (bpow radix2 (-55) * (1 + bpow radix2 (-34)) + (3465736 / 10000000 + 289 * bpow radix2 (-44))).
apply Rplus_le_compat. exact Hf.
apply Rle_trans with (1 := Rabs_triang _ _).
apply Rplus_le_compat. exact Hr. rewrite Rabs_Ropp, Rabs_mult.
apply Rmult_le_compat; try apply Rabs_pos. rewrite <- abs_IZR. apply IZR_le. lia.
rewrite Rabs_pos_eq by lra. lra.
powers. lra.
Qed.

Theorem exponential_error d :
  format d -> -200 <= d <= 0 -> within exponential_bound (exp d) (exponential d).
Proof.
intros Fd Hd. unfold exponential. cbv zeta.
destruct (multiple_is_near d Fd Hd) as [Hs [Hm [n [Hn Hk]]]].
rewrite Hk, scaled_integer.
assert (Hr := remainder_is_small d (shifted d) n Hd Hs (eq_trans (eq_sym Hk) Hm)).
assert (Hf := remainder_facts_all d n Fd Hd Hn Hr).
assert (Hb := remainder_range d n Fd Hd Hn Hr).
set (r := remainder d (IZR n)) in *.
assert (E1 := reduction_error d n r Hn Hf).
assert (E2 := polynomial_error r Hb).
assert (Hp : 0 < polynomial r).
{ apply within_bounds in E2. assert (He := exp_pos r).
  apply Rlt_le_trans with (2 := proj1 E2). apply Rmult_lt_0_compat. rewrite u_value. lra. exact He.
  apply Rlt_le, exp_pos. }
assert (E3 := evaluation_is_near r (remainder_format d (IZR n)) Hb Hp).
assert (Hu := u_positive).
assert (E4 : within exponential_bound (exp (d - IZR n * ln 2)) (evaluated r)).
{ eapply within_widen; cycle 1.
  eapply within_compose; [ | eapply within_compose; [ | exact E1 | exact E2 | ] | exact E3 | ]; lra || nra.
  unfold exponential_bound. rewrite u_value. lra. }
rewrite <- (exp_multiple d n). rewrite 2!(Rmult_comm _ (bpow radix2 n)).
apply within_scale, E4.
Qed.

(* The numbers whose bits are scaled: see Scaling. *)
Lemma evaluated_range r : format r -> Rabs r <= 34658 / 100000 -> 1 / 2 <= evaluated r < 2.
Proof.
intros Fr Hr. assert (Hu := u_value).
assert (E2 := polynomial_error r Hr).
apply within_bounds in E2; [ | apply Rlt_le, exp_pos ].
apply Rabs_le_inv in Hr as Hb.
assert (A := exp_ineq1_le r). assert (B := exp_ineq1_le (- r)).
assert (C : exp r * exp (- r) = 1) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0).
assert (X : 65 / 100 <= exp r <= 154 / 100).
{ split. lra. assert (P := exp_pos r). nra. }
assert (Y : 64 / 100 <= polynomial r <= 155 / 100).
{ destruct E2 as [L U]. split. apply Rle_trans with (2 := L). rewrite Hu. nra.
  apply Rle_trans with (1 := U). rewrite Hu. nra. }
assert (E3 := evaluation_is_near r Fr Hr ltac:(lra)).
apply within_bounds in E3; [ | lra ].
destruct E3 as [L U]. split.
apply Rle_trans with (2 := L). rewrite Hu. nra.
apply Rle_lt_trans with (1 := U). rewrite Hu. nra.
Qed.

(* All that Scaling asks of the numbers of the kernel. *)
Lemma scaling_is_asked d :
  format d -> -200 <= d <= 0 ->
  exists k, (-289 <= k <= 0)%Z /\ shifted d = rounder + IZR k /\
  1 / 2 <= evaluated (remainder d (multiple (shifted d))) < 2 /\
  exponential d = evaluated (remainder d (multiple (shifted d))) * bpow radix2 k.
Proof.
intros Fd Hd.
destruct (multiple_is_near d Fd Hd) as [Hs [Hm [n [Hn Hk]]]].
exists n. split. exact Hn. split. lra.
assert (Hr := remainder_is_small d (shifted d) n Hd Hs (eq_trans (eq_sym Hk) Hm)).
split.
- rewrite Hk. apply evaluated_range. apply remainder_format. now apply remainder_range.
- unfold exponential. cbv zeta. rewrite Hk. apply scaled_integer.
Qed.

Lemma exponential_format d : format d -> -200 <= d <= 0 -> format (exponential d).
Proof.
intros Fd Hd.
assert (E := exponential_error d Fd Hd). unfold exponential in *. cbv zeta in *.
destruct (multiple_is_near d Fd Hd) as [Hs [Hm [n [Hn Hk]]]].
rewrite Hk, scaled_integer in *.
set (p := evaluated (remainder d (IZR n))) in *.
destruct (Req_dec p 0) as [Z | Z].
rewrite Z, Rmult_0_l. apply format_0.
apply mult_bpow_exact_FLT. apply evaluated_format.
(* The exponential is e^-200 at least. *)
apply within_bounds in E; [ | apply Rlt_le, exp_pos ].
assert (Hx : bpow radix2 (-290) <= p * bpow radix2 n).
{ apply Rle_trans with (2 := proj1 E).
  assert (He := exp_is_not_subnormal d (proj1 Hd)).
  apply Rle_trans with (/ 2 * bpow radix2 (-289)). powers. lra.
  apply Rmult_le_compat; try lra. powers. lra.
  unfold exponential_bound. rewrite u_value. lra. }
assert (Hp : bpow radix2 (-290 - n) <= Rabs p).
{ apply Rle_trans with (2 := Rle_abs p). unfold Zminus. rewrite bpow_plus.
  apply Rmult_le_reg_r with (bpow radix2 n). apply bpow_gt_0.
  rewrite Rmult_assoc, <- bpow_plus. rewrite Z.add_opp_diag_l. simpl (bpow radix2 0). rewrite Rmult_1_r. exact Hx. }
apply mag_gt_bpow in Hp. lia.
Qed.

End Level.

(* Both levels. *)
Lemma fl_of_0_times x : fl (0 * x) = 0.
Proof. rewrite Rmult_0_l. apply fl_0. Qed.

Lemma remainder_fused_of_0 d : format d -> remainder_fused d 0 = d.
Proof. intro F. unfold remainder_fused. cbv zeta. now rewrite !Rmult_0_l, !Rplus_0_l, !(fl_exact d F). Qed.

Lemma remainder_unfused_of_0 d : format d -> remainder_unfused d 0 = d.
Proof. intro F. unfold remainder_unfused. cbv zeta. now rewrite !fl_of_0_times, !Rplus_0_l, !(fl_exact d F). Qed.

Lemma remainder_fused_format d k : format (remainder_fused d k).
Proof. apply fl_format. Qed.

Lemma remainder_unfused_format d k : format (remainder_unfused d k).
Proof. apply fl_format. Qed.

Lemma polynomial_fused_format r : format (polynomial_fused r).
Proof. apply fl_format. Qed.

Lemma polynomial_unfused_format r : format (polynomial_unfused r).
Proof. apply fl_format. Qed.

(* The error of what remains, alone. *)
Lemma remainder_fused_error d n :
  format d -> 1 <= Rabs (IZR n) <= 289 -> 1 / 4 <= Rabs d <= 200 ->
  Rabs (d - IZR n * log_two_high) <= 34658 / 100000 ->
  remainder_facts d (IZR n) (remainder_fused d (IZR n)).
Proof. intros. now apply remainder_fused_facts. Qed.

Lemma remainder_unfused_error d n :
  format d -> 1 <= Rabs (IZR n) <= 289 -> 1 / 4 <= Rabs d <= 200 ->
  Rabs (d - IZR n * log_two_high) <= 34658 / 100000 ->
  remainder_facts d (IZR n) (remainder_unfused d (IZR n)).
Proof. intros. now apply remainder_unfused_facts. Qed.

(* An exponential as good as that of the kernel. *)
Definition is_exponential (exponential : R -> R) : Prop :=
  forall d, format d -> -200 <= d <= 0 ->
  format (exponential d) /\ within exponential_bound (exp d) (exponential d).

Theorem exponential_fused_error : is_exponential exponential_fused.
Proof.
intros d F H. split.
exact (exponential_format _ _ _ multiple_fused remainder_fused_of_0 remainder_fused_error
  remainder_fused_format evaluation_fused polynomial_fused_format d F H).
exact (exponential_error _ _ _ multiple_fused remainder_fused_of_0 remainder_fused_error
  remainder_fused_format evaluation_fused d F H).
Qed.

Theorem exponential_unfused_error : is_exponential exponential_unfused.
Proof.
intros d F H. split.
exact (exponential_format _ _ _ multiple_unfused remainder_unfused_of_0 remainder_unfused_error
  remainder_unfused_format evaluation_unfused polynomial_unfused_format d F H).
exact (exponential_error _ _ _ multiple_unfused remainder_unfused_of_0 remainder_unfused_error
  remainder_unfused_format evaluation_unfused d F H).
Qed.

(* What Scaling asks, for both levels. *)
Theorem scaling_fused_is_asked d :
  format d -> -200 <= d <= 0 ->
  exists k, (-289 <= k <= 0)%Z /\ shifted_fused d = rounder + IZR k /\
  1 / 2 <= polynomial_fused (remainder_fused d (multiple (shifted_fused d))) < 2 /\
  exponential_fused d =
    polynomial_fused (remainder_fused d (multiple (shifted_fused d))) * bpow radix2 k.
Proof.
exact (scaling_is_asked _ _ _ multiple_fused remainder_fused_of_0 remainder_fused_error
  remainder_fused_format evaluation_fused d).
Qed.

Theorem scaling_unfused_is_asked d :
  format d -> -200 <= d <= 0 ->
  exists k, (-289 <= k <= 0)%Z /\ shifted_unfused d = rounder + IZR k /\
  1 / 2 <= polynomial_unfused (remainder_unfused d (multiple (shifted_unfused d))) < 2 /\
  exponential_unfused d =
    polynomial_unfused (remainder_unfused d (multiple (shifted_unfused d))) * bpow radix2 k.
Proof.
exact (scaling_is_asked _ _ _ multiple_unfused remainder_unfused_of_0 remainder_unfused_error
  remainder_unfused_format evaluation_unfused d).
Qed.
