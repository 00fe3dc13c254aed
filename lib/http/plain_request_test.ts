import assert from "node:assert/strict";
import fc from "fast-check";
import { PLAIN_HEAD_SIZE_BYTES_MAX, readPlainHead } from "./plain_request.ts";

const PATH = "/api/v1/payments";
const FIRST = `POST ${PATH} HTTP/1.1`;

function head(lines: readonly string[], first = FIRST): string {
  return [first, ...lines, "", ""].join("\r\n");
}

const PLAIN = ["Host: 127.0.0.1:5000", "Content-Type: application/json", "Content-Length: 19"];

Deno.test("readPlainHead() reads what programs send", () => {
  for (
    const lines of [
      PLAIN,
      // A command-line client, a scripting library, a runtime.
      [...PLAIN, "User-Agent: curl/8.1", "Accept: */*", "Authorization: Bearer abc"],
      [...PLAIN, "Accept-Encoding: gzip, deflate", "Connection: keep-alive"],
      ["host:  here \t", "content-length:\t19", "authorization: Bearer abc", "origin: http://here"],
    ]
  ) {
    const text = head(lines);
    const read = readPlainHead(`${text}{"to":1,"amount":1}`, PATH);
    assert.equal(read?.headSizeBytes, text.length, text);
    assert.equal(read.bodySizeBytes, 19);
    assert.match(read.headers.get("host") ?? "", /^(?:here|127\.0\.0\.1:5000)$/);
  }
});

Deno.test("readPlainHead() leaves everything else to the whole server", () => {
  const size = "Content-Length: 19";
  for (
    const text of [
      "",
      head(PLAIN).slice(0, -1),
      head(PLAIN, `GET ${PATH} HTTP/1.1`),
      head(PLAIN, `POST ${PATH} HTTP/1.0`),
      head(PLAIN, `POST ${PATH}/ HTTP/1.1`),
      head(PLAIN, `POST ${PATH}?a HTTP/1.1`),
      head(PLAIN, `POST http://here${PATH} HTTP/1.1`),
      `\r\n${head(PLAIN)}`,
      head(PLAIN).replaceAll("\r\n", "\n"),
      head(PLAIN).replace("\r\n", "\n"),
      head([]),
      head(["Host: here"]),
      head([size]),
      ...[
        "Host: again",
        size,
        "Content-Length: 20",
        "Authorization: a\r\nauthorization: b",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding : chunked",
        "Expect: 100-continue",
        "Upgrade: h2c",
        "Connection: close",
        "Proxy-Connection: close",
        "Connection: keep-alive, Upgrade",
        "Content-Encoding: gzip",
        "Trailer: a",
        " folded: a",
        "A: b\r\n folded",
        "Name with: a",
        "Empty:",
        "A: \u00e9",
        "A: \x00",
        "A: b\rc",
        "A: b\nTransfer-Encoding: chunked",
        "no colon",
        `Long: ${"a".repeat(PLAIN_HEAD_SIZE_BYTES_MAX)}`,
      ].map((line) => head([...PLAIN, line])),
      ...["a b", "a/b", "a?b", "a@b", "a,b", "\u00e9"].map((host) => head([`Host: ${host}`, size])),
      ...["", "+19", "019", "0x13", "19, 19", "1e1", "-1", "1234567890"].map((length) =>
        head(["Host: here", `Content-Length: ${length}`])
      ),
    ]
  ) {
    assert.equal(readPlainHead(text, PATH), undefined, JSON.stringify(text));
  }
});

Deno.test("a plain head of 8,192 bytes is read, and of one more it is not", () => {
  const filled = (sizeBytes: number) => {
    const bare = head([...PLAIN, "Long: "]).length - "\r\n\r\n".length;
    return head([...PLAIN, `Long: ${"a".repeat(sizeBytes - bare)}`]);
  };
  assert.notEqual(readPlainHead(filled(8_192), PATH), undefined);
  assert.equal(readPlainHead(filled(8_193), PATH), undefined);
});

Deno.test("readPlainHead() never reads another request out of a head than its lines say", () => {
  const name = fc.constantFrom("A", "Host", "Content-Length", "Origin", "X-Any", "content-type");
  const value = fc.oneof(
    fc.constantFrom("19", "here", "a b", "a\r\nContent-Length: 3", "a\tb", " 19 ", "keep-alive"),
    fc.string({ maxLength: 6, unit: "binary-ascii" }),
  );
  let taken = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 4 }), (extra) => {
      const lines = [...PLAIN.slice(0, 2), ...extra.map(([a, b]) => `${a}: ${b}`), "X: y"];
      const text = head([...lines, "Content-Length: 7"]);
      const read = readPlainHead(text, PATH);
      if (read === undefined) return;
      taken++;
      assert.equal(read.bodySizeBytes, 7);
      assert.equal(read.headSizeBytes, text.length);
      assert.equal(read.headers.get("host"), "127.0.0.1:5000");
      for (const [each, given] of extra) {
        const got = read.headers.get(each.toLowerCase());
        if (got !== undefined) assert.equal(got, given.trim());
      }
    }),
    { numRuns: 2_000 },
  );
  assert(taken > 20, `${taken}`);
});
