import type { ServerResponse } from 'node:http';

/** RFC 9457. What went wrong inside is for the log; the client gets the id to ask about it. */
export interface Problem {
  readonly status: 400 | 413 | 500;
  readonly detail: string;
  readonly requestId?: string;
}

const titles = { 400: 'Bad Request', 413: 'Content Too Large', 500: 'Internal Server Error' } as const;

/** Answers with `problem`; an answer that has begun is cut off instead, so that nobody takes it for complete. */
export function sendProblem(response: ServerResponse, problem: Problem): void {
  if (writeProblem(response, problem)) {
    response.end();
  }
}

/** Like {@link sendProblem}, and leaves the answer to be ended. False when there is none to end. */
export function writeProblem(response: ServerResponse, problem: Problem): boolean {
  if (response.headersSent) {
    response.destroy();
  }
  if (response.destroyed) {
    return false;
  }
  for (const name of response.getHeaderNames()) {
    if (name !== 'flint-load-ms') {
      response.removeHeader(name);
    }
  }
  const { status, ...rest } = problem;
  const body = `${JSON.stringify({ type: 'about:blank', title: titles[status], status, ...rest })}\n`;
  response.statusMessage = '';
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  });
  response.write(body);
  return true;
}
