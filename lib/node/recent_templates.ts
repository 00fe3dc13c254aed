/**
 * The templates of the last jobs, for solutions that were found in a race: a job's place is its number's.
 *
 * Two lists that are made once: in a simulation ten thousand nodes begin a job with each block.
 *
 * @module
 */
import type { Template } from "../mining/template.ts";

/** Templates that a late solution may belong to. */
export const RECENT_TEMPLATES_MAX = 8;

export class RecentTemplates {
  readonly #jobIds: number[] = [];
  readonly #templates: (Template | undefined)[] = [];

  /** How many jobs are remembered. */
  get size(): number {
    return this.jobIds().length;
  }

  /** The jobs that are remembered, the oldest first. */
  jobIds(): number[] {
    return this.#jobIds.filter((_, place) => this.#templates[place] !== undefined)
      .sort((a, b) => a - b);
  }

  /** Remembers the newest job. */
  add(jobId: number, template: Template): void {
    const place = jobId % RECENT_TEMPLATES_MAX;
    while (this.#jobIds.length <= place) {
      this.#jobIds.push(0);
      this.#templates.push(undefined);
    }
    this.#jobIds[place] = jobId;
    this.#templates[place] = template;
  }

  /** Gives a job's template, once. */
  take(jobId: number): Template | undefined {
    const place = jobId % RECENT_TEMPLATES_MAX;
    if (this.#jobIds[place] !== jobId) return undefined;
    const template = this.#templates[place];
    this.#templates[place] = undefined;
    return template;
  }

  /** Remembers none any more. */
  clear(): void {
    this.#templates.fill(undefined);
  }
}
