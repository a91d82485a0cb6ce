/** The defaults of the Function CRD, for readers of objects that an API server without our schema stored. A test compares. */
export const functionDefaults = {
  protocol: 'Http1',
  concurrencyLimit: 0,
  scaling: {
    minReplicas: 0,
    maxReplicas: 100,
    initialReplicas: 1,
    activationReplicas: 1,
    metric: 'Concurrency',
    /** Depends on `metric`, so it stands here and not in the schema. */
    target: { Concurrency: 100, RequestRate: 200 },
    targetUtilizationPercent: 70,
    window: '60s',
    panicWindow: '6s',
    panicThresholdPercent: 200,
    scaleDownDelay: '0s',
    idleTimeout: '30s',
  },
  queue: { maxRequests: 1000, maxBytes: '64Mi', maxWait: '1m' },
  timeouts: { request: '5m', firstByte: '0s', idle: '0s', drain: '30s' },
  coldStart: { track: 'Auto' },
  revisionHistoryLimit: 10,
  paused: false,
} as const;

export const runtimeDefaults = {
  port: 8080,
  codePath: '/flint/code',
  pool: { size: 0 },
  updates: { policy: 'Automatic', maxParallel: 5 },
} as const;

/** Where an image function listens when it does not say. */
export const defaultPort = 8080;
