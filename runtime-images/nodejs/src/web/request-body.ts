import type { IncomingMessage } from 'node:http';

/** The whole body. @throws the connection's error when the client leaves in the middle */
export async function readAll(source: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
  }
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
}

/** The body as it arrives. Nothing is read from the connection before somebody pulls: this is the back-pressure. */
export function makeBodyStream(source: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>> {
  // Cancelling must not destroy the connection, on which the answer is still to be sent.
  const chunks = source.iterator({ destroyOnReturn: false });
  return new ReadableStream({
    type: 'bytes',
    async pull(controller) {
      const next = (await chunks.next()) as IteratorResult<Buffer, undefined>;
      if (next.done === true) {
        controller.close();
        // A pending BYOB read is answered only by an explicit 0.
        controller.byobRequest?.respond(0);
        return;
      }
      // A copy: a byte stream takes the buffer away from its owner, and Node's parser shares one among requests.
      controller.enqueue(new Uint8Array(next.value));
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}
