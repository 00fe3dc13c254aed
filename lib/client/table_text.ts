/**
 * What texts for people are made of: tables, lists of names and values, counted nouns, colours.
 *
 * @module
 */
import { styleText } from "node:util";
import Table from "cli-table3";

/** A table with a line under its head and nothing else; numbers stand to the right. */
export function tableText(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const table = new Table({
    head: head.map((title) => styleText("bold", title)),
    colAligns: head.map((_, column) => isNumeric(rows, column) ? "right" : "left"),
    chars: {
      "top": "",
      "top-mid": "",
      "top-left": "",
      "top-right": "",
      "bottom": "",
      "bottom-mid": "",
      "bottom-left": "",
      "bottom-right": "",
      "left": "",
      "left-mid": "",
      "mid": "",
      "mid-mid": "",
      "right": "",
      "right-mid": "",
      "middle": "  ",
    },
    style: { "head": [], "border": [], "padding-left": 0, "padding-right": 0 },
  });
  table.push(...rows.map((row) => row.map(String)));
  return table.toString().split("\n").map((line) => line.trimEnd()).join("\n");
}

function isNumeric(rows: readonly (readonly (string | number)[])[], column: number): boolean {
  return rows.length > 0 &&
    rows.every((row) => /^(?:[+-]?[0-9]*(?:\.[0-9]+)?|–)$/.test(String(row[column])));
}

/** A list of names and values. */
export function listText(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${dim(name.padEnd(width))}  ${value}`).join("\n");
}

/** A number with its noun, which is one or many. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

export function dim(text: string): string {
  return styleText("dim", text);
}

export function green(text: string): string {
  return styleText("green", text);
}

export function yellow(text: string): string {
  return styleText("yellow", text);
}

export function red(text: string): string {
  return styleText("red", text);
}
