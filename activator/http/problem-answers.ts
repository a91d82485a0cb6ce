import { STATUS_CODES } from '../../lib/http/node-http.ts';
import type { LogFields, Logger } from '../../lib/log.ts';
import type { ErrorCode } from '../errors.ts';
import { AppError } from '../errors.ts';
import { ClientGone, type Exchange, type Layer } from './exchange.ts';
import { makeProblem, toAppError } from './problem.ts';

export interface ProblemAnswersDeps {
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** The platform answered, or cut off an answer. */
  readonly onProblem: (code: ErrorCode) => void;
}

/** What the later steps throw becomes an answer; where one has begun already, its end is made visible as no end. */
export function makeProblemAnswersLayer({ log, onProblem }: ProblemAnswersDeps): Layer {
  return (next) => async (exchange) => {
    try {
      await next(exchange);
    } catch (error) {
      if (error instanceof ClientGone) {
        return;
      }
      const problem = toAppError(error);
      exchange.code = problem.code;
      onProblem(problem.code);
      if (!(error instanceof AppError)) {
        log.error('a request failed unexpectedly', { ...fieldsOf(exchange), error });
      } else if (problem.code === 'UpstreamFailed') {
        log.warn('a request failed', { ...fieldsOf(exchange), error: problem.message });
      }
      if (exchange.response.headersSent || exchange.isUpgraded) {
        exchange.cut();
      } else {
        answer(exchange, problem);
      }
    }
  };
}

function answer(exchange: Exchange, error: AppError): void {
  const { response, requestId, route } = exchange;
  const context = { requestId, ...(route === undefined ? {} : { function: route.key }) };
  const { status, headers, body } = makeProblem(error, context);
  if (error.code === 'BadRequest') {
    // Who sent this may mean something else by what follows.
    response.shouldKeepAlive = false;
  }
  // Of a function's answer that could not be sent its phrase may be left.
  response.writeHead(status, STATUS_CODES[status], [...headers]);
  response.end(body);
}

function fieldsOf({ requestId, route, revisionName, replicaId }: Exchange): LogFields {
  return { requestId, namespace: route?.namespace, function: route?.name, revision: revisionName, replica: replicaId };
}
