import { functionDefaults } from '../../lib/api/defaults.ts';
import { parseDurationMs } from '../../lib/api/duration.ts';
import type { FunctionSpec } from '../../lib/api/function.ts';
import { tryParseQuantity } from '../../lib/kube/quantity.ts';
import type { FunctionSettings, ScalingSettings } from './route.ts';

/** The live part of a Function with every default applied and every unit converted. */
export function compileSettings(spec: FunctionSpec): FunctionSettings {
  const queue = { ...functionDefaults.queue, ...spec.queue };
  const timeouts = { ...functionDefaults.timeouts, ...spec.timeouts };
  return {
    scaling: compileScaling(spec),
    queue: {
      maxRequests: queue.maxRequests,
      maxBytes: tryParseQuantity(queue.maxBytes) ?? 0,
      maxWaitMs: parseDurationMs(queue.maxWait),
    },
    timeouts: {
      requestMs: parseDurationMs(timeouts.request),
      firstByteMs: parseDurationMs(timeouts.firstByte),
      idleMs: parseDurationMs(timeouts.idle),
      drainMs: parseDurationMs(timeouts.drain),
    },
  };
}

function compileScaling(spec: FunctionSpec): ScalingSettings {
  const { target, ...scaling } = { ...functionDefaults.scaling, ...spec.scaling };
  return {
    minReplicas: scaling.minReplicas,
    maxReplicas: scaling.maxReplicas,
    activationReplicas: scaling.activationReplicas,
    metric: scaling.metric,
    target: typeof target === 'number' ? target : target[scaling.metric],
    targetUtilizationPercent: scaling.targetUtilizationPercent,
    windowMs: parseDurationMs(scaling.window),
    panicWindowMs: parseDurationMs(scaling.panicWindow),
    panicThresholdPercent: scaling.panicThresholdPercent,
    scaleDownDelayMs: parseDurationMs(scaling.scaleDownDelay),
    idleTimeoutMs: parseDurationMs(scaling.idleTimeout),
  };
}
