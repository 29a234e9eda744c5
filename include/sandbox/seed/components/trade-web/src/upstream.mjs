// quote-service and order-gateway, as Kubernetes' service environment names them.
import { log } from "./log.mjs";

const READ_MILLISECONDS = 1000;

/** What the page shows comes from here; null stands for a service that is missing or gives no usable answer. */
export class Upstream {
  #quotes;
  #orders;
  #away = new Set();

  constructor(environment) {
    this.#quotes = addressOf(environment, "QUOTE_SERVICE");
    this.#orders = addressOf(environment, "ORDER_GATEWAY");
  }

  /** The quotes of these securities, those that are quoted. */
  async quotes(symbols) {
    const answer = await this.#read("quote-service", this.#quotes, "/quotes");
    if (!Array.isArray(answer?.quotes)) return null;
    return answer.quotes.filter((quote) => symbols.includes(quote.symbol));
  }

  /** The latest orders, newest first. */
  async orders(most) {
    const answer = await this.#read("order-gateway", this.#orders, "/orders");
    if (!Array.isArray(answer?.orders)) return null;
    return answer.orders.slice(-most).reverse();
  }

  async #read(name, address, path) {
    if (address === null) return null;
    try {
      const answer = await fetch(address + path, { signal: AbortSignal.timeout(READ_MILLISECONDS) });
      if (!answer.ok) throw new Error(`it answered ${answer.status}`);
      const body = await answer.json();
      if (this.#away.delete(name)) log(`${name} answers again`);
      return body;
    } catch (error) {
      // Told when it changes, not at every page.
      if (!this.#away.has(name)) log(`${name} at ${address}: ${error.message}; the page goes without it`);
      this.#away.add(name);
      return null;
    }
  }
}

function addressOf(environment, name) {
  const host = environment[`${name}_SERVICE_HOST`];
  const port = environment[`${name}_SERVICE_PORT`];
  return host && port ? `http://${host}:${port}` : null;
}
