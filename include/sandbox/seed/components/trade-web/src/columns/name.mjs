/** The security's name. */
export const name = { title: "名称", value: (quote) => quote.name };
