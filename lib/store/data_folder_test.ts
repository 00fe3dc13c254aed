import assert from "node:assert/strict";
import { join } from "node:path";
import { lockDataFolder, openDataFolder, readToken } from "./data_folder.ts";

Deno.test("openDataFolder() makes a folder, a key and a token for their owner alone", () => {
  withFolder((parent) => {
    const path = join(parent, "deep", "node");
    const folder = openDataFolder(path);
    assert.equal(folder.notes.length, 3);
    assert.equal(modeOf(path), 0o700);
    for (const name of ["key", "token", "lock"]) assert.equal(modeOf(join(path, name)), 0o600);
    assert.match(Deno.readTextFileSync(join(path, "key")), /^[0-9a-f]{64}\n$/);
    assert.match(folder.token, /^[A-Za-z0-9_-]{43}$/);
    assert.equal(folder.databasePath, join(path, "chain.db"));
    folder.close();
  });
});

Deno.test("openDataFolder() gives the same key and token again", () => {
  withFolder((path) => {
    const first = openDataFolder(path);
    first.close();
    const second = openDataFolder(path);
    second.close();
    assert.equal(second.keyPair.publicKey, first.keyPair.publicKey);
    assert.equal(second.token, first.token);
    assert.equal(readToken(path), first.token);
    assert.deepEqual(second.notes, []);
  });
});

Deno.test("openDataFolder() goes on where a first start was cut short", () => {
  withFolder((path) => {
    Deno.writeTextFileSync(join(path, "lock"), "1\n");
    Deno.writeTextFileSync(join(path, "key.part"), "00");
    openDataFolder(path).close();
    assert.match(Deno.readTextFileSync(join(path, "key")), /^[0-9a-f]{64}\n$/);
  });
});

Deno.test("openDataFolder() refuses a folder of somebody else and leaves it as it is", () => {
  withFolder((path) => {
    Deno.writeTextFileSync(join(path, "letter.txt"), "Dear");
    assert.throws(() => openDataFolder(path), { code: "data-folder-foreign" });
    assert.deepEqual([...Deno.readDirSync(path)].map(({ name }) => name), ["letter.txt"]);
    assert.throws(() => lockDataFolder(path), { code: "data-folder-foreign" });
  });
});

Deno.test("openDataFolder() refuses a database without its key, and garbled files", () => {
  const damages: Record<string, (path: string) => void> = {
    keyMissing: (path) => {
      Deno.removeSync(join(path, "key"));
      Deno.writeTextFileSync(join(path, "chain.db"), "");
    },
    keyGarbled: (path) => Deno.writeTextFileSync(join(path, "key"), "00"),
    tokenGarbled: (path) => Deno.writeTextFileSync(join(path, "token"), "short"),
  };
  for (const [name, damage] of Object.entries(damages)) {
    withFolder((path) => {
      openDataFolder(path).close();
      damage(path);
      assert.throws(() => openDataFolder(path), { code: "data-folder-damaged" }, name);
      assert.throws(() => openDataFolder(path), { code: "data-folder-damaged" }, `${name}, twice`);
    });
  }
});

for (const name of ["key", "token"]) {
  Deno.test(`openDataFolder() says when others can read the ${name}`, () => {
    withFolder((path) => {
      openDataFolder(path).close();
      Deno.chmodSync(join(path, name), 0o644);
      const folder = openDataFolder(path);
      folder.close();
      assert.equal(folder.warnings.length, 1);
      const wanted = new RegExp(`Others .* may read ".*${name}": got mode 0644, wanted 0600`);
      assert.match(folder.warnings.join(), wanted);
    });
  });
}

Deno.test("R05 openDataFolder() refuses a path that cannot be written", () => {
  assert.throws(() => openDataFolder("/proc/noobcash"), { name: "StoreFailure" });
});

Deno.test("R01 openDataFolder() refuses a folder in use, and takes it over after kill -9", async () => {
  const path = Deno.makeTempDirSync({ prefix: "noobcash-folder-" });
  const holder = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      join(import.meta.dirname as string, "../testing/hold_data_folder.ts"),
      path,
    ],
    stdout: "piped",
  }).spawn();
  try {
    const reader = holder.stdout.getReader();
    assert.match(new TextDecoder().decode((await reader.read()).value), /held/);
    assert.throws(() => openDataFolder(path), {
      code: "data-folder-in-use",
      message: new RegExp(`process ${holder.pid} `),
    });

    holder.kill("SIGKILL");
    await holder.status;
    await reader.cancel();
    openDataFolder(path).close();
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
});

function withFolder(run: (path: string) => void): void {
  const path = Deno.makeTempDirSync({ prefix: "noobcash-folder-" });
  try {
    run(path);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}
