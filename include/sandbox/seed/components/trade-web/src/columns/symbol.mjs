/** The security's code. */
export const symbol = { title: "代码", value: (quote) => quote.symbol };
