import assert from "node:assert/strict";
import { NETWORK_HOSTS_PREFIX, NetworkHosts, whyNoNetworkHosts } from "../testing/network_hosts.ts";

const missing = await whyNoNetworkHosts();
if (missing !== undefined) console.log(`F08 R02 R03 on hosts of their own are skipped: ${missing}`);

Deno.test({
  name:
    "F08 R02 R03 five hosts: partition and heal, a one-way link, a host that hangs, one that dies",
  ignore: missing !== undefined,
  async fn() {
    const hosts = await NetworkHosts.open(5);
    try {
      const scenario = new URL("../testing/partition_scenario.ts", import.meta.url).pathname;
      const [program, ...prefix] = hosts.watchPrefix as [string, ...string[]];
      const { code, stdout, stderr } = await new Deno.Command(program, {
        args: [
          ...prefix,
          Deno.execPath(),
          ...["run", "-A", "--quiet", "--no-check", scenario, NETWORK_HOSTS_PREFIX],
        ],
        stdin: "null",
      }).output();
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
