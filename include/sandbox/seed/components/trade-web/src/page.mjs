// The page as text: everything that comes from elsewhere is escaped.
import { columns } from "./columns/index.mjs";

const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.3rem .6rem;text-align:left}
.away{color:#a00}`;

/** Text that shows as itself. */
export function escape(text) {
  return String(text).replace(/[&<>"']/g, (letter) => ESCAPED[letter]);
}

/** The whole page; null quotes or orders stand for a service that gave no answer. */
export function page(settings, quotes, orders, build) {
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(settings.title)}</title><style>${STYLE}</style></head><body>
<h1>${escape(settings.title)}</h1>
<h2>行情</h2>
${quotes === null ? away("行情服务") : table(columns, quotes)}
<h2>最近委托</h2>
${orders === null ? away("委托网关") : table(ORDER_COLUMNS, orders)}
<footer>trade-web ${escape(build.version)}</footer>
</body></html>
`;
}

const ORDER_COLUMNS = [
  { title: "编号", value: (order) => order.id },
  { title: "代码", value: (order) => order.symbol },
  { title: "方向", value: (order) => order.side },
  { title: "数量", value: (order) => order.quantity },
  { title: "价格", value: (order) => order.price },
];

function table(shown, rows) {
  const head = shown.map((column) => `<th>${escape(column.title)}</th>`).join("");
  const body = rows.map((row) => `<tr>${cells(shown, row)}</tr>`).join("\n");
  return `<table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

function cells(shown, row) {
  return shown.map((column) => `<td>${escape(column.value(row) ?? "–")}</td>`).join("");
}

function away(name) {
  return `<p class="away">${name}暂时没有应答</p>`;
}
