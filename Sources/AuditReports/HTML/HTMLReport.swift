import AuditRecords

/// The results as one HTML page that needs nothing else: no network, no files beside it.
///
/// The page is XHTML as well, so that a parser of XML takes it.
package enum HTMLReport {
  /// The page.
  ///
  /// - Throws: ``InternalError`` where a template is malformed.
  package static func render(_ results: AuditResults, name: String = "results.json") throws
    -> String
  {
    try render(ReportSources(results, name: name))
  }

  /// The page of one results file, or of several side by side.
  ///
  /// - Parameter hasFiles: Whether the results lie beside the page under the names of the sources,
  ///   so that links lead somewhere.
  /// - Throws: ``InternalError`` where a template is malformed.
  package static func render(_ sources: ReportSources, hasFiles: Bool = false) throws -> String {
    try PageFiles.render(Page(sources, hasFiles: hasFiles))
  }
}
