import { StringDecoder } from 'node:string_decoder';

/** etcd refuses objects over 1.5 MiB; JSON with its escapes is at most a few times that. */
const longestLine = 16 * 1024 * 1024;

/** Splits a byte stream into lines without their ends; characters may be cut between chunks. @throws Error for a line without end. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    const lines = decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)).split('\n');
    // What came before has no end in it: to look there again would take a long line's length squared.
    lines[0] = rest + (lines[0] ?? '');
    rest = lines.pop() ?? '';
    if (rest.length > longestLine) {
      throw new Error(`the server sent a line of more than ${longestLine} characters`);
    }
    yield* lines.filter((line) => line !== '');
  }
  rest += decoder.end();
  if (rest !== '') {
    yield rest;
  }
}
