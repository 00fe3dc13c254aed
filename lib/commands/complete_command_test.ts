/** Completion: which candidates, and shells that never evaluate what was typed. */
import assert from "node:assert/strict";
import { Argument, Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import { completeWords } from "./complete_words.ts";

const MAIN = new URL("../../main.ts", import.meta.url).href;

function tree(): CommandUnknownOpts {
  const root = new Command("noobcash");
  const client = new Command("client").option("-p, --port <port>", "port of the node");
  client.command("send").alias("t").argument("<recipient>").option("-w, --wait", "wait")
    .addOption(new Option("-p, --port <port>", "port of the node").hideHelp());
  client.command("balance");
  client.command("mining").addArgument(new Argument("<what>", "").choices(["pause", "resume"]));
  root.addCommand(client);
  root.command("node").addOption(new Option("--log <format>", "").choices(["json", "pretty"]));
  return root as unknown as CommandUnknownOpts;
}

function texts(...words: string[]): string[] {
  return completeWords(tree(), words).map(({ text }) => text);
}

Deno.test("completeWords() lists commands, options, and the choices of both", () => {
  assert.deepEqual(texts(""), ["client", "node"]);
  assert.deepEqual(texts("cl"), ["client"]);
  assert.deepEqual(texts("client", "b"), ["balance"]);
  assert.deepEqual(texts("client", "send", "--"), ["--wait", "--port", "--help"]);
  assert.deepEqual(texts("client", "balance", "--"), ["--help"]);
  assert.deepEqual(texts("client", "t", "--w"), ["--wait"]);
  assert.deepEqual(texts("client", "mining", ""), ["pause", "resume"]);
  assert.deepEqual(texts("client", "mining", "pause", ""), []);
  assert.deepEqual(texts("node", "--log", "j"), ["json"]);
});

Deno.test("completeWords() takes an option's value for no command", () => {
  assert.deepEqual(texts("client", "--port", "balance", "s"), ["send"]);
  assert.deepEqual(texts("client", "--port", ""), []);
  assert.deepEqual(texts("client", "-p", "5000", "mining", "r"), ["resume"]);
  assert.deepEqual(texts("unknown", "x", ""), []);
  assert.deepEqual(texts(), ["client", "node"]);
});

/** A folder with a `noobcash` that runs this program. */
async function withProgram(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const script = `#!/bin/sh\nexec "${Deno.execPath()}" run -A --no-check "${MAIN}" "$@"\n`;
    Deno.writeTextFileSync(`${folder}/noobcash`, script, { mode: 0o755 });
    await test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function runShell(folder: string, shell: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(shell, {
    args,
    cwd: folder,
    env: { PATH: `${folder}:${Deno.env.get("PATH")}` },
    stdin: "null",
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("the bash script completes, and runs nothing that was typed", async () => {
  await withProgram(async (folder) => {
    const complete = (words: string[]) => `
      source <(noobcash complete bash)
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
      COMP_CWORD=${words.length - 1}
      _noobcash
      printf '%s\\n' "\${COMPREPLY[@]}"
      complete -p noobcash`;
    const found = await runShell(folder, "bash", ["-c", complete(["noobcash", "client", "se"])]);
    assert.equal(found, "send\ncomplete -o default -F _noobcash noobcash\n");

    const hostile = [
      "noobcash",
      "$(touch pwned)",
      "`touch pwned`",
      ";touch pwned",
      "$(touch pwned",
    ];
    await runShell(folder, "bash", ["-c", complete(hostile)]);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["noobcash"]);
  });
});

Deno.test("the scripts of zsh and fish are ones that those shells read", async () => {
  await withProgram(async (folder) => {
    for (const shell of ["zsh", "fish"]) {
      const script = await runShell(folder, "noobcash", ["complete", shell]);
      assert.match(script, /noobcash complete -- /);
      assert.doesNotMatch(script, /\beval\b/);
      Deno.writeTextFileSync(`${folder}/script`, script);
      if (await isInstalled(shell)) await runShell(folder, shell, ["-n", `${folder}/script`]);
    }
  });
});

async function isInstalled(shell: string): Promise<boolean> {
  try {
    return (await new Deno.Command(shell, { args: ["-c", "true"], stdin: "null" }).output())
      .success;
  } catch {
    return false;
  }
}
