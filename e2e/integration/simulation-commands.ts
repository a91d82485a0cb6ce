import fc from 'fast-check';

/** What can happen to a platform, to its functions and to its operators. Plain data: a sequence that failed is kept as JSON. */
export type Command =
  | { readonly do: 'apply'; readonly fn: string; readonly spec: number }
  | { readonly do: 'delete' | 'pod-ready' | 'pod-fails' | 'pod-goes'; readonly fn: string }
  | { readonly do: 'collect-garbage' | 'delete-child' }
  | { readonly do: 'pass'; readonly ms: number }
  /** The leading operator gets so far, then it dies, or stands still until it is continued. */
  | { readonly do: 'die' | 'stop'; readonly afterCalls: number }
  | { readonly do: 'continue' | 'restart' }
  /** A new operator whose first view of everything is from when the last snapshot was taken. */
  | { readonly do: 'restart-in-the-past' | 'take-snapshot' }
  | { readonly do: 'refuse'; readonly code: 409 | 429 | 500; readonly calls: number }
  | { readonly do: 'lose-answers'; readonly calls: number }
  | { readonly do: 'break-watches'; readonly how: 'reset' | 'expired' }
  | { readonly do: 'hold-watches' | 'release-watches' | 'compact' }
  | { readonly do: 'repeat-events'; readonly copies: 1 | 2 };

export const functionNames = ['hello', 'other'] as const;

const fn = fc.constantFrom(...functionNames);
const few = fc.nat(8);

/** @param specs how many specs there are to choose from */
export function anyCommand(specs: number): fc.Arbitrary<Command> {
  const named = fc.record({ do: fc.constantFrom('delete', 'pod-ready', 'pod-fails', 'pod-goes'), fn });
  const bare = fc.constantFrom(
    'collect-garbage',
    'delete-child',
    'continue',
    'restart',
    'restart-in-the-past',
    'take-snapshot',
    'hold-watches',
    'release-watches',
    'compact',
  );
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('apply'), fn, spec: fc.nat(specs - 1) }) },
    { weight: 4, arbitrary: named },
    { weight: 4, arbitrary: fc.record({ do: bare }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(0, 5, 100, 5000, 40_000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('die', 'stop'), afterCalls: few }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('refuse'), code: fc.constantFrom(409, 429, 500), calls: few }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('lose-answers'), calls: few }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('break-watches'), how: fc.constantFrom('reset', 'expired') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat-events'), copies: fc.constantFrom(1, 2) }) },
  );
}
