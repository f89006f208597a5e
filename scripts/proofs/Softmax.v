(* The probabilities of a lane: differences, exponentials, their sum and the quotient together. *)

From Coq Require Import Reals ZArith Lra Lia.
From Flocq Require Import Core.
Require Import Gappa.Gappa_library.
Require Import Rounding Kernel Approximation Exponential Sums.
Local Open Scope R_scope.

Ltac numbers := cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2] in *.

(* Logits of binary32, and with them those of binary16 and bfloat16. *)
Definition is_single (x : R) : Prop := generic_format radix2 (FLT_exp (-149) 24) x.

Lemma tiny_value : bpow radix2 (-22) <= tiny.
Proof. unfold tiny, float2R, Defs.F2R. simpl. lra. Qed.

Lemma floor_value : floor = -200.
Proof. unfold floor, float2R, Defs.F2R. simpl. lra. Qed.

(* One that is not tiny is a multiple of 2^-45. *)
Lemma single_multiple x : is_single x -> x = 0 \/ tiny <= Rabs x -> exists k, x = IZR k * bpow radix2 (-45).
Proof.
intros F [-> | H]. exists 0%Z. simpl. ring.
assert (He : (-45 <= cexp radix2 (FLT_exp (-149) 24) x)%Z).
{ unfold cexp, FLT_exp.
  assert (M := mag_gt_bpow radix2 x (-22) (Rle_trans _ _ _ tiny_value H)). lia. }
unfold is_single, generic_format, F2R in F. simpl in F.
set (e := cexp radix2 (FLT_exp (-149) 24) x) in *.
set (m := Ztrunc (scaled_mantissa radix2 (FLT_exp (-149) 24) x)) in *.
exists (m * 2 ^ (e + 45))%Z.
rewrite mult_IZR. change 2%Z with (radix_val radix2). rewrite IZR_Zpower by lia.
rewrite Rmult_assoc, <- bpow_plus. replace (e + 45 + -45)%Z with e by ring. exact F.
Qed.

Theorem difference_exact x m :
  is_single x -> is_single m -> x = 0 \/ tiny <= Rabs x -> m = 0 \/ tiny <= Rabs m ->
  -201 <= x - m <= 0 -> fl (x - m) = x - m.
Proof.
intros Fx Fm Hx Hm H.
destruct (single_multiple x Fx Hx) as [j Hj]. destruct (single_multiple m Fm Hm) as [k Hk].
assert (D : x - m = IZR (j - k) * bpow radix2 (-45)) by (rewrite minus_IZR, Hj, Hk; ring).
apply fl_exact. apply generic_format_FLT. exists (Float radix2 (j - k) (-45)).
- exact D.
- simpl. apply lt_IZR. rewrite abs_IZR. rewrite D in H.
  apply Rle_lt_trans with (201 * bpow radix2 45).
  + apply Rabs_le. numbers. lra.
  + simpl. lra.
- simpl. lia.
Qed.

(* The rounding of a difference, in its exponential. *)
Theorem difference_error d e :
  -201 <= d <= 0 -> within u d e -> within (Rabs d * u * (1 + bpow radix2 (-40))) (exp d) (exp e).
Proof.
intros Hd He. unfold within in *.
replace (exp e - exp d) with (exp d * (exp (e - d) - 1)).
2: { rewrite Rmult_minus_distr_l, <- exp_plus. replace (d + (e - d)) with e by ring. ring. }
rewrite Rabs_mult, Rmult_comm. apply Rmult_le_compat_r. apply Rabs_pos.
assert (Hs : Rabs (e - d) <= 201 * u).
{ apply Rle_trans with (1 := He). rewrite Rmult_comm. apply Rmult_le_compat_r. apply Rlt_le, u_positive.
  apply Rabs_le. lra. }
apply Rle_trans with (Rabs (e - d) * (1 + bpow radix2 (-40))).
apply exp_minus_1. apply Rle_trans with (1 := Hs). rewrite u_value. numbers. lra.
apply Rmult_le_compat_r. numbers. lra. rewrite (Rmult_comm (Rabs d)). exact He.
Qed.

(* ln n is the largest entropy: sum p |d| + ln s is that of p. *)
Theorem differences_are_weighed n (is_there : nat -> bool) d :
  (0 < n)%nat -> (forall i, is_there i = true -> d i <= 0) ->
  let e i := if is_there i then exp (d i) else 0 in 1 <= sum n e ->
  sum n (fun i => Rabs (d i) * e i) <= ln (INR n) * sum n e.
Proof.
intros Hn Hd e HS.
set (S := sum n e) in *.
assert (HN : 0 < INR n) by (apply lt_0_INR; exact Hn).
assert (HL : 0 <= ln S).
{ destruct HS as [HS | <-]. apply Rlt_le. rewrite <- ln_1. apply ln_increasing; lra. rewrite ln_1. lra. }
(* p |d| <= p (ln n - ln s) + 1/n - p, by 1 + t <= e^t. *)
assert (B : forall i, (i < n)%nat -> Rabs (d i) * e i <= (ln (INR n) - 1) * e i + / INR n * S).
{ intros i _. unfold e. destruct (is_there i) eqn:H.
  - rewrite Rabs_left1 by (apply Hd, H).
    assert (T := exp_ineq1_le (- d i - ln (INR n) + ln S)).
    assert (X : exp (d i) * exp (- d i - ln (INR n) + ln S) = / INR n * S).
    { rewrite <- exp_plus. replace (d i + (- d i - ln (INR n) + ln S)) with (- ln (INR n) + ln S) by ring.
      rewrite exp_plus, exp_Ropp, 2!exp_ln by lra. reflexivity. }
    assert (P := exp_pos (d i)).
    apply Rmult_le_compat_l with (r := exp (d i)) in T; [ | lra ].
    rewrite X in T. nra.
  - rewrite 2!Rmult_0_r, Rplus_0_l. apply Rmult_le_pos. apply Rlt_le, Rinv_0_lt_compat, HN. lra. }
apply Rle_trans with (1 := sum_le n _ _ B).
rewrite sum_plus, sum_scale, sum_constant. fold S.
replace (INR n * (/ INR n * S)) with S by (field; lra).
lra.
Qed.

Lemma within_inverse e x y : 0 < x -> 0 <= e <= / 4 -> within e x y -> within (e + 2 * e * e) (/ x) (/ y).
Proof.
intros Hx He H. apply within_bounds in H; [ | lra ].
assert (0 < (1 - e) * x) by (apply Rmult_lt_0_compat; lra).
assert (Hy : 0 < y) by lra.
assert (Hi : 0 < / x) by now apply Rinv_0_lt_compat.
apply within_of_bounds. lra.
assert (Y : / y = / x * (x * / y)) by (field; lra).
assert (Q : x * / y = 1 / (y / x)) by (field; lra).
assert (R0 : 1 - e <= y / x <= 1 + e).
{ split; apply Rmult_le_reg_r with x; try lra; unfold Rdiv; rewrite Rmult_assoc, Rinv_l by lra; lra. }
set (q := y / x) in *.
assert (B : 1 - (e + 2 * e * e) <= 1 / q <= 1 + (e + 2 * e * e)).
{ split; apply Rmult_le_reg_r with q; try lra; replace (1 / q * q) with 1 by (field; lra); nra. }
rewrite Y, Q. split; rewrite (Rmult_comm _ (/ x)); apply Rmult_le_compat_l; lra.
Qed.

Lemma within_product a b x y v w :
  0 <= a -> 0 <= b -> within a x v -> within b y w -> within (a + b + a * b) (x * y) (v * w).
Proof.
intros Ha Hb Hv Hw.
apply within_compose with (y := v * y); try assumption.
rewrite 2!(Rmult_comm _ y). now apply within_scale.
now apply within_scale.
Qed.

Section Lane.

Variable exponential : R -> R.
Hypothesis exponential_is_good : is_exponential exponential.

Variable n : nat.
Variable x : nat -> R.
Variable is_finite : nat -> bool.
Variable m : R.
Hypothesis m_is_largest : forall i, (i < n)%nat -> is_finite i = true -> x i <= m.
Definition is_there (i : nat) : bool := (Nat.ltb i n && is_finite i)%bool.
Definition difference (i : nat) : R := fl (x i - m).
Definition term (i : nat) : R := if is_there i then exponential (Rmax (difference i) floor) else 0.
Definition exact_term (i : nat) : R := if is_there i then exp (x i - m) else 0.
Definition exact_sum : R := sum n exact_term.
Definition exact_probability (i : nat) : R := exp (x i - m) / exact_sum.

Lemma is_there_spec i : is_there i = true <-> (i < n)%nat /\ is_finite i = true.
Proof using. unfold is_there. rewrite Bool.andb_true_iff, Nat.ltb_lt. reflexivity. Qed.

Lemma difference_sign i : is_there i = true -> x i - m <= 0.
Proof using m_is_largest. intro H. apply is_there_spec in H. assert (Hm := m_is_largest i (proj1 H) (proj2 H)). lra. Qed.

Lemma argument_range i : is_there i = true -> -200 <= Rmax (difference i) floor <= 0.
Proof.
intro H. rewrite floor_value. split. apply Rmax_r.
apply Rmax_lub; [ | lra ]. unfold difference. rewrite <- fl_0. apply fl_monotone, difference_sign, H.
Qed.

Lemma argument_format i : format (Rmax (difference i) floor).
Proof.
apply Rmax_case. apply fl_format. rewrite floor_value.
apply generic_format_FLT. exists (Float radix2 (-200) 0); simpl; lia || (unfold F2R; simpl; lra).
Qed.

Lemma term_format i : format (term i).
Proof.
unfold term. destruct (is_there i) eqn:H; [ | apply format_0 ].
apply exponential_is_good. apply argument_format. now apply argument_range.
Qed.

Lemma term_error i : is_there i = true -> within exponential_bound (exp (Rmax (difference i) floor)) (term i).
Proof.
intro H. unfold term. rewrite H. apply exponential_is_good. apply argument_format. now apply argument_range.
Qed.

Lemma exponential_bound_range : 0 <= exponential_bound <= bpow radix2 (-50).
Proof. unfold exponential_bound. rewrite u_value. numbers. lra. Qed.

Lemma term_positive i : is_there i = true -> bpow radix2 (-290) <= term i.
Proof.
intro H. assert (E := term_error i H). assert (B := exponential_bound_range).
apply within_bounds in E; [ | apply Rlt_le, exp_pos ].
assert (X := exp_is_not_subnormal _ (proj1 (argument_range i H))).
apply Rle_trans with (2 := proj1 E). numbers. nra.
Qed.

Lemma term_nonnegative i : 0 <= term i.
Proof.
destruct (is_there i) eqn:H. apply Rle_trans with (2 := term_positive i H). apply bpow_ge_0.
unfold term. rewrite H. lra.
Qed.

Lemma exact_term_range i : 0 <= exact_term i <= 1.
Proof.
unfold exact_term. destruct (is_there i) eqn:H; [ | lra ].
split. apply Rlt_le, exp_pos. rewrite <- exp_0.
assert (D := difference_sign i H). destruct D as [D | ->]. now apply Rlt_le, exp_increasing. lra.
Qed.

(* How much the rounded differences change the exponentials, and their sum. *)
Variable change : nat -> R.
Hypothesis change_range : forall i, 0 <= change i <= bpow radix2 (-45).
Hypothesis change_is : forall i, is_there i = true -> -200 <= difference i ->
  within (change i) (exp (x i - m)) (exp (difference i)).
Let b := exponential_bound.
Let vanishing := bpow radix2 (-286).

Lemma far_below i : is_there i = true -> difference i < -200 -> exp (x i - m) <= exp (-200).
Proof.
intros H D. apply Rlt_le, exp_increasing.
destruct (Rlt_or_le (x i - m) (-200)) as [L | L]. exact L.
exfalso. apply fl_monotone in L. fold (difference i) in L.
rewrite fl_exact in L. lra.
apply generic_format_FLT. exists (Float radix2 (-200) 0); simpl; lia || (unfold F2R; simpl; lra).
Qed.

Lemma near_term_error i : is_there i = true -> -200 <= difference i ->
  within (change i + b + change i * b) (exp (x i - m)) (term i).
Proof.
intros H D. assert (E := term_error i H).
rewrite Rmax_left in E by (rewrite floor_value; exact D).
assert (B := exponential_bound_range). assert (C := change_range i).
apply within_compose with (2 := change_is i H D) (3 := E); unfold b; lra.
Qed.

Lemma each_term i : Rabs (term i - exact_term i) <= b * exact_term i + (1 + b) * (change i * exact_term i) + vanishing.
Proof.
assert (B := exponential_bound_range). fold b in B. assert (C := change_range i).
assert (X := exact_term_range i). assert (V : 0 <= vanishing) by apply bpow_ge_0.
assert (Z : 0 <= b * exact_term i + (1 + b) * (change i * exact_term i)).
{ assert (0 <= change i * exact_term i) by (apply Rmult_le_pos; lra).
  apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra. }
destruct (is_there i) eqn:H.
- destruct (Rle_or_lt (-200) (difference i)) as [D | D].
  + assert (E := near_term_error i H D). unfold within in E.
    unfold exact_term in *. rewrite H in *. rewrite (Rabs_pos_eq (exp (x i - m))) in E by lra.
    apply Rle_trans with (1 := E).
    replace ((change i + b + change i * b) * exp (x i - m))
      with (b * exp (x i - m) + (1 + b) * (change i * exp (x i - m))) by ring. lra.
  + assert (E := term_error i H).
    rewrite Rmax_right in E by (rewrite floor_value; lra). rewrite floor_value in E.
    apply within_bounds in E; [ | apply Rlt_le, exp_pos ]. fold b in E.
    assert (F := far_below i H D). assert (G := exp_of_floor_vanishes).
    assert (P := exp_pos (-200)).
    apply Rle_trans with vanishing; [ | lra ].
    unfold exact_term in *. rewrite H in *. apply Rabs_le.
    assert (term i <= 2 * exp (-200)). { apply Rle_trans with (1 := proj2 E). apply Rmult_le_compat_r. lra. numbers. lra. }
    assert (0 <= (1 - b) * exp (-200)) by (apply Rmult_le_pos; [ numbers; lra | lra ]).
    unfold vanishing. numbers. lra.
- unfold term, exact_term in *. rewrite H in *. rewrite Rminus_0_r, Rabs_R0. lra.
Qed.

(* The sum of a lane, or of a part of it. *)
Hypothesis n_bound : INR n <= bpow radix2 32.
Variable blocks : nat.
Hypothesis blocks_hold_all : (n <= blocks * block)%nat.
Hypothesis blocks_bound : INR blocks <= bpow radix2 24.

Variable change_of_sum : R.
Hypothesis change_of_sum_range : 0 <= change_of_sum <= bpow radix2 (-45).
Hypothesis change_of_sum_is : sum n (fun i => change i * exact_term i) <= change_of_sum * exact_sum.

Lemma all_terms : sum (blocks * block) term = sum n term.
Proof.
replace (blocks * block)%nat with (n + (blocks * block - n))%nat by lia.
rewrite sum_append.
rewrite (sum_ext (blocks * block - n) _ (fun _ => 0)).
rewrite sum_constant. ring.
intros i _. unfold term.
destruct (is_there (n + i)) eqn:H; [ | reflexivity ]. apply is_there_spec in H. lia.
Qed.

Lemma exact_sum_nonnegative : 0 <= exact_sum.
Proof. apply sum_nonnegative. intros i _. apply exact_term_range. Qed.

Lemma terms_difference :
  Rabs (sum n term - exact_sum) <=
  b * exact_sum + (1 + b) * (change_of_sum * exact_sum) + bpow radix2 (-254).
Proof.
assert (B := exponential_bound_range). fold b in B.
unfold exact_sum at 1. rewrite <- sum_minus. apply Rle_trans with (1 := sum_abs _ _).
apply Rle_trans with (1 := sum_le n _ _ (fun i _ => each_term i)).
rewrite 2!sum_plus, 2!sum_scale, sum_constant. fold exact_sum.
apply Rplus_le_compat. apply Rplus_le_compat_l. apply Rmult_le_compat_l. lra. exact change_of_sum_is.
change (-254)%Z with (32 + -286)%Z. rewrite bpow_plus.
apply Rmult_le_compat_r. apply bpow_ge_0. exact n_bound.
Qed.

(* The floor makes terms larger only. *)
Lemma each_term_below i : exact_term i - term i <= b * exact_term i + (1 + b) * (change i * exact_term i).
Proof.
assert (B := exponential_bound_range). fold b in B. assert (C := change_range i).
assert (X := exact_term_range i).
assert (Z : 0 <= (1 + b) * (change i * exact_term i)).
{ apply Rmult_le_pos. lra. apply Rmult_le_pos; lra. }
destruct (is_there i) eqn:H.
- destruct (Rle_or_lt (-200) (difference i)) as [D | D].
  + assert (E := near_term_error i H D). apply within_bounds in E; [ | apply Rlt_le, exp_pos ].
    unfold exact_term in *. rewrite H in *. destruct E as [L _].
    replace ((1 - (change i + b + change i * b)) * exp (x i - m))
      with (exp (x i - m) - (b * exp (x i - m) + (1 + b) * (change i * exp (x i - m)))) in L by ring.
    lra.
  + assert (E := term_error i H).
    rewrite Rmax_right in E by (rewrite floor_value; lra). rewrite floor_value in E.
    apply within_bounds in E; [ | apply Rlt_le, exp_pos ]. fold b in E.
    assert (F := far_below i H D).
    assert (W : (1 - b) * exp (x i - m) <= (1 - b) * exp (-200)).
    { apply Rmult_le_compat_l. numbers. lra. exact F. }
    unfold exact_term in *. rewrite H in *. lra.
- unfold term, exact_term in *. rewrite H in *. lra.
Qed.

(* Whether it vanishes or not, the sum is an upper bound but for its error. *)
Theorem part_sum_above : exact_sum <= (1 + bpow radix2 (-40)) * kernel_sum term blocks.
Proof.
assert (B := exponential_bound_range). fold b in B. assert (C := change_of_sum_range).
assert (S0 := exact_sum_nonnegative).
assert (T : exact_sum - sum n term <= b * exact_sum + (1 + b) * (change_of_sum * exact_sum)).
{ unfold exact_sum at 1. rewrite <- sum_minus.
  apply Rle_trans with (1 := sum_le n _ _ (fun i _ => each_term_below i)).
  rewrite sum_plus, 2!sum_scale. fold exact_sum.
  apply Rplus_le_compat_l. apply Rmult_le_compat_l. lra. exact change_of_sum_is. }
assert (K := sum_error term term_format term_nonnegative blocks blocks_bound). rewrite all_terms in K.
apply within_bounds in K; [ | apply sum_nonnegative; intros; apply term_nonnegative ].
assert (Q : 0 <= sum_bound <= bpow radix2 (-49)) by (unfold sum_bound; rewrite u_value; numbers; lra).
set (e := b + (1 + b) * change_of_sum).
assert (E : 0 <= e <= bpow radix2 (-44)) by (unfold e; numbers; nra).
assert (T' : (1 - e) * exact_sum <= sum n term) by (unfold e; lra).
apply Rle_trans with ((1 + bpow radix2 (-40)) * ((1 - sum_bound) * ((1 - e) * exact_sum))).
- rewrite <- 2!Rmult_assoc. rewrite <- (Rmult_1_l exact_sum) at 1.
  apply Rmult_le_compat_r. exact S0. numbers. nra.
- apply Rmult_le_compat_l. numbers. lra. apply Rle_trans with (2 := proj1 K).
  apply Rmult_le_compat_l. numbers. lra. exact T'.
Qed.

(* One that the kernel finds not to vanish does not; 2^-40 is room for what filters make of it. *)
Theorem part_sum_vanishes :
  exact_sum <= bpow radix2 (-191) ->
  kernel_sum term blocks < (1 - bpow radix2 (-40)) * bpow radix2 (-190).
Proof.
intro S. assert (B := exponential_bound_range). fold b in B. assert (C := change_of_sum_range).
assert (S0 := exact_sum_nonnegative). assert (T := terms_difference).
apply Rabs_le_inv in T. destruct T as [_ T].
assert (K := sum_error term term_format term_nonnegative blocks blocks_bound). rewrite all_terms in K.
apply within_bounds in K; [ | apply sum_nonnegative; intros; apply term_nonnegative ].
assert (Q : 0 <= sum_bound <= bpow radix2 (-49)) by (unfold sum_bound; rewrite u_value; numbers; lra).
set (e := b + (1 + b) * change_of_sum).
assert (E : 0 <= e <= bpow radix2 (-44)) by (unfold e; numbers; nra).
assert (A : e * exact_sum <= bpow radix2 (-44) * bpow radix2 (-191)) by (apply Rmult_le_compat; lra).
assert (T' : sum n term <= exact_sum + e * exact_sum + bpow radix2 (-254)) by (unfold e; lra).
apply Rle_lt_trans with (1 := proj2 K).
apply Rle_lt_trans with ((1 + bpow radix2 (-49)) * (bpow radix2 (-191) * (1 + bpow radix2 (-40)))).
- apply Rmult_le_compat. lra. apply sum_nonnegative; intros; apply term_nonnegative. lra.
  apply Rle_trans with (1 := T'). numbers. lra.
- numbers. lra.
Qed.

Hypothesis sum_does_not_vanish : bpow radix2 (-191) <= exact_sum.

Lemma terms_error : within (b + (1 + b) * change_of_sum + bpow radix2 (-63)) exact_sum (sum n term).
Proof.
assert (S := sum_does_not_vanish). assert (S0 := exact_sum_nonnegative).
unfold within. rewrite (Rabs_pos_eq exact_sum) by exact S0.
apply Rle_trans with (1 := terms_difference).
change (-254)%Z with (-63 + -191)%Z. rewrite bpow_plus.
assert (bpow radix2 (-63) * bpow radix2 (-191) <= bpow radix2 (-63) * exact_sum).
{ apply Rmult_le_compat_l. apply bpow_ge_0. exact S. }
lra.
Qed.

Definition sum_total_bound : R := b + change_of_sum + sum_bound + bpow radix2 (-62).

Theorem part_sum_error : within sum_total_bound exact_sum (kernel_sum term blocks).
Proof.
assert (B := exponential_bound_range). fold b in B.
assert (E := terms_error).
assert (K := sum_error term term_format term_nonnegative blocks blocks_bound). rewrite all_terms in K.
assert (Q : 0 <= sum_bound <= bpow radix2 (-49)) by (unfold sum_bound; rewrite u_value; numbers; lra).
assert (C := change_of_sum_range).
eapply within_widen; cycle 1.
apply within_compose with (2 := E) (3 := K). numbers. nra. lra.
unfold sum_total_bound.
set (s := sum_bound) in *. set (c := change_of_sum) in *.
assert (b * c <= bpow radix2 (-95)).
{ change (-95)%Z with (-50 + -45)%Z. rewrite bpow_plus. apply Rmult_le_compat; lra. }
assert ((b + (1 + b) * c + bpow radix2 (-63)) * s <= bpow radix2 (-43) * bpow radix2 (-49)).
{ apply Rmult_le_compat; try lra. numbers. nra. numbers. nra. }
replace ((1 + b) * c) with (c + b * c) in * by ring.
numbers. lra.
Qed.

(* A lane with its largest logit. *)
Variable top : nat.
Hypothesis m_is_a_logit : (top < n)%nat /\ is_finite top = true /\ x top = m.
Lemma exact_sum_range : 1 <= exact_sum <= bpow radix2 32.
Proof.
split.
- destruct m_is_a_logit as [Ht [Hf Hx]].
  unfold exact_sum. apply Rle_trans with (sum (S top) exact_term).
  + simpl. assert (0 <= sum top exact_term) by (apply sum_nonnegative; intros; apply exact_term_range).
    unfold exact_term at 2. rewrite (proj2 (is_there_spec top)) by tauto.
    rewrite Hx, Rminus_diag_eq, exp_0 by reflexivity. lra.
  + replace n with (S top + (n - S top))%nat by lia. rewrite sum_append.
    assert (0 <= sum (n - S top) (fun j => exact_term (S top + j))) by (apply sum_nonnegative; intros; apply exact_term_range).
    lra.
- apply Rle_trans with (2 := n_bound). unfold exact_sum.
  replace (INR n) with (sum n (fun _ => 1)) by (rewrite sum_constant; ring).
  apply sum_le. intros. apply exact_term_range.
Qed.

Definition factor : R := fl (1 / kernel_sum term blocks).
Definition probability (i : nat) : R := fl (term i * factor).

Definition quotient_bound (e : R) : R := e + sum_total_bound + 2 * u + bpow radix2 (-84).

(* A number that a term is close to, over the sum. *)
Lemma quotient_error i y e :
  is_there i = true -> 0 <= e <= bpow radix2 (-44) -> 0 < y -> within e y (term i) ->
  within (quotient_bound e) (y / exact_sum) (probability i).
Proof.
intros H He Hy Ht.
assert (S := exact_sum_range). assert (L := part_sum_error).
assert (B := exponential_bound_range). fold b in B. assert (C := change_of_sum_range).
assert (Hu := u_value).
assert (Q : 0 <= sum_total_bound <= bpow radix2 (-44)).
{ unfold sum_total_bound, sum_bound. rewrite Hu. numbers. lra. }
assert (D : / 2 * exact_sum <= kernel_sum term blocks <= 2 * exact_sum).
{ apply within_bounds in L; [ | lra ]. numbers. nra. }
assert (I := within_inverse sum_total_bound exact_sum _ ltac:(lra) ltac:(numbers; lra) L).
set (s := kernel_sum term blocks) in *.
assert (Ps : bpow radix2 (-33) <= / s).
{ change (bpow radix2 (-33)) with (/ bpow radix2 33). apply Rinv_le. lra. numbers. lra. }
assert (F1 : within u (/ s) factor).
{ unfold within, factor. fold s. unfold Rdiv. rewrite Rmult_1_l. apply fl_error.
  rewrite Rabs_pos_eq. 2: apply Rle_trans with (2 := Ps); apply bpow_ge_0.
  apply Rle_trans with (2 := Ps). apply bpow_le. lia. }
assert (Pf : bpow radix2 (-34) <= factor).
{ apply within_bounds in F1. 2: apply Rle_trans with (2 := Ps); apply bpow_ge_0.
  apply Rle_trans with (2 := proj1 F1). rewrite Hu. numbers. nra. }
assert (F2 : within u (term i * factor) (probability i)).
{ unfold within, probability. apply fl_error.
  assert (Pt := term_positive i H).
  rewrite Rabs_pos_eq.
  apply Rle_trans with (bpow radix2 (-290) * bpow radix2 (-34)).
  rewrite <- bpow_plus. apply bpow_le. lia.
  apply Rmult_le_compat; try apply bpow_ge_0; assumption.
  apply Rmult_le_pos. apply Rle_trans with (2 := Pt), bpow_ge_0. apply Rle_trans with (2 := Pf), bpow_ge_0. }
set (q := sum_total_bound) in *.
assert (Qq : 0 <= q + 2 * q * q <= bpow radix2 (-43)) by (numbers; nra).
assert (Q2 : q * q <= bpow radix2 (-88)).
{ change (-88)%Z with (-44 + -44)%Z. rewrite bpow_plus. apply Rmult_le_compat; lra. }
assert (Zu : (q + 2 * q * q) * u <= bpow radix2 (-96)).
{ change (-96)%Z with (-43 + -53)%Z. rewrite bpow_plus. 
  apply Rmult_le_compat; [exact (proj1 Qq) | apply Rlt_le, u_positive | exact (proj2 Qq) | apply Rle_refl]. }
assert (G := within_compose _ _ _ _ _ (proj1 Qq) I F1 ltac:(lra)).
set (g := q + 2 * q * q + u + (q + 2 * q * q) * u) in *.
assert (Gr : 0 <= g <= bpow radix2 (-43)).
{ unfold g. assert (0 <= (q + 2 * q * q) * u) by (apply Rmult_le_pos; lra).
  rewrite Hu in *. numbers. lra. }
assert (P := within_product e g y (/ exact_sum) _ _ (proj1 He) (proj1 Gr) Ht G).
assert (P' : 0 <= e + g + e * g) by (assert (0 <= e * g) by (apply Rmult_le_pos; lra); lra).
assert (W := within_compose _ _ _ _ _ P' P F2 ltac:(lra)).
apply within_widen with (2 := W).
assert (Eg : e * g <= bpow radix2 (-87)).
{ change (-87)%Z with (-44 + -43)%Z. rewrite bpow_plus. apply Rmult_le_compat; lra. }
assert (Eu : (e + g + e * g) * u <= bpow radix2 (-42) * bpow radix2 (-53)).
{ apply Rmult_le_compat; [exact P' | apply Rlt_le, u_positive | numbers; lra | apply Rle_refl]. }
unfold quotient_bound. fold q. unfold g at 1. numbers. lra.
Qed.

Theorem near_probability i : is_there i = true -> -200 <= difference i ->
  within (quotient_bound (change i + b + bpow radix2 (-90))) (exact_probability i) (probability i).
Proof.
intros H D. assert (B := exponential_bound_range). fold b in B. assert (C := change_range i).
apply quotient_error. exact H. numbers; lra. apply exp_pos.
apply within_widen with (2 := near_term_error i H D).
assert (change i * b <= bpow radix2 (-95)).
{ change (-95)%Z with (-45 + -50)%Z. rewrite bpow_plus. apply Rmult_le_compat; lra. }
numbers. lra.
Qed.

(* Below the floor there is an upper bound. *)
Theorem far_probability i : is_there i = true -> difference i < -200 ->
  exact_probability i <= exp (-200) / exact_sum /\
  within (quotient_bound b) (exp (-200) / exact_sum) (probability i).
Proof.
intros H D. assert (B := exponential_bound_range). fold b in B. assert (S := exact_sum_range).
split.
- unfold exact_probability, Rdiv. apply Rmult_le_compat_r. apply Rlt_le, Rinv_0_lt_compat; lra. now apply far_below.
- apply quotient_error. exact H. numbers; lra. apply exp_pos.
  assert (E := term_error i H). rewrite Rmax_right in E by (rewrite floor_value; lra). now rewrite floor_value in E.
Qed.

End Lane.
