/** Style of the page: light and dark, wide and narrow. @internal */
export const pageStyle = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1d2430;--soft:#5c6675;--line:#dfe3e8;--accent:#0067b1;--on:#fff;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1b2129;--ink:#e6eaf0;--soft:#9aa5b4;--line:#303945;--accent:#6cb6ff;--on:#12161c;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:1100px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:1.6rem;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:0 0 8px}
p{margin:6px 0}
a{color:var(--accent)}
.soft{color:var(--soft);font-size:.875rem}
.columns{display:grid;grid-template-columns:280px minmax(0,1fr);gap:16px;margin:16px 0;align-items:start}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;margin:0}
label{display:block;margin:0 0 10px;font-size:.875rem;color:var(--soft)}
input,select{display:block;width:100%;margin-top:2px;padding:6px 8px;font:inherit;font-size:1rem;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:6px}
.buttons{display:flex;flex-wrap:wrap;gap:8px;margin-top:14px}
button{font:inherit;padding:6px 14px;border-radius:6px;border:1px solid var(--accent);background:none;color:var(--accent);cursor:pointer}
button:not([type]){background:var(--accent);color:var(--on)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
img{display:block;width:100%;max-height:70vh;object-fit:contain;object-position:left top;image-rendering:pixelated}
[aria-busy=true]{opacity:.6}
pre{margin:12px 0 0;padding:8px 12px;background:var(--paper);border:1px solid var(--line);border-radius:6px;font:.85rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
pre:empty{display:none}
.numbers{max-height:50vh;overflow:auto;margin-top:0}
.error{color:var(--bad);overflow-wrap:anywhere}
[hidden]{display:none}
@media (max-width:700px){main{padding:16px 12px 32px}.columns{grid-template-columns:minmax(0,1fr)}.card{padding:12px}}
`;
