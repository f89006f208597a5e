# For a tap of Homebrew; `head` is this repository where it lies, until the tap names its address.
#
#   brew tap-new NAME/tools, and this file into its folder Formula
#   brew install --HEAD NAME/tools/softmax-audit
class SoftmaxAudit < Formula
  desc "Tells how wrong a softmax is, with proof"
  license "Apache-2.0"
  head "file://#{Pathname(__dir__).parent.parent.parent.realpath}", using: :git, branch: "main"

  depends_on "pkgconf" => :build
  depends_on "gmp"
  depends_on "mpfr"
  uses_from_macos "swift" => :build

  def install
    flags = Utils.safe_popen_read("scripts/support/release-flags").split
    system "swift", "build", "--disable-sandbox", *flags, "--product", "softmax-audit"
    folder = Utils.safe_popen_read("swift", "build", *flags, "--show-bin-path").chomp
    bin.install "#{folder}/softmax-audit"
    include.install "Sources/ExternalImplementations/Plugins/softmax_audit.h"
  end

  test do
    assert_match "2.4472847105479765e-1", shell_output("#{bin}/softmax-audit reference 1 2 3 --digits 17")
    system bin/"softmax-audit", "audit", "--implementation", "max-trick", "--format", "float32", "--length", "8",
           "--family", "normal-1"
  end
end
