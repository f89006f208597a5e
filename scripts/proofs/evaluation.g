# The value of the polynomial as it is evaluated, against the same polynomial of real numbers.
@fl = float<ieee_64,ne>;
r = fl(r_);
@POLYNOMIAL@
@EXACT_POLYNOMIAL@
{ |r| <= 0.34658 -> |(p - Mp) / Mp| <= 0x4.1p-53 }
$ r in 256;
