declare module 'undici/lib/dispatcher/agent.js' {
  import type { Agent } from 'undici';

  const constructor: typeof Agent;
  export default constructor;
}

declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici';

  const constructor: typeof Pool;
  export default constructor;
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';

  export default function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
}

declare module 'undici/lib/core/connect.js' {
  import type { buildConnector } from 'undici';

  export default function build(options?: buildConnector.BuildOptions): buildConnector.connector;
}
