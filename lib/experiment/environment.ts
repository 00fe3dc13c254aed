/**
 * Where an experiment runs: recorded with its data.
 *
 * @module
 */
import { cpus } from "node:os";
import type { Environment } from "../measure/experiment_record.ts";

export function readEnvironment(program: string): Environment {
  return {
    program,
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    os: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    processor: processorName(),
    cores: navigator.hardwareConcurrency,
    memoryBytes: Deno.systemMemoryInfo().total,
  };
}

/** Asked of the system, not of a file: the program may not read those of the kernel. */
function processorName(): string {
  const name = cpus()[0]?.model.trim().replace(/\s+/g, " ") ?? "";
  return name === "" || name === "unknown" ? `a processor of kind ${Deno.build.arch}` : name;
}
