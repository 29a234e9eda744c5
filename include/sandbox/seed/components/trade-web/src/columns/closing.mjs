/** Where the security closed, in yuan. */
export const closing = { title: "昨收", value: (quote) => quote.previous_close };
