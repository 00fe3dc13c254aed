/**
 * Builds the pages: bundles each for browsers and writes it, with its style, as a module of `build/`.
 *
 * The first line of a result is a digest of everything it was made from: when that is current, nothing
 * is built.
 *
 * Run: `deno task build`
 *
 * @module
 */
import { hash } from "node:crypto";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface PageSource {
  /** Where the page's own files are; the entry is `app.tsx`. */
  readonly folder: string;
  readonly styles: readonly string[];
  readonly output: string;
}

/** What pages share: any change there makes all of them anew. */
const SHARED_FOLDER = "lib/page";
const SHARED_FILES = ["lib/translation.ts", "deno.json"];

const PAGES: readonly PageSource[] = [
  {
    folder: "lib/http/dashboard",
    styles: ["frame", "blocks", "forks", "ring", "wallet", "screens"]
      .map((topic) => `lib/http/dashboard/styles/${topic}.css`),
    output: "build/dashboard_assets.ts",
  },
  {
    folder: "lib/http/explorer",
    styles: ["lib/page/style.css", "lib/http/explorer/style.css"],
    output: "build/explorer_assets.ts",
  },
  {
    folder: "lib/control/page",
    styles: [
      "npm:uplot",
      "lib/page/style.css",
      ...[
        "frame",
        "fork_tree",
        "block_panel",
        "faults",
        "messages",
        "player",
        "wallets_charts",
        "screens",
      ].map((topic) => `lib/control/page/styles/${topic}.css`),
    ],
    output: "build/control_assets.ts",
  },
];

if (import.meta.main) {
  for (const page of PAGES) await writePage(page);
}

async function writePage(page: PageSource): Promise<void> {
  const firstLine = `// ${await sourcesDigest(page)}`;
  const outputPath = `${ROOT}${page.output}`;
  const old = await Deno.readTextFile(outputPath).catch(() => "");
  if (old.startsWith(`${firstLine}\n`)) return;

  const styles = await Promise.all(page.styles.map(readStyle));
  const text = `${firstLine}
// Made by scripts/build_dashboard.ts: do not edit.
export const SCRIPT = ${JSON.stringify(await bundle(`${page.folder}/app.tsx`))};
export const STYLE = ${JSON.stringify(styles.join("\n"))};
`;
  await Deno.mkdir(`${ROOT}build`, { recursive: true });
  await Deno.writeTextFile(`${outputPath}.${Deno.pid}.part`, text);
  await Deno.rename(`${outputPath}.${Deno.pid}.part`, outputPath);
}

/** A style of our own, or the one that a package brings. */
async function readStyle(name: string): Promise<string> {
  if (name !== "npm:uplot") return await Deno.readTextFile(`${ROOT}${name}`);
  return await Deno.readTextFile(
    fileURLToPath(new URL("uPlot.min.css", import.meta.resolve("uplot"))),
  );
}

async function bundle(entry: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", "--platform", "browser", entry],
    cwd: ROOT,
  }).output();
  if (!success) {
    throw new Error(`Cannot bundle "${entry}": got ${new TextDecoder().decode(stderr)}`);
  }
  return new TextDecoder().decode(stdout);
}

/** A page's script imports types from elsewhere, but no code: two folders are all it is made from. */
async function sourcesDigest({ folder }: PageSource): Promise<string> {
  const paths = [
    ...filesIn(`${ROOT}${SHARED_FOLDER}`),
    ...filesIn(`${ROOT}${folder}`),
    ...SHARED_FILES.map((path) => `${ROOT}${path}`),
    fileURLToPath(import.meta.url),
  ];
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
  return hash("sha256", JSON.stringify([...paths, Deno.version.deno, ...texts]));
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${folder}/${name}`) : [`${folder}/${name}`]
  ).sort();
}
