declare module 'prom-client/lib/registry.js' {
  import type { Registry } from 'prom-client';

  const constructor: typeof Registry;
  export default constructor;
}

declare module 'prom-client/lib/counter.js' {
  import type { Counter } from 'prom-client';

  const constructor: typeof Counter;
  export default constructor;
}

declare module 'prom-client/lib/gauge.js' {
  import type { Gauge } from 'prom-client';

  const constructor: typeof Gauge;
  export default constructor;
}

declare module 'prom-client/lib/histogram.js' {
  import type { Histogram } from 'prom-client';

  const constructor: typeof Histogram;
  export default constructor;
}
