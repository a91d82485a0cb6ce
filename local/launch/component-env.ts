/** Where the components of one local Flint find each other. */
export interface ComponentAddresses {
  readonly apiUrl: string;
  readonly activatorPort: number;
  readonly activatorAdminPort: number;
  readonly operatorAdminPort: number;
  readonly domains: readonly string[];
  /** Holds `operator.token` and `activator.token`. */
  readonly tokenFolder: string;
  /** Node keeps compiled sources there; a second start skips stripping types. */
  readonly compileCache: string;
}

const inherited = ['PATH', 'TMPDIR', 'TZ', 'LANG'];

/** What a process needs of the machine; nothing else of the user's environment reaches a component or a function. */
export function inheritedEnv(env: NodeJS.ProcessEnv): Environment {
  const own = inherited.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(own);
}

export type Environment = Readonly<Record<string, string>>;

export function makeOperatorEnv(addresses: ComponentAddresses, env: NodeJS.ProcessEnv): Environment {
  return {
    ...makeSharedEnv(addresses, env, 'operator'),
    FLINT_ADMIN_PORT: String(addresses.operatorAdminPort),
    FLINT_URL_PORT: String(addresses.activatorPort),
    // One operator runs here, and a lease would only delay its start.
    FLINT_LEADER_ELECTION: 'false',
  };
}

export function makeActivatorEnv(addresses: ComponentAddresses, env: NodeJS.ProcessEnv): Environment {
  return {
    ...makeSharedEnv(addresses, env, 'activator'),
    FLINT_LISTEN_HOST: '127.0.0.1',
    FLINT_LISTEN_PORT: String(addresses.activatorPort),
    FLINT_ADMIN_PORT: String(addresses.activatorAdminPort),
    FLINT_ACCESS_LOG: 'true',
    // No load balancer has to notice here, and Ctrl-C should not take five seconds.
    FLINT_LAME_DUCK: '0s',
  };
}

function makeSharedEnv(addresses: ComponentAddresses, env: NodeJS.ProcessEnv, component: string): Environment {
  return {
    ...inheritedEnv(env),
    NODE_COMPILE_CACHE: addresses.compileCache,
    FLINT_KUBE_URL: addresses.apiUrl,
    FLINT_KUBE_TOKEN_FILE: `${addresses.tokenFolder}/${component}.token`,
    FLINT_DOMAINS: addresses.domains.join(','),
    FLINT_ADMIN_HOST: '127.0.0.1',
  };
}
