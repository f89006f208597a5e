import AuditRecords
import AuditedOperations
import Basics

/// Certificates for terminals.
package enum CertificateText {
  /// The certificates one below the other, with a line break at the end.
  ///
  /// Implementations of the same outputs stand together: orders of summation are, on two logits.
  package static func render(_ document: Certificates) -> String {
    var lines: [String] = []
    var left = document.certificates[...]
    while let certificate = left.popFirst() {
      let twins = left.filter { hasSameOutputs($0, certificate) }
      left.removeAll { hasSameOutputs($0, certificate) }
      if !lines.isEmpty { lines.append("") }
      lines += text(of: certificate, Array(twins))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Whether two certificates differ in names and bounds alone.
  private static func hasSameOutputs(
    _ a: ExhaustiveCertificate, _ b: ExhaustiveCertificate
  ) -> Bool {
    func nameless(_ certificate: ExhaustiveCertificate) -> ExhaustiveCertificate {
      var certificate = certificate
      certificate.implementation = ""
      certificate.model = nil
      for witness in ExhaustiveCertificate.witnesses {
        certificate[keyPath: witness]?.replay = ""
        certificate[keyPath: witness]?.bound = nil
      }
      return certificate
    }
    return a.failure == nil && nameless(a) == nameless(b)
  }

  /// - Parameter twins: The certificates of the same outputs.
  private static func text(
    of certificate: ExhaustiveCertificate, _ twins: [ExhaustiveCertificate]
  ) -> [String] {
    let name = certificate.subject
    var lines = ["\(certificate.isFailure ? "! " : "")\(name)".onOneLine]
    lines += certificate.statement.wrapped(to: 77).map { "  " + $0 }
    if !twins.isEmpty {
      let names = twins.map(\.implementation.onOneLine).joined(separator: ", ")
      lines += "the same outputs, bit for bit: \(names)".wrapped(to: 77).map { "  " + $0 }
    }
    if let failure = certificate.failure {
      return lines + ["  no answer: \(failure)".onOneLine]
    }
    func line(_ name: String, _ value: String) {
      lines.append("  " + name + String(repeating: " ", count: max(1, 22 - name.count)) + value)
    }
    func share(_ count: UInt64) -> String {
      guard certificate.finitePairs > 0 else { return "-" }
      let percent = FigureText.share(Double(count) / Double(certificate.finitePairs))
      return "\(FigureText.count(count)) (\(percent) %)"
    }
    line("lanes", FigureText.count(certificate.lanes))
    line("outputs", FigureText.count(certificate.elements))
    if let scaled = certificate.maxScaled {
      line("max scaled error", FigureText.maximum(scaled.value))
    }
    line("max ulp", FigureText.maximum(certificate.maxUlp?.value))
    line("max ulp, subnormal", FigureText.maximum(certificate.maxUlpSubnormal?.value))
    line("correctly rounded", share(certificate.correctlyRounded))
    line("faithful", share(certificate.faithful))
    if let overflows = certificate.overflows {
      line("rightly infinite", FigureText.count(overflows))
    }
    line("mismatches", FigureText.count(certificate.mismatches))
    if certificate.model == nil {
      line("judged by", "nothing: errors were measured only")
    } else if certificate.model == MeasurementJudging.undeclared {
      line("judged by", "what any sound \(certificate.operation) keeps to")
    }
    if certificate.notJudged != nil {
      line("not judged", "the largest error, on a lane without a declared bound")
    }
    if certificate.undecided > 0 { line("undecided", FigureText.count(certificate.undecided)) }
    if let digest = certificate.digest { line("digest", "sha256 \(digest.sha256)") }
    for seen in certificate.misconduct ?? [] { lines.append("  misconduct: \(seen)".onOneLine) }
    func show(
      _ name: String, _ place: KeyPath<ExhaustiveCertificate, ExhaustiveCertificate.Witness?>
    ) {
      guard let witness = certificate[keyPath: place] else { return }
      let bounds = ([certificate] + twins).compactMap { $0[keyPath: place]?.bound?.value }
      lines.append("  \(name): " + words(of: witness, certificate.operation, bounds))
      lines.append("    replay: \(witness.replay)")
    }
    show("worst scaled", \.worstScaled)
    if certificate.worst != certificate.worstScaled { show("worst", \.worst) }
    show("worst subnormal", \.worstSubnormal)
    show("first mismatch", \.firstMismatch)
    if certificate.undeclaredMismatch != certificate.firstMismatch {
      show("undeclared mismatch", \.undeclaredMismatch)
    }
    if certificate.beyondTolerance != certificate.worst {
      show("beyond the tolerance", \.beyondTolerance)
    }
    return lines
  }

  /// An element in a line: logits, output, exact value, error.
  ///
  /// - Parameter bounds: Those of all implementations that gave this output.
  private static func words(
    of witness: ExhaustiveCertificate.Witness, _ operation: AuditedOperation, _ bounds: [Double]
  ) -> String {
    var text = "\(operation)(\(witness.logits.joined(separator: ", ")))"
    text += operation.output.extent == .one ? " = " : "[\(witness.index)] = "
    text += "\(witness.computed), exact \(witness.exact)"
    if let scaled = witness.scaled {
      text += ", scaled error \(FigureText.maximum(scaled.value))"
    }
    if let ulp = witness.ulp { text += ", error \(FigureText.maximum(ulp.value)) ulp" }
    let texts = bounds.sorted().map { FigureText.statistic($0) }.uniqued()
    if let least = texts.first, let greatest = texts.last {
      text += ", bound \(least)" + (texts.count > 1 ? " to \(greatest)" : "")
    }
    return text
  }

  /// All elements of one lane, one in a line.
  package static func render(
    _ elements: [ExhaustiveCertificate.Witness], of operation: AuditedOperation = .softmax
  ) -> String {
    elements.map { words(of: $0, operation, [$0.bound?.value].compactMap(\.self)) + "\n" }
      .joined()
  }
}

extension ExhaustiveCertificate {
  /// The implementation, its formats, and its operation where that is no softmax.
  var subject: String {
    "\(implementation) in \(formatPair)" + (operation == .softmax ? "" : ", \(operation)")
  }
}
