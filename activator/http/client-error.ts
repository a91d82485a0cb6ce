import type { Duplex } from 'node:stream';
import { STATUS_CODES } from '../../lib/http/node-http.ts';
import { AppError } from '../errors.ts';
import { renderHead } from './headers.ts';
import { makeProblem } from './problem.ts';

const leaving: ReadonlySet<string> = new Set(['HPE_INVALID_EOF_STATE', 'ECONNRESET', 'EPIPE']);

/** What Node's parser found wrong; undefined when there is nobody left to tell. */
export function explainClientError(error: Error & { readonly code?: string }): AppError | undefined {
  const { code = '' } = error;
  if (leaving.has(code)) {
    return undefined;
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new AppError('HeadersTooLarge', 'the request line and headers are larger than allowed', { cause: error });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new AppError('BadRequest', 'the head of the request did not arrive in time', { cause: error });
  }
  return new AppError('BadRequest', `the request is not valid HTTP: ${error.message}`, { cause: error });
}

/** Answers on a connection that has no request that could be answered, and ends it. */
export function answerRaw(socket: Duplex, error: AppError): void {
  const { status, headers, body } = makeProblem(error);
  const head = renderHead(status, STATUS_CODES[status] ?? '', [...headers, 'Connection', 'close']);
  socket.end(`${head}${body}`);
}
