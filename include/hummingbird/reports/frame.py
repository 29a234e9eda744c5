"""The frame of a page: one file without scripts and foreign parts, light or dark as its reader's system."""

from __future__ import annotations

from hummingbird.reports.markup import Markup, element, together

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = Markup("""
:root{color-scheme:light dark;--ink:light-dark(#1b1f24,#e4e8ec);--quiet:light-dark(#57606a,#9aa4af);
--line:light-dark(#d6dbe1,#343c45);--ground:light-dark(#fff,#14181d);--raised:light-dark(#f6f8fa,#1c2229);
--good:light-dark(#0a6b2d,#6fdc8c);--bad:light-dark(#a5121b,#ff8389);--warn:light-dark(#8a4b00,#ffb366);
--calm:light-dark(#0b4f9c,#8ab8ff)}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei",sans-serif;margin:2rem auto;max-width:76rem;
padding:0 1.25rem;color:var(--ink);background:var(--ground)}
h3 code{font-size:14px}
h1{font-size:1.4rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2.25rem 0 .5rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
a{color:var(--calm)}a:focus-visible,summary:focus-visible{outline:2px solid var(--calm);outline-offset:2px}
h1,p,li,summary{overflow-wrap:anywhere}
code,pre{font:13px/1.45 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
pre{background:var(--raised);border:1px solid var(--line);border-radius:6px;padding:.6rem .75rem;
margin:.4rem 0;white-space:pre-wrap;max-height:26rem;overflow:auto}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--quiet);padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
th,td:first-child{white-space:nowrap}th{font-weight:600}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.quiet{color:var(--quiet)}.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}
.calm{color:var(--calm)}.marks{letter-spacing:.2em}
.verdict{font-size:1.15rem;font-weight:600;margin:.75rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.5rem,1fr));gap:.6rem;margin:1rem 0;
padding:0;list-style:none}
.tiles.times{grid-template-columns:repeat(auto-fit,minmax(11rem,1fr))}
.tiles li{background:var(--raised);border:1px solid var(--line);border-radius:8px;padding:.55rem .75rem}
.tiles b{display:block;font-size:1.35rem;line-height:1.3;font-variant-numeric:tabular-nums}
.card{border:1px solid var(--line);border-left:4px solid var(--bad);border-radius:8px;padding:.6rem .9rem;
margin:.75rem 0}
.card.flaky{border-left-color:var(--warn)}
.card h3{margin:0;overflow-wrap:anywhere}.card p{margin:.3rem 0}
details{margin:.4rem 0}summary{cursor:pointer}
svg{display:block;width:100%;height:auto;max-width:60rem}
svg text{font:11px system-ui,sans-serif;fill:var(--quiet)}
svg .bad{fill:var(--bad)}svg .warn{fill:var(--warn)}svg .good{fill:var(--good)}svg .calm{fill:var(--calm)}
svg .axis{stroke:var(--line)}
""")


def page(title: str, *body: object) -> bytes:
    """The whole page, UTF-8."""
    head = (
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width,initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("title", title),
        element("style", STYLE),
    )
    document = element("html", element("head", *head), element("body", together(body)), lang="en")
    return f"<!doctype html>{document}".encode()
