// What tests begin with.
export const ITEMS = {
  "web.title": "交易工作台",
  "web.watchlist": "600918,000001",
  "web.orders.shown": "2",
};

export const QUOTES = [
  { symbol: "600918", name: "中泰证券", market: "SH", previous_close: "6.52" },
  { symbol: "000001", name: "平安银行", market: "SZ", previous_close: "11.42" },
];
