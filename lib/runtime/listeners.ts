/**
 * Who hears what happens at something, for as long as each wants to.
 *
 * @module
 */
export class Listeners<Event> {
  readonly #each = new Set<(event: Event) => void>();

  /** Hears every event from now on; the returned function ends that. */
  readonly subscribe = (listener: (event: Event) => void): () => void => {
    this.#each.add(listener);
    return () => void this.#each.delete(listener);
  };

  tell(event: Event): void {
    for (const listener of this.#each) listener(event);
  }
}
