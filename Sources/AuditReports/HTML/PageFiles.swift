import Basics
import Mustache

/// The files of the folder Page, which are compiled in: the program is one file that can be copied
/// anywhere.
enum PageFiles {
  /// The template of the page, and those of its parts by the names by which it includes them.
  ///
  /// Double braces escape the text that they show; triple braces take ``Markup`` alone.
  static let templates: [String: String] = [
    "page": PackageResources.page_mustache,
    "gates": PackageResources.gates_mustache,
    "sources": PackageResources.sources_mustache,
    "recommendations": PackageResources.recommendations_mustache,
    "matrix": PackageResources.matrix_mustache,
    "laws": PackageResources.laws_mustache,
    "figures": PackageResources.figures_mustache,
    "witnesses": PackageResources.witnesses_mustache,
    "special": PackageResources.special_mustache,
    "consequences": PackageResources.consequences_mustache,
    "elsewhere": PackageResources.elsewhere_mustache,
    "method": PackageResources.method_mustache,
    "command": PackageResources.command_mustache,
  ].mapValues(text)

  /// The style sheet, with the colours and rules that the page shares with figures in files of
  /// their own.
  static let style = Markup(
    text(PackageResources.page_css)
      .replacing("/*figure-variables-light*/", with: FigureStyle.variables(false))
      .replacing("/*figure-variables-dark*/", with: FigureStyle.variables(true))
      .replacing("/*figure-rules*/", with: FigureStyle.rules))

  /// The script: sorting, filters, tooltips, copying, light and dark.
  ///
  /// All is readable without it.
  static let script = Markup(text(PackageResources.page_js))

  /// The page with its parts filled in.
  ///
  /// - Throws: ``InternalError`` where a template is malformed.
  static func render(_ page: Page) throws -> String {
    let library: MustacheLibrary
    do {
      library = MustacheLibrary(templates: try templates.mapValues(MustacheTemplate.init(string:)))
    } catch {
      throw InternalError("a template of the HTML report is malformed: \(error)")
    }
    guard let text = library.render(page, withTemplate: "page") else {
      throw InternalError("the HTML report has no template for its page")
    }
    return text + "\n"
  }

  /// A file without the end of its last line, so that a part fits into a line as well.
  private static func text(_ file: [UInt8]) -> String {
    var text = String(decoding: file, as: UTF8.self)
    if text.last == "\n" { text.removeLast() }
    return text
  }
}
