import type { Random } from '../../lib/clock.ts';
import { type AccessLogDeps, makeAccessLogLayer } from './access-log.ts';
import { type AdmissionDeps, makeAdmissionLayer } from './admission.ts';
import { makeDeadlineLayer } from './deadline.ts';
import type { Handler, Layer } from './exchange.ts';
import { type ForwardingDeps, makeForwarding } from './forwarding.ts';
import type { Ledger } from './ledger.ts';
import { makeProblemAnswersLayer, type ProblemAnswersDeps } from './problem-answers.ts';
import { makeRequestIdLayer } from './request-id.ts';
import { makeRequestMetricsLayer, type RequestMetricsDeps } from './request-metrics.ts';
import { makeRoutingLayer, type Routes } from './routing.ts';
import { addressingLayer } from './addressing.ts';
import { makeTraceContextLayer } from './trace-context.ts';

export interface ChainDeps {
  readonly ledger: Ledger;
  readonly routes: Routes;
  readonly random: Random;
  readonly accessLog: AccessLogDeps;
  readonly metrics: RequestMetricsDeps;
  readonly problems: ProblemAnswersDeps;
  readonly admission: Pick<AdmissionDeps, 'maxInFlight'>;
  readonly forwarding: ForwardingDeps;
}

/** The way of a request, outermost first. */
export function makeChain(deps: ChainDeps): Handler {
  const { ledger } = deps;
  const layers: readonly Layer[] = [
    // I6: sees every request, and its end.
    ledger.layer,
    makeRequestMetricsLayer(deps.metrics),
    makeRequestIdLayer(deps),
    makeTraceContextLayer(deps),
    makeAccessLogLayer(deps.accessLog),
    // Whatever is thrown below becomes an answer here.
    makeProblemAnswersLayer(deps.problems),
    addressingLayer,
    makeAdmissionLayer({ ...deps.admission, inFlight: () => ledger.inFlight.size }),
    makeRoutingLayer(deps),
    // From here on the Function is known, and its settings count.
    makeDeadlineLayer(deps.forwarding),
  ];
  return layers.reduceRight((next, layer) => layer(next), makeForwarding(deps.forwarding));
}
