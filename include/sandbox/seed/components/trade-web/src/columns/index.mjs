// The columns of the quotes' table. A new one is a file here and a line in `columns`.
import { closing } from "./closing.mjs";
import { name } from "./name.mjs";
import { symbol } from "./symbol.mjs";

export const columns = [
  symbol,
  name,
  closing,
];
