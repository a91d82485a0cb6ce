import { isDeepStrictEqual } from 'node:util';
import { functionDefaults } from '../../lib/api/defaults.ts';
import { parseDurationMs } from '../../lib/api/duration.ts';
import type { LiveSpec, QueueSpec, ScalingSpec, TimeoutsSpec } from '../../lib/api/function.ts';
import { parseQuantity } from '../../lib/kube/quantity.ts';
import type { FunctionSettings, ScalingSettings } from './route.ts';

/** What a Function gets that says nothing. */
export const defaultSettings: FunctionSettings = compile({});

/**
 * The live part of a Function, compiled once: every default applied, every unit converted.
 * Functions that say nothing share one object; at 10,000 of them that is 4 MB.
 * @throws Error for a duration or quantity that the schema would have refused.
 */
export function compileSettings(spec: LiveSpec): FunctionSettings {
  const settings = compile(spec);
  return isDeepStrictEqual(settings, defaultSettings) ? defaultSettings : settings;
}

function compile({ scaling = {}, queue = {}, timeouts = {} }: LiveSpec): FunctionSettings {
  return { scaling: compileScaling(scaling), queue: compileQueue(queue), timeouts: compileTimeouts(timeouts) };
}

function compileScaling(spec: ScalingSpec): ScalingSettings {
  const { window, panicWindow, scaleDownDelay, idleTimeout, ...rest } = { ...functionDefaults.scaling, ...spec };
  return {
    minReplicas: rest.minReplicas,
    maxReplicas: rest.maxReplicas,
    activationReplicas: rest.activationReplicas,
    metric: rest.metric,
    target: spec.target ?? functionDefaults.scaling.target[rest.metric],
    targetUtilizationPercent: rest.targetUtilizationPercent,
    windowMs: parseDurationMs(window),
    panicWindowMs: parseDurationMs(panicWindow),
    panicThresholdPercent: rest.panicThresholdPercent,
    scaleDownDelayMs: parseDurationMs(scaleDownDelay),
    idleTimeoutMs: parseDurationMs(idleTimeout),
  };
}

function compileQueue(spec: QueueSpec): FunctionSettings['queue'] {
  const { maxRequests, maxBytes, maxWait } = { ...functionDefaults.queue, ...spec };
  return { maxRequests, maxBytes: Math.floor(parseQuantity(maxBytes)), maxWaitMs: parseDurationMs(maxWait) };
}

function compileTimeouts(spec: TimeoutsSpec): FunctionSettings['timeouts'] {
  const { request, firstByte, idle, drain } = { ...functionDefaults.timeouts, ...spec };
  return {
    requestMs: parseDurationMs(request),
    firstByteMs: parseDurationMs(firstByte),
    idleMs: parseDurationMs(idle),
    drainMs: parseDurationMs(drain),
  };
}
