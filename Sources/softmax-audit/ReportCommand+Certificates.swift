import AuditRecords
import AuditReports
import Basics
import Foundation

extension ReportCommand {
  /// The certificates, where the one file that is named holds some.
  func certificates() throws -> Certificates? {
    guard results.count == 1, let path = results.first else { return nil }
    let data = try MappedFile.document(path, advice: "a file that softmax-audit wrote with --json")
    // Large results are not parsed twice.
    guard data.range(of: Data(Certificates.currentSchema.utf8)) != nil,
      (try? SchemaJSON.schema(of: data, name: path)) == Certificates.currentSchema
    else { return nil }
    guard report == nil, form == nil || form == .text else {
      throw UserError(
        .usage,
        "\(path) holds certificates, which are reported as text; leave --as and --report out")
    }
    return try CertificatesJSON.decode(data, name: path)
  }

  /// Reports certificates, and leaves with their status.
  func show(_ certificates: Certificates) throws {
    try evidence.write(of: certificates, quietly: false)
    let text = CertificateText.render(certificates)
    if let output {
      try OutputFile.write(Data(text.utf8), to: output)
    } else {
      try Console.print(text)
    }
    try RunOutcome(of: certificates.certificates).leave(quietly: false)
  }
}
