import assert from "node:assert/strict";
import { NetworkHosts, whyNoNetworkHosts } from "../testing/network_hosts.ts";

const missing = await whyNoNetworkHosts();
if (missing !== undefined) console.log(`F08 R02 R03 on hosts of their own are skipped: ${missing}`);

Deno.test({
  name:
    "F08 R02 R03 five hosts: partition and heal, a one-way link, a host that hangs, one that dies",
  ignore: missing !== undefined,
  async fn() {
    const hosts = await NetworkHosts.open(5);
    try {
      const { code, stdout, stderr } = await hosts.run("partition_scenario.ts");
      const text = new TextDecoder();
      assert.equal(code, 0, text.decode(stdout) + text.decode(stderr));
      assert.equal(
        text.decode(stdout),
        "partition healed\none-way link mended\nhanging host is back\nkilled host caught up\n",
      );
    } finally {
      await hosts.close();
    }
  },
});
