/// The page and its parts as Mustache templates; double braces escape what they show, triple ones only take our own markup.
///
/// They are Swift texts, not resources, so that the program is one file that can be copied anywhere.
enum PageTemplate {
  static let parts: [String: String] = [
    "page": page, "recommendations": recommendations, "sources": sources, "matrix": matrix,
    "laws": laws, "figures": figures, "witnesses": witnesses, "special": special, "method": method,
    "command": command, "elsewhere": ElsewhereSection.template, "gates": GateSection.template,
  ]

  private static let page = """
    <!DOCTYPE html>
    <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"/>
    <title>{{title}}</title>
    <style>
    {{{style}}}
    </style>
    </head>
    <body>
    <header class="top">
    <div>
    <h1>{{title}}</h1>
    <p class="sub">{{subtitle}}</p>
    </div>
    <button id="theme" type="button" hidden="hidden" aria-label="Change between light and dark">Dark</button>
    </header>
    <main>
    {{#verdicts}}
    <section class="verdict {{kind}}" aria-label="Verdict">
    <p class="word">{{word}}</p>
    <p class="plain">{{headline}}</p>
    {{#resemblances}}<p class="looks">{{.}}</p>
    {{/resemblances}}
    <ul>
    {{#sentences}}<li>{{.}}</li>
    {{/sentences}}
    </ul>
    </section>
    {{/verdicts}}
    {{>gates}}
    {{>sources}}
    {{>recommendations}}
    {{>matrix}}
    {{>laws}}
    {{>figures}}
    {{>witnesses}}
    {{>special}}
    {{>elsewhere}}
    {{>method}}
    </main>
    <footer>
    <p>Made by {{tool}}. {{#links}}The figures as data, beside this page: <a href="{{target}}">{{name}}</a>. {{/links}}This page needs no network.</p>
    </footer>
    <div id="tip" role="status" aria-live="polite"></div>
    <script>
    //<![CDATA[
    {{{script}}}
    //]]>
    </script>
    </body>
    </html>

    """

  private static let recommendations = """
    {{#hasRecommendations}}
    <section aria-labelledby="which">
    <h2 id="which">Which one to trust</h2>
    <p class="cap">By the largest error found, among implementations that were judged and are without fault: no mismatch, no bound exceeded, no law broken. It is a fact about the lanes that all of these measured, not about all there are.</p>
    <ul class="picks">
    {{#recommendations}}
    <li><h3>{{heading}}</h3>
    <dl>
    {{#best}}<dt>Most accurate</dt><dd><span class="big mono">{{name}}</span><br/><span class="nb">largest error found {{ulp}} ULP</span> <span class="nb">({{place}}),</span> <span class="nb">over {{outputs}};</span> <span class="nb">{{share}} % correctly rounded.</span><br/><span class="sub">{{laws}}</span></dd>{{/best}}
    {{#fastest}}<dt>Fastest within twice that error</dt><dd><span class="mono">{{name}}</span><br/><span class="nb">{{ns}} ns for an output,</span> <span class="nb">largest error found {{ulp}} ULP</span><br/><span class="sub">{{laws}}</span></dd>{{/fastest}}
    {{#absence}}<dt>Most accurate</dt><dd>{{absence}}</dd>{{/absence}}
    {{#hasAvoid}}<dt>Not without knowing why</dt>{{#avoid}}<dd>{{.}}</dd>{{/avoid}}{{/hasAvoid}}
    </dl></li>
    {{/recommendations}}
    </ul>
    </section>
    {{/hasRecommendations}}
    """

  private static let sources = """
    {{#sources}}
    <section aria-labelledby="sources">
    <h2 id="sources">What is compared</h2>
    {{#hasLabels}}<p class="cap">Each letter is one results file, and stands behind the names of its implementations.</p>{{/hasLabels}}
    <div class="scroll" tabindex="0" role="region" aria-label="Results files">
    <table><caption class="sr">Results files</caption>
    <thead><tr>{{#hasLabels}}<th scope="col"></th>{{/hasLabels}}<th class="l" scope="col">file</th><th class="l" scope="col">made by</th><th class="l" scope="col">command</th><th class="l" scope="col">machine</th><th scope="col">seed</th><th class="l" scope="col">oracle</th></tr></thead>
    <tbody>
    {{#rows}}<tr>{{#hasLabel}}<th scope="row">{{label}}</th>{{/hasLabel}}<td class="l">{{file}}</td><td class="l w">{{tool}}{{#versions}}<br/>{{.}}{{/versions}}</td><td class="l w"><code>{{command}}</code></td><td class="l">{{platform}}<br/>{{processor}}<br/>{{threads}}</td><td>{{seed}}</td><td class="l">{{oracle}}</td></tr>
    {{/rows}}
    </tbody></table></div>
    {{#remarks}}<p class="note">{{.}}</p>{{/remarks}}
    {{#hasShared}}
    <h3>Side by side</h3>
    <p class="cap">The largest error found in ULP and the share of correctly rounded outputs, for what more than one file measures. An arrow compares the largest error with that of {{first}}.</p>
    <div class="scroll pin" tabindex="0" role="region" aria-label="Side by side">
    <table><caption class="sr">Side by side</caption>
    <thead><tr><th scope="col" rowspan="2">implementation</th><th class="l" scope="col" rowspan="2">format</th>{{#labels}}<th class="grp" scope="colgroup" colspan="2">{{.}}</th>{{/labels}}</tr>
    <tr>{{#labels}}<th class="first" scope="col">max</th><th scope="col">c.r. %</th>{{/labels}}</tr></thead>
    <tbody>
    {{#shared}}<tr data-pair="{{pair}}" data-algorithm="{{algorithm}}"><th scope="row">{{name}}</th><td class="l">{{format}}</td>{{#cells}}<td class="first {{kind}}">{{max}}</td><td>{{share}}</td>{{/cells}}</tr>
    {{/shared}}
    </tbody></table></div>
    {{/hasShared}}
    {{#hasNoShared}}<p class="none">No implementation stands in more than one of the files with the same formats; all are in the tables below.</p>{{/hasNoShared}}
    </section>
    {{/sources}}
    """

  private static let matrix = """
    {{#matrix}}
    <div id="bar" class="bar" hidden="hidden" role="group" aria-label="Filters" data-preferred="{{preferred}}">
    {{#hasPairs}}<button type="button" value="">All formats</button>
    {{#pairs}}<button type="button" value="{{.}}">{{.}}</button>
    {{/pairs}}{{/hasPairs}}
    {{#hasAlgorithms}}<span class="gap"></span><label class="sub" for="algorithm">Algorithm</label> <select id="algorithm"><option value="">all</option>{{#algorithms}}<option value="{{.}}">{{.}}</option>{{/algorithms}}</select>{{/hasAlgorithms}}
    </div>
    <section aria-labelledby="matrix-title">
    <h2 id="matrix-title">Implementations and formats</h2>
    <p class="cap">{{caption}}</p>
    <div class="scroll pin" tabindex="0" role="region" aria-label="Implementations and formats">
    <table id="matrix" class="sortable"><caption class="sr">Implementations and formats</caption>
    <thead>
    <tr><th scope="col" rowspan="2" data-column="0" aria-sort="none"><button type="button">implementation</button></th>{{#hasFiles}}<th class="l" scope="col" rowspan="2">file</th>{{/hasFiles}}{{#groups}}<th class="grp" scope="colgroup" colspan="{{span}}" data-group="{{name}}">{{name}}</th>{{/groups}}</tr>
    <tr>{{#columns}}<th scope="col" class="{{kind}}" data-group="{{group}}" data-column="{{number}}" aria-sort="none"><button type="button" title="{{meaning}}">{{name}}</button></th>{{/columns}}</tr>
    </thead>
    <tbody>
    {{#rows}}<tr class="{{kind}}" data-algorithm="{{algorithm}}"><th scope="row" title="{{name}}">{{name}}</th>{{#file}}<td class="l">{{file}}</td>{{/file}}{{#cells}}<td class="{{kind}}" data-group="{{group}}" data-v="{{value}}"{{#remark}} title="{{remark}}"{{/remark}}>{{text}}{{#isBest}}<span class="sr"> best</span>{{/isBest}}</td>{{/cells}}</tr>
    {{/rows}}
    </tbody></table></div>
    <p class="note">★ marks the best of a column, among implementations that passed and were measured on the same lanes. ✗ marks an error that is only that of the outputs that are numbers: others are not. {{lawsRemark}}</p>
    {{#remarks}}<p class="note">{{.}}</p>
    {{/remarks}}
    <details class="words"><summary>What the words mean</summary>
    <dl class="facts">{{#words}}<dt>{{word}}</dt><dd>{{meaning}}</dd>
    {{/words}}</dl></details>
    {{#hasMismatches}}
    <h3>Mismatches</h3>
    <p class="cap">An output that is NaN, infinite or negative where the exact value is a number, that is not zero where the exact value is zero, or a special lane that does not follow its policy.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Mismatches"><table><caption class="sr">Mismatches</caption><thead><tr><th scope="col">implementation</th><th class="l" scope="col">format</th><th scope="col">outputs</th><th class="l w" scope="col">what they are</th><th class="l w" scope="col">families of logits, lanes with a mismatch</th></tr></thead><tbody>
    {{#mismatches}}<tr data-pair="{{pair}}" data-algorithm="{{algorithm}}"><th class="l mono" scope="row">{{name}}</th><td class="l">{{format}}</td><td>{{outputs}}</td><td class="l w">{{kinds}}</td><td class="l w">{{families}}</td></tr>
    {{/mismatches}}
    </tbody></table></div>
    {{/hasMismatches}}
    </section>
    {{/matrix}}
    """

  private static let laws = """
    {{#laws}}
    <section aria-labelledby="laws">
    <h2 id="laws">Laws</h2>
    {{#hasRows}}
    <p class="cap">✓ kept in every case tried, ✗ broken, ~ broken and waived, ? undecided, – not measured, blank: does not apply. A kept law is evidence, not a proof; a broken one has a witness.</p>
    <div class="scroll pin" tabindex="0" role="region" aria-label="Laws and implementations">
    <table class="laws"><caption class="sr">Laws and implementations</caption>
    <thead><tr><th scope="col">implementation</th>{{#names}}<th scope="col" title="{{statement}}"><span>{{name}}</span></th>{{/names}}</tr></thead>
    <tbody>
    {{#rows}}<tr data-pair="{{pair}}" data-algorithm="{{algorithm}}"><th scope="row" title="{{name}}">{{name}}</th>{{#cells}}<td class="v-{{verdict}}" title="{{title}}"><span aria-hidden="true">{{symbol}}</span><span class="sr">{{title}}</span></td>{{/cells}}</tr>
    {{/rows}}
    </tbody></table></div>
    {{#failures}}
    <details class="card" data-pair="{{pair}}" data-algorithm="{{algorithm}}"{{#isOpen}} open="open"{{/isOpen}}>
    <summary><span class="name">{{law}}</span><span>{{name}}</span><span class="amount">{{amount}}</span></summary>
    <div class="in">
    <dl class="facts"><dt>Law</dt><dd>{{statement}}</dd>{{#reason}}<dt>Wrong</dt><dd>{{reason}}</dd>{{/reason}}<dt>Tolerated</dt><dd>{{tolerance}}</dd></dl>
    {{#witnesses}}
    <h4>{{heading}}</h4>
    {{#failure}}<p>{{failure}}</p>{{/failure}}
    {{#change}}<p>Then: {{change}}</p>{{/change}}
    {{#hasElements}}<div class="scroll" tabindex="0" role="region" aria-label="Elements of the witness"><table><caption class="sr">Elements of the witness</caption><thead><tr><th scope="col">place</th><th class="l" scope="col">logit</th><th class="l" scope="col">decimal</th><th class="l" scope="col">computed</th>{{#hasChange}}<th class="l" scope="col">after the change</th>{{/hasChange}}<th class="l" scope="col">exact</th></tr></thead><tbody>
    {{#elements}}<tr><td class="l">{{index}}</td><td class="l mono">{{logit}}{{#isAny}} (any){{/isAny}}</td><td class="l mono">{{decimal}}</td><td class="l mono">{{computed}}</td>{{#hasChange}}<td class="l mono">{{after}}</td>{{/hasChange}}<td class="l mono">{{exact}}</td></tr>{{/elements}}
    </tbody></table></div>{{/hasElements}}
    {{#more}}<p class="note">{{more}}</p>{{/more}}
    {{>command}}
    {{/witnesses}}
    {{#hasLog}}<h4>The calls before it, the latest last</h4><pre class="mono">{{#log}}{{.}}
    {{/log}}</pre>{{/hasLog}}
    </div></details>
    {{/failures}}
    {{#omitted}}<p class="note">{{omitted}}</p>{{/omitted}}
    {{#hasOpen}}<h3>Waived, not measured, undecided</h3>
    <ul>{{#open}}<li data-pair="{{pair}}" data-algorithm="{{algorithm}}">{{text}}</li>{{/open}}</ul>{{/hasOpen}}
    {{/hasRows}}
    {{^hasRows}}<p class="none">No laws were checked in these results; <code>softmax-audit check</code> does that.</p>{{/hasRows}}
    </section>
    {{/laws}}
    """

  private static let figures = """
    {{#hasFigures}}
    <section aria-labelledby="figures">
    <h2 id="figures">Figures</h2>
    <div class="pairs">
    {{#figures}}
    <figure id="{{id}}"{{#isWide}} class="wide"{{/isWide}} aria-labelledby="{{id}}-title">
    <h3 id="{{id}}-title">{{title}}</h3>
    <figcaption>{{caption}}</figcaption>
    {{#parts}}<div data-pair="{{pair}}">{{#heading}}<h4>{{heading}}</h4>{{/heading}}<div class="plots{{#isMany}} many{{/isMany}}">
    {{#plots}}<div data-algorithm="{{algorithm}}">{{{svg}}}</div>
    {{/plots}}</div></div>
    {{/parts}}
    </figure>
    {{/figures}}
    </div>
    {{#hasMissing}}<div class="none"><p>Not drawn, because these results do not hold what they need:</p>
    <ul>{{#missing}}<li>{{.}}</li>
    {{/missing}}</ul></div>{{/hasMissing}}
    </section>
    {{/hasFigures}}
    """

  private static let witnesses = """
    {{#hasWitnesses}}
    <section aria-labelledby="witnesses">
    <h2 id="witnesses">Worst witnesses</h2>
    <p class="cap">The elements on which each implementation is at its worst: the largest error in ULP, and the largest part of what is tolerated there where that is another element. Each is a fact that anybody can check: the logits are exact, and so are the 40 digits of the softmax.</p>
    {{#witnesses}}
    <details class="card" data-pair="{{pair}}" data-algorithm="{{algorithm}}"{{#isOpen}} open="open"{{/isOpen}}>
    <summary><span class="name">{{name}}</span><span class="sub">{{formats}}</span><span class="amount">{{amount}}</span></summary>
    <div class="in">
    {{#elements}}
    <h4>{{heading}}</h4>
    <dl class="facts">
    <dt>Computed</dt><dd><span class="mono">{{computed}}</span>{{#computedDecimal}} = <span class="mono">{{computedDecimal}}</span>{{/computedDecimal}}</dd>
    <dt>Exact</dt><dd class="mono">{{exact}}</dd>
    <dt>Error</dt><dd>{{signedUlp}} ULP{{#bound}}; the bound on this element is {{bound}} ULP{{/bound}}{{#part}}, of which the error is {{part}} times{{/part}}</dd>
    {{#blame}}<dt>Stages</dt><dd>{{blame}}. {{method}}</dd>
    {{/blame}}
    <dt>Place</dt><dd>element {{index}} of sample {{sample}}, family {{family}}, {{length}} logits</dd>
    <dt>Logits</dt><dd class="mono">{{#logits}}{{hex}}{{#decimal}} ({{decimal}}){{/decimal}}{{separator}}{{/logits}}{{#elided}} … and {{elided}} more{{/elided}}</dd>
    </dl>
    {{#commands}}{{>command}}{{/commands}}
    {{/elements}}
    </div></details>
    {{/witnesses}}
    </section>
    {{/hasWitnesses}}
    """

  private static let command = """
    {{#command}}<div class="cmd"><code>{{command}}</code><button type="button" hidden="hidden" aria-label="Copy the command">Copy</button></div>{{/command}}
    """

  private static let special = """
    {{#special}}
    <section aria-labelledby="special">
    <h2 id="special">Lanes without a softmax</h2>
    {{#hasRows}}
    <p class="cap">What came out of lanes with a NaN, with +inf, or with -inf only, whatever the policy asks for. Implementations that do the same share a line.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Lanes without a softmax">
    <table><caption class="sr">Lanes without a softmax</caption>
    <thead><tr><th class="l" scope="col">a NaN among the logits</th><th class="l" scope="col">+inf among the logits</th><th class="l" scope="col">only -inf</th><th scope="col">lanes against the policy</th><th class="l w" scope="col">implementations</th></tr></thead>
    <tbody>
    {{#rows}}<tr><td class="l">{{nan}}</td><td class="l">{{infinity}}</td><td class="l">{{masked}}</td><td>{{against}}</td><td class="l w">{{who}}</td></tr>
    {{/rows}}
    </tbody></table></div>
    {{/hasRows}}
    {{^hasRows}}<p class="none">No lane with a NaN, +inf or only -inf was measured, or the results do not say what came out.</p>{{/hasRows}}
    </section>
    {{/special}}
    """

  private static let method = """
    <section aria-labelledby="method">
    <h2 id="method">Method</h2>
    <p>The error of an output y against the exact p is (y - p) / ulp(p), with ulp(p) = 2^(max(floor(log2 p), e_min) - (P - 1)) of the output format: a signed real number. p is never rounded first, so that a correctly rounded output has an error of up to 0.5, not 0.</p>
    <p class="cap">What each figure is.</p>
    <div class="scroll" tabindex="0" role="region" aria-label="Kinds of figures"><table><caption class="sr">Kinds of figures</caption>
    <thead><tr><th class="l" scope="col">figure</th><th class="l w" scope="col">what it is</th></tr></thead><tbody>
    {{#kinds}}<tr><td class="l">{{figure}}</td><td class="l w">{{kind}}</td></tr>
    {{/kinds}}
    </tbody></table></div>
    {{#environments}}
    {{#heading}}<h3>{{heading}}</h3>{{/heading}}
    <dl class="facts">
    <dt>Made by</dt><dd>{{tool}}</dd>
    <dt>Oracle</dt><dd>{{oracle}}; its precision rises until the rounding of each p is decided</dd>
    <dt>Seed</dt><dd>{{seed}}; the same seed gives the same figures on any number of threads, times excepted</dd>
    <dt>Samples</dt><dd>{{samples}}</dd>
    <dt>Machine</dt><dd>{{platform}}, {{processor}}, {{threads}}</dd>
    <dt>Judged</dt><dd>{{judging}}</dd>
    {{#hasVersions}}<dt>From outside</dt><dd>{{#versions}}{{.}}<br/>{{/versions}}</dd>{{/hasVersions}}
    <dt>Results</dt><dd>{{#hasLink}}<a href="{{target}}">{{file}}</a>{{/hasLink}}{{^hasLink}}{{file}}{{/hasLink}}</dd>
    </dl>
    {{>command}}
    {{/environments}}
    </section>
    """
}
