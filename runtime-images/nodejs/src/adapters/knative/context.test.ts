import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createLog } from '../../log.ts';
import { KnativeContext } from './context.ts';
import type { ContextFacts } from './context.ts';

function make(facts: Partial<ContextFacts> & { readonly url?: string } = {}): {
  context: KnativeContext;
  lines: unknown[];
} {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { url: facts.url ?? '/', method: 'POST', httpVersion: '1.1' });
  const lines: unknown[] = [];
  const log = createLog({ now: () => 0, current: () => ({}), write: (_fd, line) => lines.push(JSON.parse(line)) });
  const rawBody = Buffer.from('raw');
  return { context: new KnativeContext({ request, rawBody, body: 'b', event: undefined, log, ...facts }), lines };
}

describe('the context of Knative func', () => {
  it('has the values of the query, but none in place of its own', () => {
    const { context } = make({ url: '/?name=you&method=GET&log=no&body=theirs' });
    expect(context).toMatchObject({ name: 'you', method: 'POST', body: 'b', query: { method: 'GET', log: 'no' } });
    expect(context.log).toBeTypeOf('object');
  });

  it.each(['req', 'rawBody', '__proto__', 'constructor', 'cloudEventResponse'])(
    'is not changed by a query that names %s',
    (name) => {
      const { context } = make({ url: `/?${name}=1&${name}=2` });
      expect(context.rawBody).toBe('raw');
      expect(context).toBeInstanceOf(KnativeContext);
      expect(context.cloudEventResponse('x').response()).toMatchObject({ data: 'x' });
    },
  );

  it('has the body as it came', () => {
    expect(make().context.rawBody).toBe('raw');
  });

  it('answers an event with one that takes over what is not said', () => {
    const event = { specversion: '1.0', id: '1', source: '/s', type: 't' };
    const { context } = make({ event });
    expect(context.cloudEventResponse({ a: 1 }).type('answer').response()).toEqual({
      ...event,
      type: 'answer',
      data: { a: 1 },
    });
  });

  it('logs as pino does', () => {
    const { context, lines } = make();
    context.log.info('text');
    context.log.warn({ a: 1 }, 'with fields');
    context.log.error(new Error('broken'));
    context.log.fatal('goes on');
    context.log.trace('small');
    expect(lines).toMatchObject([
      { level: 'info', message: 'text' },
      { level: 'warn', message: 'with fields', a: 1 },
      { level: 'error', message: '', error: { message: 'broken' } },
      { level: 'error', message: 'goes on' },
      { level: 'debug', message: 'small' },
    ]);
  });
});
