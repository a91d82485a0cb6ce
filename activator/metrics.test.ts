import { describe, expect, it } from 'vitest';
import { Metrics } from '../lib/metrics.ts';
import { Ledger } from './http/ledger.ts';
import type { EndedExchange } from './http/outcome.ts';
import { makeActivatorMetrics, makeGauges } from './metrics.ts';
import { aRoute } from './testing/fake-function.ts';

/** @param status undefined when no head was sent */
function anExchange(status: number | undefined, fields: Partial<EndedExchange> = {}): EndedExchange {
  const response = { headersSent: status !== undefined, statusCode: status ?? 200 };
  return { response, isUpgraded: false, route: undefined, phases: undefined, ...fields };
}

describe('the metrics', () => {
  it('count a request under its function and status, and one that got no answer as 499', async () => {
    const registry = new Metrics();
    const metrics = makeActivatorMetrics(registry, () => true);
    metrics.requestEnded(anExchange(200, { route: aRoute() }), 12);
    metrics.requestEnded(anExchange(undefined, { route: aRoute(), phases: { queue: 1, start: 300 } }), 300);
    metrics.requestEnded(anExchange(404), 1);
    const page = await registry.render();
    expect(page).toContain('flint_activator_requests_total{namespace="shop",function="hello",code="200"} 1');
    expect(page).toContain('flint_activator_requests_total{namespace="shop",function="hello",code="499"} 1');
    expect(page).toContain('flint_activator_requests_total{namespace="",function="",code="404"} 1');
    expect(page).toContain('flint_activator_request_duration_seconds_count{start="warm"} 2');
    expect(page).toContain('flint_activator_request_duration_seconds_count{start="cold"} 1');
    expect(page).toContain('flint_activator_cold_start_seconds_bucket{le="0.25",phase="start"} 0');
    expect(page).toContain('flint_activator_cold_start_seconds_bucket{le="0.5",phase="start"} 1');
  });

  it('forget a function that is gone, and only that', async () => {
    const registry = new Metrics();
    const metrics = makeActivatorMetrics(registry, () => true);
    for (const code of [200, 429, 503]) {
      metrics.requestEnded(anExchange(code, { route: aRoute() }), 1);
    }
    metrics.requestEnded(anExchange(200, { route: aRoute({ key: 'shop/other', name: 'other' }) }), 1);
    metrics.functionRemoved('shop/hello');
    metrics.functionRemoved('shop/unknown');
    const page = await registry.render();
    expect(page).not.toContain('function="hello"');
    expect(page).toContain('function="other"');
  });

  it('count a request that outlives its function under no name', async () => {
    const registry = new Metrics();
    const metrics = makeActivatorMetrics(registry, (key) => key === 'shop/other');
    metrics.requestEnded(anExchange(404, { route: aRoute() }), 1);
    metrics.requestEnded(anExchange(200, { route: aRoute({ key: 'shop/other', name: 'other' }) }), 1);
    const page = await registry.render();
    expect(page).not.toContain('function="hello"');
    expect(page).toContain('flint_activator_requests_total{namespace="",function="",code="404"} 1');
    expect(page).toContain('function="other"');
  });

  it('I6: read what is true when they are asked', async () => {
    const registry = new Metrics();
    const stats = { waitingRequests: 3, waitingBytes: 300, functions: 2, activeRevisions: 1 };
    const setGauges = makeGauges(registry, { ledger: new Ledger(), capacity: { stats } });
    setGauges();
    const page = await registry.render();
    expect(page).toContain('flint_activator_waiting_requests 3');
    expect(page).toContain('flint_activator_waiting_bytes 300');
    expect(page).toContain('flint_activator_requests_unaccounted 0');
    expect(page).toContain('flint_activator_functions 2');
  });
});
