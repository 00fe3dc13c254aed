import assert from "node:assert/strict";
import { NetworkHosts, whyNoNetworkHosts } from "../testing/network_hosts.ts";

const QUALITY = { delayMs: 200, lossRate: 0.05 };

const missing = await whyNoNetworkHosts(QUALITY);
if (missing !== undefined) console.log(`Five hosts with bad links are skipped: ${missing}`);

Deno.test({
  name: "five hosts, 200 ms and 5 % loss: one tip at the end, every payment confirmed once",
  ignore: missing !== undefined,
  async fn() {
    const hosts = await NetworkHosts.open(5, QUALITY);
    try {
      const delayMs = String(QUALITY.delayMs);
      const { code, stdout, stderr } = await hosts.run("slow_network_scenario.ts", [delayMs]);
      const text = new TextDecoder();
      assert.equal(code, 0, text.decode(stdout) + text.decode(stderr));
      assert.equal(
        text.decode(stdout),
        "network is up\npayments accepted\none tip, every payment once\n",
      );
    } finally {
      await hosts.close();
    }
  },
});
