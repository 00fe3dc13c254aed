/**
 * A place in a JSON value, as in `outputs[0].amount`, to read and to change.
 *
 * Reading a path that is not there gives `undefined`; changing one that is not there changes nothing.
 *
 * @module
 */

type Step = string | number;

export function fieldOf(value: unknown, path: string): unknown {
  return stepsOf(path).reduce(childOf, value);
}

/** A copy with another value at that place. */
export function changeField(value: unknown, path: string, to: unknown): unknown {
  const copy = structuredClone(value);
  const steps = stepsOf(path);
  const last = steps.pop();
  const holder = steps.reduce(childOf, copy);
  if (
    typeof holder === "object" && holder !== null && last !== undefined &&
    Object.hasOwn(holder, last)
  ) {
    (holder as Record<Step, unknown>)[last] = to;
  }
  return copy;
}

function childOf(value: unknown, step: Step): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, step)
    ? (value as Record<Step, unknown>)[step]
    : undefined;
}

function stepsOf(path: string): Step[] {
  return [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, name, index]) =>
    name ?? Number(index)
  );
}
