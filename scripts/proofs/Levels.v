(* The theorems of Gappa about the kernel, in the words of Kernel. *)

From Coq Require Import Reals ZArith Lra Lia Classical.
From Flocq Require Import Core.
Require Import Gappa.Gappa_library.
Require Import Rounding Kernel.
Require Multiple_fused Multiple_unfused Remainder_fused Remainder_unfused.
Require Evaluation_fused Evaluation_unfused.
Local Open Scope R_scope.

(* Numbers of Gappa as quotients of integers. *)
Ltac quotients :=
  unfold float2R, Float1, Defs.F2R in *;
  cbn [Defs.Fnum Defs.Fexp Gappa_definitions.Fnum Gappa_definitions.Fexp] in *;
  cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul Pos.add Pos.succ radix_val radix2] in *.

(* An interval of Gappa around x, which asks for what is known of x. *)
Ltac interval_of_gappa :=
  match goal with
  | |- BND ?x ?i =>
    let j := eval hnf in i in
    match j with
    | makepairF ?a ?b =>
      let low := eval hnf in a in
      let high := eval hnf in b in
      change (float2R low <= x <= float2R high)
    end
  end;
  match goal with |- _ <= ?x <= _ => generalize dependent x; intros; quotients; lra end.

(* Gappa refutes the negation of what it was asked. *)
Lemma conclusion (P A : Prop) : (P /\ ~ A -> False) -> P -> A.
Proof. intros L H. apply NNPP. tauto. Qed.

Lemma conclusions_2 (P Q S A B : Prop) :
  (((P /\ Q) /\ S) /\ (~ A \/ ~ B) -> False) -> P -> Q -> S -> A /\ B.
Proof. intros L H. apply NNPP. tauto. Qed.

Lemma conclusions_4 (P A B C D : Prop) :
  (P /\ (((~ A \/ ~ B) \/ ~ C) \/ ~ D) -> False) -> P -> A /\ B /\ C /\ D.
Proof. intros L H. apply NNPP. tauto. Qed.

Lemma integer_of_fix x : FIX x 0 -> -289 <= x <= 0 -> exists n, (-289 <= n <= 0)%Z /\ x = IZR n.
Proof.
intros [[m e] [Hx He]] H. simpl in He.
exists (m * 2 ^ e)%Z.
assert (Hm : x = IZR (m * 2 ^ e)).
{ rewrite <- Hx. unfold float2R, Defs.F2R. simpl Defs.Fnum. simpl Defs.Fexp.
  rewrite mult_IZR. f_equal. now rewrite <- IZR_Zpower. }
split; [|exact Hm].
rewrite Hm in H. split; apply le_IZR; simpl; lra.
Qed.

Definition multiple_facts (d shifted : R) : Prop :=
  Rabs (shifted - (d * inverse_log_two + rounder)) <= 1 / 2 + bpow radix2 (-43) /\
  multiple shifted = shifted - rounder /\ exists n, (-289 <= n <= 0)%Z /\ multiple shifted = IZR n.

Lemma multiple_facts_of d shifted :
  BND (Rabs (shifted - (d * inverse_log_two + rounder)))
    (makepairF (Float2 0 0) (Float2 8796093022209 (-44))) /\
  BND (multiple shifted - (shifted - rounder)) (makepairF (Float2 0 0) (Float2 0 0)) /\
  BND (multiple shifted) (makepairF (Float2 (-289) 0) (Float2 0 0)) /\
  FIX (multiple shifted) 0 -> multiple_facts d shifted.
Proof.
intros [A [B [C D]]].
unfold BND in A, B, C. cbn [lower upper] in A, B, C.
unfold multiple_facts. generalize dependent (multiple shifted). intros k B C D.
quotients.
split. apply Rle_trans with (1 := proj2 A). lra.
split. lra.
apply integer_of_fix. exact D. lra.
Qed.

Lemma multiple_fused d : format d -> -200 <= d <= 0 -> multiple_facts d (shifted_fused d).
Proof.
intros Hd Hb. apply multiple_facts_of.
pose proof (conclusions_4 _ _ _ _ _ (Multiple_fused.l1 d)) as L.
rewrite (fl_exact d Hd : rounding_float rndNE 53 (-1074) d = d) in L.
apply L. clear L. interval_of_gappa.
Qed.

Lemma multiple_unfused d : format d -> -200 <= d <= 0 -> multiple_facts d (shifted_unfused d).
Proof.
intros Hd Hb. apply multiple_facts_of.
pose proof (conclusions_4 _ _ _ _ _ (Multiple_unfused.l1 d)) as L.
rewrite (fl_exact d Hd : rounding_float rndNE 53 (-1074) d = d) in L.
apply L. clear L. interval_of_gappa.
Qed.

(* What remains of d. *)
Definition remainder_facts (d k r : R) : Prop :=
  Rabs (r - (d - k * log_two_high - k * log_two_low)) <= bpow radix2 (-55) * (1 + bpow radix2 (-34)).

Lemma remainder_facts_of d n e r :
  BND (e - (IZR n * - log_two_high + d)) (makepairF (Float2 0 0) (Float2 0 0)) /\
  BND (Rabs (r - (IZR n * - log_two_low + (IZR n * - log_two_high + d))))
    (makepairF (Float2 0 0) (Float2 17179869185 (-89))) ->
  e = d - IZR n * log_two_high /\ remainder_facts d (IZR n) r.
Proof.
unfold BND, remainder_facts. cbn [lower upper]. intros [E [_ H]].
split.
{ replace (IZR n * log_two_high) with (- (IZR n * - log_two_high)) by ring.
  set (t := IZR n * - log_two_high) in *. clearbody t. clear H. quotients. lra. }
replace (r - (d - IZR n * log_two_high - IZR n * log_two_low))
  with (r - (IZR n * - log_two_low + (IZR n * - log_two_high + d))) by ring.
apply Rle_trans with (1 := H). quotients. lra.
Qed.

Lemma fixed_integer n : rounding_fixed rndNE 0 (IZR n) = IZR n.
Proof.
apply round_generic. typeclasses eauto.
apply generic_format_FIX. exists (Float radix2 n 0). unfold Defs.F2R. simpl. ring. reflexivity.
Qed.

Lemma opposite m e : - float2R (Float2 m e) = float2R (Float2 (- m) e).
Proof. unfold float2R, Defs.F2R. simpl. rewrite opp_IZR. ring. Qed.

(* The facts of a remainder from a conclusion of Gappa, for either level. *)
Ltac remainder_of_gappa conclusion d n :=
  let Hd := fresh in let Hn := fresh in let Hb := fresh in let Hr := fresh in
  let L := fresh in let Hp := fresh in
  intros Hd Hn Hb Hr;
  pose proof (conclusions_2 _ _ _ _ _ (conclusion (IZR n) d)) as L;
  rewrite (fl_exact d Hd : rounding_float rndNE 53 (-1074) d = d) in L;
  rewrite (fixed_integer n) in L;
  apply remainder_facts_of; unfold log_two_high, log_two_low; rewrite !opposite;
  replace (d - IZR n * log_two_high) with (IZR n * - log_two_high + d) in Hr by ring;
  unfold log_two_high in Hr; rewrite opposite in Hr; cbn [Z.opp] in Hr;
  match type of Hr with Rabs ?e <= _ => assert (Hp := Rabs_pos e) end;
  apply L; clear L; interval_of_gappa.

Lemma remainder_fused_facts d n :
  format d -> 1 <= Rabs (IZR n) <= 289 -> 1 / 4 <= Rabs d <= 200 ->
  Rabs (d - IZR n * log_two_high) <= 34658 / 100000 ->
  reduced_fused d (IZR n) = d - IZR n * log_two_high /\
  remainder_facts d (IZR n) (remainder_fused d (IZR n)).
Proof.
remainder_of_gappa Remainder_fused.l1 d n.
Qed.

Lemma remainder_unfused_facts d n :
  format d -> 1 <= Rabs (IZR n) <= 289 -> 1 / 4 <= Rabs d <= 200 ->
  Rabs (d - IZR n * log_two_high) <= 34658 / 100000 ->
  reduced_unfused d (IZR n) = d - IZR n * log_two_high /\
  remainder_facts d (IZR n) (remainder_unfused d (IZR n)).
Proof.
remainder_of_gappa Remainder_unfused.l1 d n.
Qed.

(* The polynomial as it is evaluated. *)
Lemma evaluation_of p q :
  BND (Rabs ((p - q) / q)) (makepairF (Float2 0 0) (Float2 65 (-57))) -> 0 < q ->
  within (40625 / 10000 * u) q p.
Proof.
unfold BND, within. cbn [lower upper]. intros [_ H] Hq.
unfold Rdiv in H. rewrite Rabs_mult, Rabs_inv in H.
apply Rmult_le_reg_r with (/ Rabs q).
apply Rinv_0_lt_compat, Rabs_pos_lt. lra.
rewrite Rmult_assoc, Rinv_r, Rmult_1_r.
apply Rle_trans with (1 := H). unfold u. quotients. lra.
apply Rabs_no_R0. lra.
Qed.

Lemma evaluation_fused r :
  format r -> Rabs r <= 34658 / 100000 -> 0 < polynomial r ->
  within (40625 / 10000 * u) (polynomial r) (polynomial_fused r).
Proof.
intros Hr Hb. apply evaluation_of.
pose proof (conclusion _ _ (Evaluation_fused.l1 r)) as L.
rewrite (fl_exact r Hr : rounding_float rndNE 53 (-1074) r = r) in L.
assert (Hp := Rabs_pos r).
apply L; clear L; interval_of_gappa.
Qed.

Lemma evaluation_unfused r :
  format r -> Rabs r <= 34658 / 100000 -> 0 < polynomial r ->
  within (40625 / 10000 * u) (polynomial r) (polynomial_unfused r).
Proof.
intros Hr Hb. apply evaluation_of.
pose proof (conclusion _ _ (Evaluation_unfused.l1 r)) as L.
rewrite (fl_exact r Hr : rounding_float rndNE 53 (-1074) r = r) in L.
assert (Hp := Rabs_pos r).
apply L; clear L; interval_of_gappa.
Qed.
