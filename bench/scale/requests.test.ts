import { expect, it } from 'vitest';
import { countAll, countWrites, describeWrites, difference, parseRequests } from './requests.ts';

const head = '# TYPE apiserver_request_total counter\n';

function line(labels: Record<string, string>, count: number): string {
  const text = Object.entries({ code: '200', group: '', subresource: '', user: 'operator', ...labels });
  return `apiserver_request_total{${text.map(([name, value]) => `${name}="${value}"`).join(',')}} ${count}\n`;
}

it('what was asked between two readings is told by what and whom; refusals, events and leases are not', () => {
  const before = parseRequests(head + line({ verb: 'APPLY', resource: 'deployments' }, 2));
  const after = parseRequests(
    head +
      line({ verb: 'APPLY', resource: 'deployments' }, 3) +
      line({ verb: 'PATCH', resource: 'pods', subresource: 'status', user: 'cluster' }, 4) +
      line({ verb: 'LIST', resource: 'pods' }, 5) +
      line({ verb: 'POST', resource: 'pods', code: '409' }, 6) +
      line({ verb: 'PATCH', resource: 'leases' }, 7) +
      line({ verb: 'POST', resource: 'events' }, 8),
  );
  const requests = difference(before, after);
  expect([countAll(requests), countWrites(requests)]).toEqual([10, 5]);
  expect(describeWrites(requests)).toBe('1 APPLY deployments by operator, 4 PATCH pods/status by cluster');
});

it('the same request answered 200 and 201 is one thing', () => {
  const page = line({ verb: 'APPLY', resource: 'pods' }, 1) + line({ verb: 'APPLY', resource: 'pods', code: '201' }, 2);
  expect(countWrites(difference(new Map(), parseRequests(page)))).toBe(3);
});
