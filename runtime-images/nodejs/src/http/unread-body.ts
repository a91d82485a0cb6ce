import type { ServerResponse } from 'node:http';
import type { LimitedMessage } from './limited-message.ts';
import { writeProblem } from './problem.ts';
import type { Problem } from './problem.ts';

/** Calls `callback` after `ms`; the returned function cancels it. */
export type Schedule = (ms: number, callback: () => void) => () => void;

/** How long a client may go on sending what nobody takes: closed at once, it might never see its answer (RFC 9112, 9.6). */
const lingerMs = 5000;

/** Answers with `problem` and closes the connection, as soon as the client has seen that or stops by itself. */
export function refuseBody(
  { request, response }: { readonly request: LimitedMessage; readonly response: ServerResponse },
  problem: Problem,
  schedule: Schedule,
): void {
  response.shouldKeepAlive = false;
  if (writeProblem(response, problem)) {
    // Its length is told, so that it is complete for the client; to end it here is to close the connection.
    discardRest(request, schedule, () => response.end());
  }
}

/** The answer is out and nobody reads the rest of the body. Without this the connection would stand there for ever. */
export function dropUnread(request: LimitedMessage, schedule: Schedule): void {
  if (request.complete || request.socket.destroyed || request.isBeingRead) {
    return;
  }
  discardRest(request, schedule, (isOver) => {
    if (!isOver) {
      request.socket.destroy();
    }
  });
}

function discardRest(request: LimitedMessage, schedule: Schedule, done: (isOver: boolean) => void): void {
  const { socket } = request;
  const end = (isOver: boolean): void => {
    cancel();
    socket.off('close', onOver);
    done(isOver);
  };
  const onOver = (): void => {
    end(true);
  };
  const cancel = schedule(lingerMs, () => {
    end(false);
  });
  socket.once('close', onOver);
  request.discard(onOver);
}
