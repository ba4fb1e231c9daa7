/// The look of the HTML form: dark and light by the reader's setting, plain on paper.
enum HTMLStyle {
  static let text = colors + page + tables + charts + paper

  /// Every text colour has a contrast of at least 4.5 to its ground, every mark of at least 3, in both schemes.
  private static let colors = """

    :root { color-scheme: light dark; --bg: #ffffff; --fg: #1b1f24; --soft: #545b64; --rule: #c9ced6; --panel: #f5f6f8;
      --link: #0b57a4; --good: #1b6b3a; --doubt: #7a4b00; --bad: #a3202f; --hatch: #ffffff;
      --c0: #1f5fa8; --c1: #b4500a; --c2: #2f7d4f; --c3: #8a3a8f; --c4: #a3273c; --c5: #5b5f66; --band: #9db7d6; }
    @media (prefers-color-scheme: dark) {
      :root { --bg: #14171b; --fg: #e8eaed; --soft: #adb4bd; --rule: #454c56; --panel: #1d2127; --link: #8ab8f0;
        --good: #7fd1a0; --doubt: #f0c26a; --bad: #f59aa6; --hatch: #14171b;
        --c0: #7db4f0; --c1: #f0a15c; --c2: #7fd1a0; --c3: #d79be0; --c4: #f28b9b; --c5: #b8bec8; --band: #3f5d80; }
    }
    """

  private static let page = """

    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--bg); color: var(--fg);
      font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: .5rem 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.25rem; margin: 2.25rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--rule); }
    p { max-width: 46rem; overflow-wrap: anywhere; }
    .lead { font-size: 1.05rem; }
    a { color: var(--link); }
    a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
    .skip { position: absolute; left: -100rem; }
    .skip:focus { position: static; }
    nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; margin: .75rem 0; }
    nav a { display: inline-block; padding: .2rem 0; }
    .notices { list-style: none; padding: 0; margin: 0 0 1rem; }
    .notices li { border-left: .4rem solid; padding: .35rem .75rem; margin: .4rem 0; background: var(--panel);
      overflow-wrap: anywhere; }
    .notices .good { border-color: var(--good); } .notices .good strong { color: var(--good); }
    .notices .doubtful { border-color: var(--doubt); } .notices .doubtful strong { color: var(--doubt); }
    .notices .undecided { border-color: var(--doubt); } .notices .undecided strong { color: var(--doubt); }
    .notices .worse { border-color: var(--bad); } .notices .worse strong { color: var(--bad); }
    .notices .bad { border-color: var(--bad); } .notices .bad strong { color: var(--bad); }
    .key { display: flex; flex-wrap: wrap; gap: .75rem 2.5rem; margin: 1rem 0; }
    .key div { display: flex; flex-direction: column-reverse; }
    .key dt { color: var(--soft); font-size: .9rem; } .key dd { margin: 0; font-size: 1.9rem; line-height: 1.2; font-weight: 600; }
    summary { cursor: pointer; padding: .25rem 0; } summary h2 { display: inline; border: 0; margin: 0; font-size: 1.1rem; }
    details { margin: .75rem 0; border-bottom: 1px solid var(--rule); }
    footer { margin-top: 3rem; color: var(--soft); border-top: 1px solid var(--rule); }
    """

  private static let tables = """

    .scroll { overflow-x: auto; margin: 1rem 0 1.5rem;
      /* A shade at the right edge as long as there is more to scroll to. */
      background: linear-gradient(to left, var(--bg) 50%, transparent 100%) 100% 0 / 2.5rem 100% no-repeat local,
        linear-gradient(to left, var(--rule) 0%, transparent 100%) 100% 0 / .7rem 100% no-repeat scroll; }
    table { border-collapse: collapse; font-size: .9rem; min-width: 100%; }
    caption { text-align: left; font-weight: 600; padding: .3rem 0; }
    th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); }
    thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
    tbody th { font-weight: 500; min-width: 11rem; }
    td { overflow-wrap: break-word; max-width: 28rem; }
    @media (max-width: 34rem) {
      table { font-size: .8rem; }
      tbody th { position: sticky; left: 0; background: var(--bg); min-width: 4.5rem; max-width: 9rem; overflow-wrap: break-word; }
      th, td { padding-right: .6rem; }
    }
    .n { text-align: right; font-variant-numeric: tabular-nums; }
    td.n { white-space: nowrap; } .n + :not(.n) { padding-left: .75rem; }
    .none { color: var(--soft); font-style: italic; }
    """

  private static let charts = """

    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); gap: 1rem 2rem; }
    figure { margin: 0 0 .5rem; min-width: 0; max-width: 36rem; }
    figcaption { font-weight: 600; }
    figure p { margin: .25rem 0 0; font-size: .9rem; color: var(--soft); }
    .chart { display: block; width: 100%; height: auto; }
    .chart text { font: 13.5px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--fg); }
    .chart .b { font-weight: 600; }
    .faint { stroke: var(--rule); stroke-width: 1; } .grid { stroke: var(--soft); stroke-width: 1; }
    .hatch { stroke: var(--hatch); stroke-width: 1.6; fill: none; } .dot { fill: var(--hatch); }
    .band { fill: var(--band); stroke: var(--c0); stroke-width: 1; } .expected { stroke: var(--fg); stroke-width: 2; }
    .l { fill: none; stroke-width: 2; } .m { stroke-width: 2; }
    .f0 { fill: var(--c0); } .edge0 { stroke: var(--c0); } .l0, .m0 { stroke: var(--c0); } .m0 { fill: var(--c0); }
    .f1 { fill: var(--c1); } .edge1 { stroke: var(--c1); } .l1, .m1 { stroke: var(--c1); } .m1 { fill: var(--c1); }
    .f2 { fill: var(--c2); } .edge2 { stroke: var(--c2); } .l2, .m2 { stroke: var(--c2); } .m2 { fill: var(--c2); }
    .f3 { fill: var(--c3); } .edge3 { stroke: var(--c3); } .l3, .m3 { stroke: var(--c3); } .m3 { fill: var(--c3); }
    .f4 { fill: var(--c4); } .edge4 { stroke: var(--c4); } .l4, .m4 { stroke: var(--c4); } .m4 { fill: none; }
    .f5 { fill: var(--c5); } .edge5 { stroke: var(--c5); } .l5, .m5 { stroke: var(--c5); } .m5 { fill: none; }
    .l1 { stroke-dasharray: 7 4; } .l2 { stroke-dasharray: 2 3; } .l3 { stroke-dasharray: 10 3 2 3; }
    .l4 { stroke-dasharray: 5 2; } .l5 { stroke-dasharray: 1 4; }
    """

  private static let paper = """

    @media print {
      :root { color-scheme: light; --bg: #ffffff; --fg: #000000; --soft: #40454c; --rule: #b5bac2; --panel: #ffffff;
        --link: #000000; --hatch: #ffffff; --good: #1b6b3a; --doubt: #7a4b00; --bad: #a3202f;
        --c0: #1f5fa8; --c1: #b4500a; --c2: #2f7d4f; --c3: #8a3a8f; --c4: #a3273c; --c5: #5b5f66; --band: #9db7d6; }
      @page { size: A4; margin: 12mm; }
      html { font-size: 10.5px; }
      body { max-width: none; padding: 0; font-size: 8.5pt; line-height: 1.35; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      nav, .skip { display: none; }
      details::details-content { content-visibility: visible; block-size: auto; }
      h2 { break-after: avoid; margin: 1.2rem 0 .4rem; } caption { break-after: avoid; }
      .key { margin: .4rem 0; } .scroll { margin: .4rem 0 .7rem; } footer { margin-top: 1rem; }
      figure, tr, .notices li { break-inside: avoid; }
      .scroll { overflow: visible; background: none; }
      table { font-size: 7.5pt; width: 100%; }
      th, td { padding: .2rem .4rem .2rem 0; overflow-wrap: anywhere; }
      td.n { white-space: normal; } thead th { overflow-wrap: normal; } p { max-width: none; }
      .charts { grid-template-columns: 1fr 1fr; }
    }
    """
}
