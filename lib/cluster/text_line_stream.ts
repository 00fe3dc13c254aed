/**
 * Cuts a stream of text into lines of bounded length.
 *
 * @module
 */

/** What a line has at most; the rest of a longer one comes as the next. */
const LINE_CHARACTERS_MAX = 65_536;

/** A transform from pieces of text to lines without their ends. */
export class TextLineStream extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform(piece, controller) {
        const lines = (rest + piece).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
        if (rest.length > LINE_CHARACTERS_MAX) {
          controller.enqueue(rest);
          rest = "";
        }
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}
