(* The sum of the kernel: partial sums of a block, blocks by TwoSum, and the eight places of a
   vector. *)

From Coq Require Import Reals ZArith Lra Lia Arith.
From Flocq Require Import Core Pff2Flocq.
Require Import Gappa.Gappa_library.
Require Import Rounding Kernel.
Local Open Scope R_scope.

(* f 0 + ... + f (n - 1) *)
Fixpoint sum (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S m => sum m f + f m end.

Lemma sum_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> sum n f = sum n g.
Proof.
induction n as [|n IH]; intro H. reflexivity.
simpl. rewrite IH, H. reflexivity. lia. intros i Hi. apply H. lia.
Qed.

Lemma sum_nonnegative n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sum n f.
Proof.
induction n as [|n IH]; intro H; simpl. lra.
apply Rplus_le_le_0_compat. apply IH. intros; apply H; lia. apply H. lia.
Qed.

Lemma sum_le n f g : (forall i, (i < n)%nat -> f i <= g i) -> sum n f <= sum n g.
Proof.
induction n as [|n IH]; intro H; simpl. lra.
apply Rplus_le_compat. apply IH. intros; apply H; lia. apply H. lia.
Qed.

Lemma sum_plus n f g : sum n (fun i => f i + g i) = sum n f + sum n g.
Proof. induction n as [|n IH]; simpl. ring. rewrite IH. ring. Qed.

Lemma sum_minus n f g : sum n (fun i => f i - g i) = sum n f - sum n g.
Proof. induction n as [|n IH]; simpl. ring. rewrite IH. ring. Qed.

Lemma sum_scale n c f : sum n (fun i => c * f i) = c * sum n f.
Proof. induction n as [|n IH]; simpl. ring. rewrite IH. ring. Qed.

Lemma sum_constant n c : sum n (fun _ => c) = INR n * c.
Proof. induction n as [|n IH]. simpl. ring. rewrite S_INR. simpl sum. rewrite IH. ring. Qed.

Lemma sum_abs n f : Rabs (sum n f) <= sum n (fun i => Rabs (f i)).
Proof.
induction n as [|n IH]; simpl. rewrite Rabs_R0. lra.
apply Rle_trans with (1 := Rabs_triang _ _). lra.
Qed.

Lemma sum_swap n m f :
  sum n (fun i => sum m (fun j => f i j)) = sum m (fun j => sum n (fun i => f i j)).
Proof.
induction n as [|n IH]; simpl.
symmetry. rewrite sum_constant. ring.
rewrite IH, <- sum_plus. reflexivity.
Qed.

Lemma sum_append n m f : sum (n + m) f = sum n f + sum m (fun j => f (n + j)%nat).
Proof.
induction m as [|m IH]. rewrite Nat.add_0_r. simpl. ring.
rewrite Nat.add_succ_r. simpl. rewrite IH. ring.
Qed.

(* A sum in pieces of m. *)
Lemma sum_pieces n m f : sum (n * m) f = sum n (fun i => sum m (fun j => f (i * m + j)%nat)).
Proof.
induction n as [|n IH]. reflexivity.
replace (S n * m)%nat with (n * m + m)%nat by ring.
rewrite sum_append, IH. reflexivity.
Qed.

(* Additions one after the other, from 0. *)
Fixpoint accumulate (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S m => fl (accumulate m f + f m) end.

Lemma accumulate_format n f : format (accumulate n f).
Proof. destruct n. apply format_0. apply fl_format. Qed.

Lemma accumulate_nonnegative n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= accumulate n f.
Proof.
induction n as [|n IH]; intro H; simpl. lra.
apply fl_nonnegative, Rplus_le_le_0_compat. apply IH. intros; apply H; lia. apply H. lia.
Qed.

Lemma power_at_least_1 n : 1 <= (1 + u) ^ n.
Proof. apply pow_R1_Rle. assert (H := u_positive). lra. Qed.

(* One addition more: errors relative to a size A that the numbers have. *)
Lemma addition_error x y X Y A B g h :
  format x -> format y -> Rabs X <= A -> Rabs Y <= B -> Rabs (x - X) <= (g - 1) * A -> Rabs (y - Y) <= (h - 1) * B ->
  1 <= g -> 1 <= h -> Rabs (fl (x + y) - (X + Y)) <= (Rmax g h * (1 + u) - 1) * (A + B).
Proof.
intros Fx Fy HX HY Hx Hy Hg Hh.
assert (Hu := u_positive).
assert (E := fl_sum_error x y Fx Fy).
assert (M1 := Rmax_l g h). assert (M2 := Rmax_r g h). set (k := Rmax g h) in *.
assert (0 <= A) by (apply Rle_trans with (2 := HX); apply Rabs_pos).
assert (0 <= B) by (apply Rle_trans with (2 := HY); apply Rabs_pos).
assert (D : Rabs ((x + y) - (X + Y)) <= (k - 1) * (A + B)).
{ replace ((x + y) - (X + Y)) with ((x - X) + (y - Y)) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _). nra. }
assert (T : Rabs (x + y) <= k * (A + B)).
{ replace (x + y) with (((x + y) - (X + Y)) + (X + Y)) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _).
  assert (Rabs (X + Y) <= A + B) by (apply Rle_trans with (1 := Rabs_triang _ _); lra). lra. }
replace (fl (x + y) - (X + Y)) with ((fl (x + y) - (x + y)) + ((x + y) - (X + Y))) by ring.
apply Rle_trans with (1 := Rabs_triang _ _).
apply Rle_trans with (u * (k * (A + B)) + (k - 1) * (A + B)).
apply Rplus_le_compat with (2 := D). apply Rle_trans with (1 := E). apply Rmult_le_compat_l; lra.
right. ring.
Qed.

(* n additions, the first of which is exact. *)
Lemma accumulate_error n f :
  (forall i, (i < S n)%nat -> format (f i)) ->
  Rabs (accumulate (S n) f - sum (S n) f) <= ((1 + u) ^ n - 1) * sum (S n) (fun i => Rabs (f i)).
Proof.
induction n as [|n IH]; intro F.
- simpl. rewrite !Rplus_0_l, fl_exact by (apply F; lia).
  rewrite Rminus_diag_eq by reflexivity. rewrite Rabs_R0. lra.
- change (accumulate (S (S n)) f) with (fl (accumulate (S n) f + f (S n))).
  change (sum (S (S n)) f) with (sum (S n) f + f (S n)).
  change (sum (S (S n)) (fun i => Rabs (f i))) with (sum (S n) (fun i => Rabs (f i)) + Rabs (f (S n))).
  assert (P := power_at_least_1 n).
  replace ((1 + u) ^ S n - 1) with (Rmax ((1 + u) ^ n) 1 * (1 + u) - 1)
    by (rewrite Rmax_left by exact P; simpl; ring).
  apply addition_error; try (apply accumulate_format || apply sum_abs || lra || apply Rle_refl).
  apply F; lia. apply IH. intros; apply F; lia.
  replace (f (S n) - f (S n)) with 0 by ring. rewrite Rabs_R0. lra.
Qed.

(* Two sums that are equally good. *)
Lemma addition_of_equals x y X Y A B n :
  format x -> format y -> Rabs X <= A -> Rabs Y <= B ->
  Rabs (x - X) <= ((1 + u) ^ n - 1) * A -> Rabs (y - Y) <= ((1 + u) ^ n - 1) * B ->
  Rabs (fl (x + y) - (X + Y)) <= ((1 + u) ^ S n - 1) * (A + B).
Proof.
intros. assert (P := power_at_least_1 n).
replace ((1 + u) ^ S n - 1) with (Rmax ((1 + u) ^ n) ((1 + u) ^ n) * (1 + u) - 1)
  by (rewrite Rmax_left by apply Rle_refl; simpl; ring).
now apply addition_error.
Qed.

Section Parts.

Variables a X A : nat -> R.
Variable m : nat.
Hypothesis a_format : forall i, format (a i).
Hypothesis X_size : forall i, Rabs (X i) <= A i.
Hypothesis a_error : forall i, Rabs (a i - X i) <= ((1 + u) ^ m - 1) * A i.

Let sizes i j : Rabs (X i + X j) <= A i + A j.
Proof. apply Rle_trans with (1 := Rabs_triang _ _). now apply Rplus_le_compat. Qed.

Let pair_error i j : Rabs (fl (a i + a j) - (X i + X j)) <= ((1 + u) ^ S m - 1) * (A i + A j).
Proof. now apply addition_of_equals. Qed.

(* The four partial sums of a block. *)
Lemma add_parts_error : Rabs (add_parts a - sum 4 X) <= ((1 + u) ^ S (S m) - 1) * sum 4 A.
Proof.
replace (sum 4 X) with ((X 0%nat + X 1%nat) + (X 2%nat + X 3%nat)) by (simpl; ring).
replace (sum 4 A) with ((A 0%nat + A 1%nat) + (A 2%nat + A 3%nat)) by (simpl; ring).
now apply addition_of_equals; try apply fl_format.
Qed.

(* The eight places of a vector. *)
Lemma add_up_error : Rabs (add_up a - sum 8 X) <= ((1 + u) ^ S (S (S m)) - 1) * sum 8 A.
Proof.
replace (sum 8 X) with (((X 0%nat + X 4%nat) + (X 2%nat + X 6%nat)) + ((X 1%nat + X 5%nat) + (X 3%nat + X 7%nat)))
  by (simpl; ring).
replace (sum 8 A) with (((A 0%nat + A 4%nat) + (A 2%nat + A 6%nat)) + ((A 1%nat + A 5%nat) + (A 3%nat + A 7%nat)))
  by (simpl; ring).
apply addition_of_equals; try apply fl_format.
apply Rle_trans with (1 := Rabs_triang _ _). now apply Rplus_le_compat.
apply Rle_trans with (1 := Rabs_triang _ _). now apply Rplus_le_compat.
now apply addition_of_equals; try apply fl_format.
now apply addition_of_equals; try apply fl_format.
Qed.

End Parts.

Lemma add_parts_nonnegative a : (forall i, 0 <= a i) -> 0 <= add_parts a.
Proof.
intro H. unfold add_parts.
apply fl_nonnegative, Rplus_le_le_0_compat; apply fl_nonnegative, Rplus_le_le_0_compat; apply H.
Qed.

(* TwoSum is exact. *)
Lemma two_sum_exact x y : format x -> format y -> two_sum x y + two_sum_error x y = x + y.
Proof.
intros Fx Fy.
exact (TwoSum_correct (-1074) 53 (fun n => negb (Z.even n)) ltac:(lia) ltac:(lia) choice_is_symmetric x y Fx Fy).
Qed.

Lemma two_sum_rounds x y : two_sum x y = fl (x + y).
Proof. reflexivity. Qed.

Lemma two_sum_error_format x y : format (two_sum_error x y).
Proof. apply fl_format. Qed.

(* The sums of blocks, and what is lost on the way. *)
Fixpoint high (n : nat) (t : nat -> R) : R :=
  match n with O => 0 | S m => two_sum (high m t) (t m) end.

Fixpoint low (n : nat) (t : nat -> R) : R :=
  match n with O => 0 | S m => fl (low m t + two_sum_error (high m t) (t m)) end.

Lemma high_accumulates n t : high n t = accumulate n t.
Proof. induction n as [|n IH]. reflexivity. simpl. rewrite two_sum_rounds, IH. reflexivity. Qed.

Definition lost (t : nat -> R) (n : nat) : R := two_sum_error (high n t) (t n).

Lemma low_accumulates n t : low n t = accumulate n (lost t).
Proof. induction n as [|n IH]. reflexivity. simpl. now rewrite IH. Qed.

Section Blocks.

Variable t : nat -> R.
Hypothesis t_format : forall i, format (t i).
Hypothesis t_nonnegative : forall i, 0 <= t i.

Lemma high_format n : format (high n t).
Proof. destruct n. apply format_0. apply fl_format. Qed.

Lemma high_nonnegative n : 0 <= high n t.
Proof. rewrite high_accumulates. apply accumulate_nonnegative. intros; apply t_nonnegative. Qed.

Lemma nothing_is_lost n : high n t + sum n (lost t) = sum n t.
Proof.
induction n as [|n IH]. simpl. ring.
simpl. rewrite <- IH.
replace (two_sum (high n t) (t n) + (sum n (lost t) + lost t n))
  with ((two_sum (high n t) (t n) + two_sum_error (high n t) (t n)) + sum n (lost t)) by (unfold lost; ring).
rewrite two_sum_exact. ring. apply high_format. apply t_format.
Qed.

Lemma high_bound n : high n t <= (1 + u) ^ n * sum n t.
Proof.
assert (Hu := u_positive).
induction n as [|n IH]. simpl. lra.
simpl high. rewrite two_sum_rounds.
assert (E := fl_sum_error _ _ (high_format n) (t_format n)).
assert (H := high_nonnegative n). assert (Ht := t_nonnegative n).
rewrite (Rabs_pos_eq (high n t + t n)) in E by lra.
apply Rabs_le_inv in E.
assert (P := power_at_least_1 n).
simpl. assert (high n t + t n <= (1 + u) ^ n * (sum n t + t n)) by nra.
apply Rle_trans with ((1 + u) * (high n t + t n)). lra.
rewrite Rmult_assoc. apply Rmult_le_compat_l; lra.
Qed.

Lemma partial_sum_le n m : (n <= m)%nat -> sum n t <= sum m t.
Proof.
induction 1. apply Rle_refl. simpl. assert (H1 := t_nonnegative m). lra.
Qed.

Lemma lost_bound n m : (n < m)%nat -> Rabs (lost t n) <= u * ((1 + u) ^ m * sum m t).
Proof.
intro H. assert (Hu := u_positive).
assert (X := two_sum_exact _ _ (high_format n) (t_format n)).
assert (E := fl_sum_error _ _ (high_format n) (t_format n)).
rewrite two_sum_rounds in X. unfold lost.
replace (two_sum_error (high n t) (t n)) with (- (fl (high n t + t n) - (high n t + t n))) by lra.
rewrite Rabs_Ropp. apply Rle_trans with (1 := E). apply Rmult_le_compat_l. lra.
assert (H0 := high_nonnegative n). assert (Ht := t_nonnegative n). assert (B := high_bound n).
rewrite Rabs_pos_eq by lra.
assert (P := power_at_least_1 n).
assert (Hs := partial_sum_le (S n) m H). simpl in Hs.
assert (0 <= sum n t) by (apply sum_nonnegative; intros; apply t_nonnegative).
apply Rle_trans with ((1 + u) ^ n * (sum n t + t n)). nra.
apply Rmult_le_compat; try lra. apply Rle_pow. lra. lia.
Qed.

End Blocks.

(* The lane: block b has 8 vectors for each of four parts; each of a vector's places is summed on
   its own. *)
Section Lane.

Variable terms : nat -> R.
Hypothesis terms_format : forall i, format (terms i).
Hypothesis terms_nonnegative : forall i, 0 <= terms i.

Definition place (b g part lane : nat) : nat := b * block + (g * group + (part * 8 + lane)).

Definition partial (b lane part : nat) : R := accumulate 8 (fun g => terms (place b g part lane)).

Definition total (lane b : nat) : R := add_parts (partial b lane).

Definition kernel_sum (blocks : nat) : R :=
  fl (add_up (fun lane => high blocks (total lane)) + add_up (fun lane => low blocks (total lane))).

Definition exact_total (lane b : nat) : R :=
  sum 4 (fun part => sum 8 (fun g => terms (place b g part lane))).

Lemma exact_total_nonnegative lane b : 0 <= exact_total lane b.
Proof. apply sum_nonnegative; intros. apply sum_nonnegative; intros. apply terms_nonnegative. Qed.

(* A block: 8 terms each in 32 partial sums, 7 roundings and 2 more. *)
Lemma total_error lane b : Rabs (total lane b - exact_total lane b) <= ((1 + u) ^ 9 - 1) * exact_total lane b.
Proof.
apply add_parts_error.
- intro part. apply accumulate_format.
- intro part. rewrite Rabs_pos_eq. apply Rle_refl. apply sum_nonnegative; intros; apply terms_nonnegative.
- intro part. unfold partial.
  apply Rle_trans with (1 := accumulate_error 7 _ ltac:(intros; apply terms_format)).
  right. f_equal. apply sum_ext. intros. apply Rabs_pos_eq, terms_nonnegative.
Qed.

Lemma total_nonnegative lane b : 0 <= total lane b.
Proof.
apply add_parts_nonnegative.
intro part. apply accumulate_nonnegative. intros. apply terms_nonnegative.
Qed.

Lemma total_format lane b : format (total lane b).
Proof. apply fl_format. Qed.

(* All places, each once. *)
Lemma places blocks : sum 8 (fun lane => sum blocks (exact_total lane)) = sum (blocks * block) terms.
Proof.
rewrite sum_pieces, sum_swap. apply sum_ext. intros b _.
transitivity (sum 8 (fun g => sum 4 (fun part => sum 8 (fun lane => terms (place b g part lane))))).
- transitivity (sum 8 (fun lane => sum 8 (fun g => sum 4 (fun part => terms (place b g part lane))))).
  + apply sum_ext. intros lane _. apply sum_swap.
  + rewrite sum_swap. apply sum_ext. intros g _. apply sum_swap.
- change (sum block) with (sum (8 * group)). rewrite sum_pieces. apply sum_ext. intros g _.
  change (sum group) with (sum (4 * 8)). rewrite sum_pieces. reflexivity.
Qed.

Variable blocks : nat.
Hypothesis blocks_bound : INR blocks <= bpow radix2 24.

Let T := sum 8 (fun lane => sum blocks (total lane)).
Let H := fun lane => high blocks (total lane).
Let W := fun lane => low blocks (total lane).
Let E := fun lane => sum blocks (lost (total lane)).
Let small := bpow radix2 (-28).
Let residue := bpow radix2 (-57).

Let growth : 1 <= (1 + u) ^ blocks <= 1 + bpow radix2 (-29) * (1 + bpow radix2 (-29)).
Proof.
assert (Hu := u_positive). assert (H0 := pos_INR blocks).
assert (Hb : INR blocks * u <= bpow radix2 (-29)).
{ change (bpow radix2 (-29)) with (bpow radix2 (24 + -53)). rewrite bpow_plus.
  apply Rmult_le_compat_r. apply Rlt_le, Hu. exact blocks_bound. }
split. apply power_at_least_1.
assert (0 <= INR blocks * u) by nra.
apply Rle_trans with (1 := power_bound blocks ltac:(cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2] in Hb; lra)).
nra.
Qed.

Let lane_nonnegative lane : 0 <= sum blocks (total lane).
Proof. apply sum_nonnegative; intros; apply total_nonnegative. Qed.

(* What TwoSum puts aside, in size. *)
Let losses lane : sum blocks (fun b => Rabs (lost (total lane) b)) <= small * (1 - bpow radix2 (-2)) * sum blocks (total lane).
Proof.
apply Rle_trans with (sum blocks (fun _ => u * ((1 + u) ^ blocks * sum blocks (total lane)))).
apply sum_le. intros b Hb. apply lost_bound; try assumption. apply total_format. apply total_nonnegative.
rewrite sum_constant. assert (G := growth). assert (L := lane_nonnegative lane). assert (Hu := u_positive).
replace (INR blocks * (u * ((1 + u) ^ blocks * sum blocks (total lane))))
  with ((INR blocks * u) * (1 + u) ^ blocks * sum blocks (total lane)) by ring.
apply Rmult_le_compat_r. exact L.
assert (Hb : INR blocks * u <= bpow radix2 (-29)).
{ change (bpow radix2 (-29)) with (bpow radix2 (24 + -53)). rewrite bpow_plus.
  apply Rmult_le_compat_r. apply Rlt_le, Hu. exact blocks_bound. }
assert (H0 := pos_INR blocks).
apply Rle_trans with (bpow radix2 (-29) * (1 + bpow radix2 (-29) * (1 + bpow radix2 (-29)))).
apply Rmult_le_compat; try lra. nra.
unfold small. cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. lra.
Qed.

(* What is lost of that. *)
Let low_error lane : Rabs (W lane - E lane) <= residue * sum blocks (total lane).
Proof.
unfold W, E. rewrite low_accumulates.
assert (G := growth). assert (L := losses lane). assert (P := lane_nonnegative lane).
apply Rle_trans with (((1 + u) ^ blocks - 1) * sum blocks (fun b => Rabs (lost (total lane) b))).
- destruct blocks as [|m] eqn:Eb.
  + simpl. replace (0 - 0) with 0 by ring. rewrite Rabs_R0. lra.
  + apply Rle_trans with (1 := accumulate_error m (lost (total lane)) ltac:(intros; apply two_sum_error_format)).
    apply Rmult_le_compat_r. apply sum_nonnegative; intros; apply Rabs_pos.
    assert ((1 + u) ^ m <= (1 + u) ^ S m).
    { apply Rle_pow. assert (Hu := u_positive). lra. lia. }
    lra.
- apply Rle_trans with (bpow radix2 (-29) * (1 + bpow radix2 (-29)) * (small * (1 - bpow radix2 (-2)) * sum blocks (total lane))).
  apply Rmult_le_compat; try lra. apply sum_nonnegative; intros; apply Rabs_pos.
  rewrite <- Rmult_assoc. apply Rmult_le_compat_r. exact P.
  unfold small, residue. cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. lra.
Qed.

Let conserved : sum 8 H + sum 8 E = T.
Proof.
rewrite <- sum_plus. unfold T. apply sum_ext. intros lane _.
apply nothing_is_lost. apply total_format.
Qed.

Let H_nonnegative lane : 0 <= H lane.
Proof. apply high_nonnegative. intro; apply total_nonnegative. Qed.

Let T_nonnegative : 0 <= T.
Proof. apply sum_nonnegative; intros; apply lane_nonnegative. Qed.

Let E_size : sum 8 (fun lane => Rabs (E lane)) <= small * (1 - bpow radix2 (-2)) * T.
Proof.
unfold T. rewrite <- sum_scale. apply sum_le. intros lane _.
apply Rle_trans with (1 := sum_abs _ _). apply losses.
Qed.

Let W_size : sum 8 (fun lane => Rabs (W lane)) <= small * T.
Proof.
apply Rle_trans with (sum 8 (fun lane => Rabs (E lane) + residue * sum blocks (total lane))).
- apply sum_le. intros lane _. replace (W lane) with (E lane + (W lane - E lane)) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _). apply Rplus_le_compat_l, low_error.
- rewrite sum_plus, sum_scale. fold T.
  apply Rle_trans with (small * (1 - bpow radix2 (-2)) * T + residue * T).
  apply Rplus_le_compat_r, E_size.
  assert (P := T_nonnegative). rewrite <- Rmult_plus_distr_r. apply Rmult_le_compat_r. exact P.
  unfold small, residue. cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. lra.
Qed.

(* The sum of all blocks, and the eight places of the vectors: 4 roundings. *)
Lemma blocks_error : Rabs (kernel_sum blocks - T) <= 4063 / 1000 * u * T.
Proof.
assert (P := T_nonnegative). assert (Hu := u_value).
assert (EH : Rabs (add_up H - sum 8 H) <= ((1 + u) ^ 3 - 1) * sum 8 H).
{ apply (add_up_error H H H 0).
  - intro; apply high_format.
  - intro; rewrite Rabs_pos_eq. apply Rle_refl. apply H_nonnegative.
  - intro lane. replace (H lane - H lane) with 0 by ring. rewrite Rabs_R0. simpl. lra. }
assert (EW : Rabs (add_up W - sum 8 W) <= ((1 + u) ^ 3 - 1) * sum 8 (fun lane => Rabs (W lane))).
{ apply (add_up_error W W (fun lane => Rabs (W lane)) 0).
  - intro lane. unfold W. rewrite low_accumulates. apply accumulate_format.
  - intro; apply Rle_refl.
  - intro lane. replace (W lane - W lane) with 0 by ring. rewrite Rabs_R0. simpl. lra. }
assert (EL : Rabs (sum 8 W - sum 8 E) <= residue * T).
{ rewrite <- sum_minus. apply Rle_trans with (1 := sum_abs _ _).
  unfold T. rewrite <- sum_scale. apply sum_le. intros. apply low_error. }
assert (C := conserved). assert (SW := W_size). assert (SE := E_size).
assert (SH : sum 8 H <= (1 + small) * T).
{ assert (Rabs (sum 8 E) <= small * T).
  { apply Rle_trans with (1 := sum_abs _ _). apply Rle_trans with (1 := SE).
    apply Rmult_le_compat_r. exact P. unfold small. cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. lra. }
  apply Rabs_le_inv in H0. lra. }
assert (Q : 0 <= (1 + u) ^ 3 - 1 <= 30001 / 10000 * u) by (rewrite Hu; simpl; lra).
assert (D : Rabs ((add_up H + add_up W) - T) <= (30001 / 10000 * u * (1 + 2 * small) + residue) * T).
{ replace ((add_up H + add_up W) - T) with
    ((add_up H - sum 8 H) + ((add_up W - sum 8 W) + (sum 8 W - sum 8 E))) by (rewrite <- C; ring).
  apply Rle_trans with (1 := Rabs_triang _ _).
  assert (A2 := Rabs_triang (add_up W - sum 8 W) (sum 8 W - sum 8 E)).
  assert (0 <= small) by apply bpow_ge_0.
  assert (B1 : ((1 + u) ^ 3 - 1) * sum 8 H <= 30001 / 10000 * u * ((1 + small) * T)).
  { apply Rmult_le_compat; try lra. apply sum_nonnegative; intros; apply H_nonnegative. }
  assert (B2 : ((1 + u) ^ 3 - 1) * sum 8 (fun lane => Rabs (W lane)) <= 30001 / 10000 * u * (small * T)).
  { apply Rmult_le_compat; try lra. apply sum_nonnegative; intros; apply Rabs_pos. }
  replace ((30001 / 10000 * u * (1 + 2 * small) + residue) * T)
    with (30001 / 10000 * u * ((1 + small) * T) + (30001 / 10000 * u * (small * T) + residue * T)) by ring.
  lra. }
unfold kernel_sum. fold H W.
assert (R1 : Rabs (fl (add_up H + add_up W) - (add_up H + add_up W)) <= u * Rabs (add_up H + add_up W)).
{ apply fl_sum_error; apply fl_format. }
assert (R2 : Rabs (add_up H + add_up W) <= (1 + (30001 / 10000 * u * (1 + 2 * small) + residue)) * T).
{ replace (add_up H + add_up W) with ((add_up H + add_up W - T) + T) by ring.
  apply Rle_trans with (1 := Rabs_triang _ _). rewrite (Rabs_pos_eq T) by exact P. lra. }
replace (fl (add_up H + add_up W) - T)
  with ((fl (add_up H + add_up W) - (add_up H + add_up W)) + ((add_up H + add_up W) - T)) by ring.
apply Rle_trans with (1 := Rabs_triang _ _).
apply Rle_trans with (u * ((1 + (30001 / 10000 * u * (1 + 2 * small) + residue)) * T)
  + (30001 / 10000 * u * (1 + 2 * small) + residue) * T).
apply Rplus_le_compat. apply Rle_trans with (1 := R1). apply Rmult_le_compat_l. rewrite Hu; lra. exact R2. exact D.
rewrite <- Rmult_assoc, <- Rmult_plus_distr_r. apply Rmult_le_compat_r. exact P.
rewrite Hu. unfold small, residue. cbn [bpow Z.pow_pos Pos.iter Z.mul Pos.mul radix_val radix2]. lra.
Qed.

Definition sum_bound : R := 130632 / 10000 * u.

(* The sum of up to 2^32 nonnegative terms. *)
Theorem sum_error : within sum_bound (sum (blocks * block) terms) (kernel_sum blocks).
Proof.
assert (Hu := u_value).
rewrite <- places.
assert (B : within (90001 / 10000 * u) (sum 8 (fun lane => sum blocks (exact_total lane))) T).
{ unfold within, T. rewrite <- sum_minus. apply Rle_trans with (1 := sum_abs _ _).
  rewrite Rabs_pos_eq.
  2: apply sum_nonnegative; intros; apply sum_nonnegative; intros; apply exact_total_nonnegative.
  rewrite <- sum_scale. apply sum_le. intros lane _.
  rewrite <- sum_minus. apply Rle_trans with (1 := sum_abs _ _).
  rewrite <- sum_scale. apply sum_le. intros b _.
  apply Rle_trans with (1 := total_error lane b).
  apply Rmult_le_compat_r. apply exact_total_nonnegative. rewrite Hu. simpl. lra. }
apply within_widen with (90001 / 10000 * u + 4063 / 1000 * u + 90001 / 10000 * u * (4063 / 1000 * u)).
unfold sum_bound. rewrite Hu. lra.
apply within_compose with (2 := B). rewrite Hu; lra.
unfold within. rewrite (Rabs_pos_eq T) by exact T_nonnegative. exact blocks_error.
rewrite Hu; lra.
Qed.

End Lane.
