/**
 * A process that works in a data folder until it is killed: opens the folder given as its argument,
 * prints "held", and waits. For tests of the lock.
 *
 * @module
 */
import { openDataFolder } from "../store/data_folder.ts";

if (import.meta.main) {
  openDataFolder(Deno.args[0] as string);
  console.log("held");
  setInterval(() => {}, 60_000);
}
