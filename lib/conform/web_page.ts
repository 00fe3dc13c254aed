/**
 * Whether a web page that somebody has open can spend a node's coins.
 *
 * Sends what a browser would send for a page of another site, and nothing that such a page cannot know: no
 * header of the adapter. First a form's request, which browsers send unasked; then, where the node's answer
 * to the browser's question (CORS preflight) says that any site may, the request with its JSON.
 *
 * @module
 */
import type { HttpCallSpec } from "./adapter_schema.ts";
import type { NetworkUnderTest } from "./network_under_test.ts";
import { fill, fillJson } from "./template.ts";

const PAGE = "https://page.example";

/** Why a page can pay, from node `from` to node `to`; `undefined` when it cannot. */
export async function pageThatPays(
  net: NetworkUnderTest,
  { from, to, amount }: { readonly from: number; readonly to: number; readonly amount: number },
): Promise<string | undefined> {
  const spec = net.adapter.operations.pay as HttpCallSpec;
  const variables = net.variablesOf(from, { ...net.receiverOf(to), amount });
  const { http } = spec;
  const text = http.json === undefined ? undefined : JSON.stringify(fillJson(http.json, variables));
  const simple: HttpCallSpec = {
    ...spec,
    http: {
      method: http.method,
      path: http.path,
      headers: { ...pageHeaders(), ...(text !== undefined && { "content-type": "text/plain" }) },
      ...(http.form !== undefined && { form: http.form }),
      ...(text !== undefined && { body: text }),
      ...(http.body !== undefined && { body: http.body }),
    },
  };
  const isSimple = http.method === "GET" || http.method === "POST";
  if (isSimple && await net.payBy(simple, from, { to, amount }) === "accepted") {
    return `a page's ${http.method} was accepted`;
  }
  if (!await asksAndMay(fill(http.path, variables), http.method, net.nodes[from]?.url ?? "")) {
    return undefined;
  }
  const asked: HttpCallSpec = { ...spec, http: { ...http, headers: pageHeaders() } };
  if (await net.payBy(asked, from, { to, amount }) !== "accepted") return undefined;
  return `the node lets every site in (CORS), and a page's ${http.method} was accepted`;
}

function pageHeaders(): Record<string, string> {
  return { "origin": PAGE, "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" };
}

/** The browser's question before a request with JSON. */
async function asksAndMay(path: string, method: string, url: string): Promise<boolean> {
  try {
    const response = await fetch(/^https?:/.test(path) ? path : `${url}${path}`, {
      method: "OPTIONS",
      headers: {
        ...pageHeaders(),
        "access-control-request-method": method,
        "access-control-request-headers": "content-type",
      },
      redirect: "manual",
      signal: AbortSignal.timeout(5_000),
    });
    await response.body?.cancel();
    const allowed = response.headers.get("access-control-allow-origin");
    return response.ok && (allowed === "*" || allowed === PAGE);
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return false;
    throw error;
  }
}
