/** Style of a report: light and dark, wide and narrow, print. @internal */
export const pageStyle = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1d2430;--soft:#5c6675;--line:#dfe3e8;--accent:#0067b1;
--good:#0a7d4f;--warn:#9a5b00;--bad:#b3261e;--warnback:#fff6e5;--badback:#fdecea;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#c25b97;--c4:#b77900;--c5:#3fa0d8;--c6:#333}
@media (prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1b2129;--ink:#e6eaf0;--soft:#9aa5b4;--line:#303945;--accent:#6cb6ff;
--good:#4cc38a;--warn:#f0b84d;--bad:#ff8a80;--warnback:#2c2412;--badback:#331a19;
--c0:#58b0ee;--c1:#ff9052;--c2:#35c496;--c3:#e596c4;--c4:#f0bb4a;--c5:#9ad4f7;--c6:#ddd}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:1.6rem;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:36px 0 12px}
h3{font-size:1rem;margin:0}
p{margin:6px 0}
a{color:var(--accent)}
.note,.soft{color:var(--soft);font-size:.875rem}
.note{margin:0}
header{display:flex;flex-wrap:wrap;gap:8px 16px;align-items:center}
.state{font-weight:600;border-radius:99px;padding:2px 14px;border:1.5px solid currentColor}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}.busy{color:var(--accent)}
.verdict{font-size:1.05rem;margin:10px 0 14px}
.bar{height:8px;border-radius:4px;background:var(--line);overflow:hidden;margin:14px 0}
.bar i{display:block;height:100%;background:var(--accent)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:12px;margin:0}
.figures div,.card,figure{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 16px;margin:0}
.figures dt{color:var(--soft);font-size:.875rem}
.figures dd{margin:0;font-size:1.2rem;font-weight:600;line-height:1.35;font-variant-numeric:tabular-nums}
.figures small{display:block;font-size:.8rem;font-weight:400;color:var(--soft)}
.notice{border-radius:10px;border:1px solid currentColor;border-left-width:5px;padding:10px 16px;margin:14px 0;background:var(--warnback)}
.notice.bad{background:var(--badback)}
.notice p,.notice li{color:var(--ink)}
.notice ul{margin:4px 0;padding-left:20px}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:16px;align-items:start}
.columns>*{min-width:0}
.columns>.card,.columns>.chart{align-self:stretch}
.columns>.card:last-child:nth-child(odd){grid-column:1/-1}
.columns+.columns,.card+.columns{margin-top:16px}
.stack{display:grid;gap:16px;min-width:0}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,270px),1fr));gap:16px}
.stack .card h3{margin-bottom:4px}
.samples img{display:block;width:100%;max-width:560px;margin:10px auto;image-rendering:pixelated;border-radius:4px;max-height:600px;object-fit:contain}
.samples img.large{image-rendering:auto}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:14px;text-align:center}
.pair>div{min-width:0}
.pair img{margin-bottom:2px}
.pair span{font-size:.875rem;color:var(--soft)}
.controls{display:flex;gap:10px;align-items:center}
.controls input{flex:1;min-width:0;accent-color:var(--accent);height:28px}
.controls output{min-width:6.5em;text-align:right;font-variant-numeric:tabular-nums}
button{font:inherit;color:inherit;background:none;border:1px solid var(--line);border-radius:6px;padding:2px 10px;cursor:pointer}
button:hover{border-color:var(--soft)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.legend{display:flex;flex-wrap:wrap;gap:6px;margin:8px 0 2px}
.legend button{font-size:.85rem;padding:1px 9px;overflow-wrap:anywhere;text-align:left}
.legend i{display:inline-block;width:16px;border-top:3px solid var(--c);margin-right:6px;vertical-align:.3em}
.swatch{display:inline-block;width:12px;height:12px;border-radius:3px;background:var(--c);margin-right:8px;vertical-align:-1px}
.legend i.dashed{border-top-style:dashed}
.legend [aria-pressed=false]{opacity:.5;text-decoration:line-through}
.chart svg{display:block;overflow:visible;width:100%;height:auto;touch-action:pan-y;border-radius:4px}
svg text{font-size:13px;fill:var(--soft)}
.grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none}
.line,.dot{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke}
.faint{stroke-width:1;opacity:.28}
.dot{stroke-width:7}.dot.faint{stroke-width:2}
.unit{font-style:italic}
.dashed .line{stroke-dasharray:6 4}
.cursor{stroke:var(--soft);stroke-dasharray:3 3;visibility:hidden}
.reading{display:block;min-height:1.5em;font-size:.875rem;font-variant-numeric:tabular-nums;color:var(--soft)}
.reading b{color:var(--ink);font-weight:600;margin-right:10px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;color:var(--soft)}
th,td{padding:4px 14px 4px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:break-word}
td{white-space:pre-line}
tbody th{font-weight:400}
tbody th[scope=row],th[scope=row]+td{overflow-wrap:anywhere;min-width:9em}
tr:last-child>*{border-bottom:0}
thead tr>*{border-bottom:1px solid var(--line)!important;vertical-align:bottom}
table small{display:block;font-weight:400;font-size:.78rem;color:var(--soft)}
.metrics td{white-space:nowrap}.metrics th[scope=row],.metrics th[scope=row]+td{min-width:0}.by-network th[scope=row],.by-network th[scope=row]+td{min-width:0}
.by-network td,.by-network th,.layers td{overflow-wrap:anywhere}
td.best{font-weight:700}
tr.best{background:color-mix(in srgb,var(--good) 12%,transparent)}
tr.best td:first-child,tr.floor td:first-child{font-weight:600}
.mark{color:var(--good);border:1px solid currentColor;border-radius:99px;padding:0 8px;font-size:.75rem;margin-left:4px}
tr.floor td{border-top:2px solid var(--line);color:var(--c2)}
.number{text-align:right;padding-right:0}
summary{cursor:pointer}
summary .soft{margin-left:8px}
dl.guide{margin:8px 0 0;font-size:.9rem}
.guide dt{font-weight:600}
.guide dd{margin:0 0 6px;color:var(--soft)}
details[open] summary{margin-bottom:8px}
code,pre{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:8px 12px;margin:8px 0;white-space:pre-wrap;overflow-wrap:anywhere}
footer{margin-top:28px}
[hidden]{display:none!important}
@media (max-width:600px){main{padding:16px 12px 32px}.figures{grid-template-columns:1fr 1fr;gap:8px}.figures dd{font-size:1.1rem}
.figures div,.card,figure{padding:10px 12px}svg text{font-size:16px}th,td{padding-right:8px}.samples .pair{gap:8px}}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--accent:#0067b1;--warnback:#fff;--badback:#fff;
--good:#0a7d4f;--warn:#9a5b00;--bad:#b3261e;--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#c25b97;--c4:#b77900;--c5:#3fa0d8;--c6:#333}
main{max-width:none;padding:0}.controls button,.controls input,.reading,.live{display:none}
figure,.card,.notice,.figures div{break-inside:avoid}h2{break-after:avoid}.columns{grid-template-columns:1fr 1fr}}
`;
