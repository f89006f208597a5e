import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// What a parser of XML finds in a page or a drawing.
final class XMLCheck: NSObject, XMLParserDelegate {
  private(set) var elements: [String] = []
  private(set) var identifiers: [String] = []
  private(set) var attributes: [(element: String, name: String, value: String)] = []
  private(set) var text = ""
  private(set) var problem: String?

  init(_ document: String) {
    super.init()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = self
    if !parser.parse() {
      problem =
        "line \(parser.lineNumber): \(parser.parserError.map { "\($0)" } ?? "not well-formed")"
    }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append(name)
    if let id = attributes["id"] { identifiers.append(id) }
    self.attributes += attributes.map { (name, $0.key, $0.value) }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}
