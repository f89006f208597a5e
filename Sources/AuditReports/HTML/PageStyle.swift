/// The style sheet of the page.
enum PageStyle {
  static var text: String {
    """
    :root{color-scheme:light;--accent:#0b62a8;--good:#00694a;--bad:#b3261e;--warn:#8a5a00;--card:#f7f8f9;\(FigureStyle.variables(false))}
    @media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){\(dark)}}
    @media screen{:root[data-theme=dark]{\(dark)}}
    \(rules)
    \(FigureStyle.rules)
    """
  }

  private static let dark =
    "color-scheme:dark;--accent:#7cc0f5;--good:#4fd3a5;--bad:#ff8a80;--warn:#f0c060;--card:#1b1f26;"
    + FigureStyle.variables(true)

  private static let rules = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;scroll-padding-top:4rem}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-variant-numeric:tabular-nums}
    main,header.top,footer{max-width:1180px;margin:0 auto;padding:0 24px}
    header.top{display:flex;align-items:flex-start;justify-content:space-between;gap:16px;padding-top:40px}
    h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.015em;margin:0 0 6px;font-weight:680}
    h2{font-size:1.3rem;line-height:1.3;letter-spacing:-.01em;margin:56px 0 8px;font-weight:650}
    h3{font-size:1.02rem;margin:28px 0 6px;font-weight:620}
    h4{font-size:.92rem;margin:20px 0 8px;font-weight:600;color:var(--soft)}
    p{margin:0 0 12px;max-width:72ch;overflow-wrap:anywhere}
    .sub,.cap,.note,figcaption{color:var(--soft);font-size:.88rem}
    a{color:var(--accent)}
    code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86em;overflow-wrap:anywhere}
    button,select,input{font:inherit;font-size:.86rem;color:var(--ink);background:var(--paper);border:1px solid var(--grid);border-radius:7px;padding:4px 10px}
    button{cursor:pointer}
    button:focus-visible,a:focus-visible,summary:focus-visible,select:focus-visible,input:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
    button[aria-pressed=true]{background:var(--ink);color:var(--paper);border-color:var(--ink)}
    .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    .verdict{margin:28px 0 20px;padding:20px 24px;border-radius:12px;background:var(--card);border-left:6px solid var(--soft)}
    .verdict .word{font-size:1.45rem;font-weight:700;letter-spacing:-.01em;margin:0 0 6px}
    .verdict .plain{font-size:1.06rem;margin:0 0 8px}
    .verdict .looks{font-weight:650;margin:0 0 8px}
    .verdict ul{margin:0;padding-left:1.15em}
    .verdict li{margin:2px 0;overflow-wrap:anywhere}
    .passed{border-color:var(--good)}.passed .word{color:var(--good)}
    .failed{border-color:var(--bad)}.failed .word{color:var(--bad)}
    .undecided,.nothingMeasured,.notJudged{border-color:var(--warn)}.undecided .word,.nothingMeasured .word,.notJudged .word{color:var(--warn)}
    .picks{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,262px),1fr));gap:14px;margin:0 0 8px;padding:0;list-style:none}
    .picks>li{background:var(--card);border-radius:12px;padding:16px 18px;min-width:0}
    .picks h3{margin:0 0 10px;font-size:.92rem;color:var(--soft);font-weight:600}
    .picks dl{margin:0}
    .picks dt{font-size:.76rem;color:var(--soft);margin-top:9px}
    .picks dt:first-child{margin-top:0}
    .nb{display:inline-block}
    .picks dd{margin:0;font-size:.92rem;line-height:1.45;overflow-wrap:anywhere}
    .picks .big{font-weight:640}
    .bar{position:sticky;top:0;z-index:5;display:flex;flex-wrap:wrap;gap:6px;align-items:center;background:var(--paper);padding:9px 0;margin-top:32px;border-bottom:1px solid var(--grid)}
    .bar .gap{flex:1}
    .scroll{overflow-x:auto;margin:12px 0;position:relative}
    table{border-collapse:collapse;font-size:.84rem;line-height:1.35}
    th,td{padding:5px 10px;text-align:right;border-bottom:1px solid var(--grid);white-space:nowrap;vertical-align:baseline}
    th{font-weight:600}
    thead th{color:var(--soft);vertical-align:bottom}
    tbody th,thead tr:first-child th:first-child,td.l,th.l{text-align:left}
    td.w{white-space:normal;min-width:15em;overflow-wrap:anywhere}
    th.w{white-space:normal;min-width:15em}
    tbody tr:hover>*{background:var(--region)}
    .pin tbody th,.pin thead tr:first-child th:first-child{position:sticky;left:0;background:var(--paper);z-index:2;text-align:left}
    .pin tbody th{font-weight:500;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.94em;max-width:26em;overflow:hidden;text-overflow:ellipsis}
    .grp{border-left:1px solid var(--grid);text-align:center}
    .first{border-left:1px solid var(--grid)}
    tr.new>*{border-top:1.5px solid var(--soft)}
    th button{border:0;padding:2px 0;background:none;color:inherit;font-weight:600;font-size:1em;text-align:right}
    th[aria-sort=ascending] button::after{content:" ↑"}
    th[aria-sort=descending] button::after{content:" ↓"}
    .b{font-weight:720;color:var(--good)}
    .b::after{content:" ★";font-size:.8em}
    .x{color:var(--bad);font-weight:620}
    .up{color:var(--bad)}.down{color:var(--good)}
    .laws thead th{height:9.5em;padding:5px 3px}
    .laws thead th:first-child{vertical-align:bottom}
    .laws thead span{writing-mode:vertical-rl;transform:rotate(180deg);font-weight:500;white-space:nowrap;max-height:11em}
    .laws td{text-align:center;padding:4px 3px;min-width:1.9em}
    .v-passed{color:var(--good)}.v-failed{color:var(--bad);font-weight:800}.v-waived,.v-undecided,.v-notMeasured,.v-notJudged{color:var(--warn)}
    figure{margin:0 0 8px;min-width:0}
    .pairs{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));grid-auto-flow:dense;gap:8px 40px}
    .pairs .wide{grid-column:1/-1}
    figcaption{max-width:78ch;margin-bottom:10px}
    .plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr));gap:14px 24px}
    .plots.many{grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr))}
    svg.plot{display:block;width:100%;height:auto;max-width:560px;overflow:visible}
    svg .k:hover{stroke:var(--ink);stroke-width:2}
    #tip{position:fixed;z-index:9;pointer-events:none;background:var(--ink);color:var(--paper);font-size:.8rem;line-height:1.35;padding:4px 8px;border-radius:6px;max-width:min(300px,80vw);overflow-wrap:anywhere;opacity:0}
    #tip.on{opacity:1}
    .none{background:var(--card);border-radius:10px;padding:12px 16px;color:var(--soft);font-size:.9rem}
    .none p{margin:0 0 4px}.none ul{margin:0;padding-left:1.15em}
    .words summary{cursor:pointer;color:var(--soft);font-size:.88rem}
    details.card{border:1px solid var(--grid);border-radius:10px;margin:8px 0;background:var(--paper)}
    details.card>summary{cursor:pointer;padding:9px 14px;display:flex;flex-wrap:wrap;gap:2px 14px;align-items:baseline;overflow-wrap:anywhere}
    details.card>summary::-webkit-details-marker{display:none}
    details.card>summary::before{content:"▸";color:var(--soft)}
    details.card[open]>summary::before{content:"▾"}
    details.card .in{padding:2px 16px 14px;border-top:1px solid var(--grid)}
    details.card .in>p:first-child{margin-top:10px}
    .name{font-weight:620;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.88rem}
    .amount{margin-left:auto;font-weight:640}
    dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:12px 0;font-size:.88rem}
    dl.facts dt{color:var(--soft)}
    dl.facts dd{margin:0;min-width:0;overflow-wrap:anywhere}
    .cmd{display:flex;gap:8px;align-items:flex-start;margin:8px 0}
    .cmd code{flex:1;min-width:0;background:var(--card);border-radius:7px;padding:7px 10px;max-height:9em;overflow:auto;white-space:pre-wrap;word-break:break-word}
    .cmd button{flex:none}
    footer{padding-top:32px;padding-bottom:64px;color:var(--soft);font-size:.85rem}
    [hidden]{display:none!important}
    @media(max-width:640px){
    main,header.top,footer{padding-left:16px;padding-right:16px}
    header.top{padding-top:22px}h1{font-size:1.5rem}h2{margin-top:42px}
    .verdict{padding:16px 16px 16px 18px}
    .pin tbody th{max-width:13.5em;font-size:.86em;white-space:normal;overflow-wrap:anywhere}
    th,td{padding:6px 8px}
    dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin-bottom:7px}
    .amount{margin-left:0}
    .bar{position:static}
    }
    @media print{
    @page{margin:14mm}
    body{font-size:10.5pt}
    .bar,#theme,.cmd button,#tip{display:none!important}
    main,header.top,footer{max-width:none;padding:0}
    header.top{padding-top:0}
    .scroll{overflow:visible}
    table{font-size:7.5pt}th,td{padding:2px 4px}
    figure,.plots>*,details.card,tr,.picks>li{break-inside:avoid}
    .pairs{grid-template-columns:1fr 1fr;gap:8px 24px}
    .pairs figure{break-inside:avoid}
    .pairs .wide{break-inside:auto}
    figcaption,.sub,.cap,.note,details.card,dl.facts,.none{font-size:8.5pt}
    h2,h3,h4,figcaption{break-after:avoid}
    .plots,.plots.many{grid-template-columns:1fr 1fr}
    .pin tbody th,.pin thead tr:first-child th:first-child{position:static}
    a{color:inherit;text-decoration:none}
    }
    """
}
