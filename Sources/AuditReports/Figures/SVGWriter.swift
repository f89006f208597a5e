import Foundation

/// Writes SVG elements: attributes are quoted, text is escaped, numbers are short.
struct SVGWriter {
  private(set) var text = ""

  /// An element without content, or with a text that is shown when a pointer rests on it.
  mutating func element(
    _ name: String, _ attributes: KeyValuePairs<String, String>, tooltip: String? = nil
  ) {
    text += "<\(name)\(Self.list(attributes))"
    if let tooltip {
      text += "><title>\(MarkupText.escaped(tooltip))</title></\(name)>"
    } else {
      text += "/>"
    }
  }

  /// A text element.
  mutating func label(_ content: String, _ attributes: KeyValuePairs<String, String>) {
    text += "<text\(Self.list(attributes))>\(MarkupText.escaped(content))</text>"
  }

  /// An element around others.
  mutating func group(
    _ name: String, _ attributes: KeyValuePairs<String, String>, _ body: (inout SVGWriter) -> Void
  ) {
    text += "<\(name)\(Self.list(attributes))>"
    body(&self)
    text += "</\(name)>"
  }

  /// An element with text for those who do not see the figure.
  mutating func description(_ name: String, _ content: String, id: String? = nil) {
    let identifier = id.map { " id=\"\(MarkupText.escaped($0))\"" } ?? ""
    text += "<\(name)\(identifier)>\(MarkupText.escaped(content))</\(name)>"
  }

  /// Something that is SVG already.
  mutating func raw(_ svg: String) { text += svg }

  /// A coordinate with one decimal.
  static func number(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    guard abs(tenths) < 1e9 else { return "0" }
    let whole = Int(tenths)
    let sign = whole < 0 ? "-" : ""
    let (units, tenth) = (abs(whole) / 10, abs(whole) % 10)
    return tenth == 0 ? "\(sign)\(units)" : "\(sign)\(units).\(tenth)"
  }

  private static func list(_ attributes: KeyValuePairs<String, String>) -> String {
    attributes.map { " \($0.key)=\"\(MarkupText.escaped($0.value))\"" }.joined()
  }
}
