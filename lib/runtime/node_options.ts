/**
 * What a node process is told when it starts, and what follows from it and from its data folder: its
 * address, and the part that it plays.
 *
 * Pure but for the list of the machine's addresses. A contradiction is a value with a text that names the
 * flag: nothing is guessed that a person has said otherwise.
 *
 * @module
 */
import type { PublicKey } from "../crypto/keys.ts";
import type { Membership } from "../node/persistence.ts";
import type { Role } from "../node/state.ts";
import { FLAG_ROWS, type FlagName, longFlagOf, PARAMETERS } from "../parameter_table.ts";
import {
  createParams,
  DEFAULT_PARAMS,
  type Params,
  type ParamsChoice,
  type ParamsError,
} from "../params.ts";
import { err, ok, type Result } from "../result.ts";
import { isNodeUrl } from "../wire/ring.ts";

/** What can be chosen of a network's parameters; what is left out is not contradicted. */
export type FoundingChoice = Partial<Pick<ParamsChoice, FlagName>>;

export interface RoleChoice {
  readonly isBootstrap: boolean;
  readonly isObserver: boolean;
  readonly bootstrapUrl: string | undefined;
  readonly founding: FoundingChoice;
}

/** Where a node looks for the bootstrap node when it is not told. */
export const DEFAULT_PORT = 5000;
export const DEFAULT_BOOTSTRAP_URL = `http://127.0.0.1:${DEFAULT_PORT}`;

/** Instead of the bootstrap node's URL: the first line of stdin tells it. */
export const URL_FROM_STDIN = "-";

/** A flag that cannot be followed. */
export interface OptionError {
  readonly code: "options-contradicted" | "option-out-of-range";
  readonly text: string;
}

/**
 * Ports that web clients, and so all nodes, refuse to call: those of other protocols, named by the Fetch
 * standard. A node on such a port would listen and never be reached.
 */
export const BLOCKED_PORTS: ReadonlySet<number> = new Set([
  ...[
    1,
    7,
    9,
    11,
    13,
    15,
    17,
    19,
    20,
    21,
    22,
    23,
    25,
    37,
    42,
    43,
    53,
    69,
    77,
    79,
    87,
    95,
    101,
    102,
  ],
  ...[
    103,
    104,
    109,
    110,
    111,
    113,
    115,
    117,
    119,
    123,
    135,
    137,
    139,
    143,
    161,
    179,
    389,
    427,
    465,
  ],
  ...[
    512,
    513,
    514,
    515,
    526,
    530,
    531,
    532,
    540,
    548,
    554,
    556,
    563,
    587,
    601,
    636,
    989,
    990,
    993,
  ],
  ...[
    995,
    1719,
    1720,
    1723,
    2049,
    3659,
    4045,
    4190,
    5060,
    5061,
    6000,
    6566,
    6665,
    6666,
    6667,
    6668,
  ],
  ...[6669, 6679, 6697, 10080],
]);

/** Decides which part a node plays, from its flags and what its data folder remembers. */
export function roleOf(
  choice: RoleChoice,
  own: { readonly publicKey: PublicKey; readonly membership: Membership | undefined },
  nowMs: number,
): Result<Role, OptionError> {
  const { founding, isObserver } = choice;
  const { membership, publicKey } = own;
  if (choice.isBootstrap && isObserver) {
    return contradicted("Cannot start: got --bootstrap and --observer, wanted one of them");
  }
  if (choice.isBootstrap && choice.bootstrapUrl !== undefined) {
    return contradicted("Cannot start: got --bootstrap and --bootstrap-url, wanted one of them");
  }
  if (membership !== undefined) {
    const contradiction = contradictionOf(choice, publicKey, membership);
    if (contradiction !== undefined) return contradicted(contradiction);
    const { params } = membership;
    if (params.bootstrapKey === publicKey) return ok({ kind: "bootstrap", params });
  }

  if (choice.isBootstrap) {
    const params = createParams({
      ...DEFAULT_PARAMS,
      ...founding,
      genesisTimeMs: nowMs,
      bootstrapKey: publicKey,
    });
    if (params.ok) return ok({ kind: "bootstrap", params: params.value });
    return err({ code: "option-out-of-range", text: paramsErrorText(params.error) });
  }
  const outOfRange = outOfRangeText(founding);
  if (outOfRange !== undefined) return err({ code: "option-out-of-range", text: outOfRange });
  return ok({
    kind: isObserver ? "observer" : "member",
    bootstrapUrl: choice.bootstrapUrl ?? DEFAULT_BOOTSTRAP_URL,
    expectations: founding,
  });
}

/** Why a network cannot be founded so, by its flags. */
export function paramsErrorText({ field, got, min, max }: ParamsError): string {
  const flag = "flag" in PARAMETERS[field] ? longFlagOf(field as FlagName) : field;
  const row = PARAMETERS[field];
  const wanted = "with" in row && min === max
    ? `it with ${longFlagOf(row.with)} only`
    : `${min} to ${max}`;
  return `Cannot found a network: got ${flag} ${got}, wanted ${wanted}`;
}

/** What a joining node states and no network can have. */
function outOfRangeText(founding: FoundingChoice): string | undefined {
  for (const [name, row] of FLAG_ROWS) {
    const got = founding[name];
    if (!("bits" in row) || got === undefined) continue;
    if (Number(got) >= row.min && Number(got) <= row.max) continue;
    return `Cannot join: got ${longFlagOf(name)} ${got}, wanted ${row.min} to ${row.max}`;
  }
  return undefined;
}

function contradictionOf(
  choice: RoleChoice,
  publicKey: PublicKey,
  { params, id }: Membership,
): string | undefined {
  const isBootstrap = params.bootstrapKey === publicKey;
  if (choice.isBootstrap && !isBootstrap) {
    return "Cannot start: got --bootstrap and the data folder of another node, wanted one of them";
  }
  if (choice.isObserver && id !== undefined) {
    return `Cannot start: got --observer and the data folder of node ${id}, wanted one of them`;
  }
  // Such a node would wait for ever: it asks for no place in the ring, and has none.
  if (!choice.isObserver && !isBootstrap && id === undefined) {
    return "Cannot start: got the data folder of an observer, wanted it with --observer";
  }
  return foundingContradiction(choice.founding, params);
}

/** What was chosen and is not what the network has; `undefined` when nothing is. */
export function foundingContradiction(
  founding: FoundingChoice,
  params: Params,
): string | undefined {
  for (const [name] of FLAG_ROWS) {
    const got = founding[name];
    if (got === undefined || got === params[name]) continue;
    return `Cannot go on: got ${longFlagOf(name)} ${got}, wanted ${
      params[name]
    } as the network has it`;
  }
  return undefined;
}

/** The URL at which peers reach a node that listens there, unless it is told another one. */
export function ownUrlOf(
  { host, port, advertise }: {
    readonly host: string;
    readonly port: number;
    readonly advertise: string | undefined;
  },
  machineAddresses: () => readonly string[],
): Result<string, OptionError> {
  if (advertise !== undefined) {
    const hasScheme = /^[a-z]+:\/\//i.test(advertise);
    const withScheme = hasScheme ? advertise : `http://${advertise}`;
    const hasPort = /:\d+$/.test(withScheme);
    const url = hasPort || hasScheme ? withScheme : `${withScheme}:${port}`;
    if (isNodeUrl(url)) return reachableAt(url);
    return err({
      code: "option-out-of-range",
      text: `Cannot advertise: got "${advertise}", wanted a host, host:port or http://host:port`,
    });
  }
  const isAny = host === "0.0.0.0" || host === "::";
  const reachable = isAny ? machineAddresses()[0] ?? "127.0.0.1" : host;
  const name = reachable.includes(":") ? `[${reachable}]` : reachable;
  return reachableAt(new URL(`http://${name}:${port}`).origin);
}

function reachableAt(url: string): Result<string, OptionError> {
  const port = Number(new URL(url).port);
  if (!BLOCKED_PORTS.has(port)) return ok(url);
  return err({
    code: "option-out-of-range",
    text: `Cannot start: got port ${port}, which web clients refuse to call, wanted another one`,
  });
}

function contradicted(text: string): Result<never, OptionError> {
  return err({ code: "options-contradicted", text });
}
