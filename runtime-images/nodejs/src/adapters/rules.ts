import type { PickedExport } from '../loader/exports.ts';
import type { Fingerprint } from '../loader/fingerprint.ts';
import { hasMethod } from '../members.ts';
import type { Choice } from './adapter.ts';
import { isStreaming } from './lambda/global.ts';
import { parameterNames } from './parameters.ts';

/** What a handler can be told by. */
interface Evidence {
  readonly exported: PickedExport;
  /** The module's file. */
  readonly file: string;
  readonly fingerprint: Fingerprint | undefined;
}

/** Which signature this is, and why; undefined: the next rule. */
type Rule = (evidence: Evidence) => Omit<Choice, 'exported'> | undefined;

const responseName = /^_?(?:res|resp|response|reply|rsp)$/iu;
const requestName = /^_?req(?:uest)?$/iu;
/** Also of handlers that libraries make: `event_` is serverless-http's. */
const eventName = /^_?(?:event|evt)_?$/iu;
const contextName = /^_?(?:context|ctx)$/iu;

/** What only an OpenFaaS context has, besides its `headers`. */
const openfaasCall = /\b(?:context|ctx)\s*\.\s*(?:status|headers|succeed|fail)\s*\(/u;

const marked: Rule = ({ exported: { value } }) =>
  isStreaming(value) ? { signature: 'lambda', because: 'awslambda.streamifyResponse marked it' } : undefined;

const hasMethodFetch: Rule = ({ exported: { value } }) =>
  hasMethod(value, 'fetch') ? { signature: 'fetch', because: 'it has a method fetch' } : undefined;

/** An Express or Connect app is such a function too. */
const takesResponse: Rule = ({ exported: { value }, fingerprint }) => {
  const second = parametersOf(value)[1] ?? '';
  if (typeof value !== 'function' || value.length < 2 || !responseName.test(second)) {
    return undefined;
  }
  const because = `its second parameter is named ${second}`;
  return fingerprint?.signature === 'google-http'
    ? { signature: 'google-http', because: `${because}, and ${fingerprint.file} names the Functions Framework` }
    : { signature: 'http', because };
};

const hasMethodHandle: Rule = ({ exported: { value } }) =>
  typeof value === 'object' && hasMethod(value, 'handle')
    ? { signature: 'knative', because: 'it is an object with a method handle' }
    : undefined;

const hasFingerprint: Rule = ({ exported: { value }, fingerprint }) => {
  if (typeof value !== 'function' || fingerprint === undefined) {
    return undefined;
  }
  const because = `there is a file ${fingerprint.file}`;
  if (fingerprint.signature !== 'google-http') {
    return { signature: fingerprint.signature, because };
  }
  // Of those without a response: `(cloudEvent)`, or `(data, context)` of the first generation.
  return { signature: parametersOf(value).length > 1 ? 'google-event' : 'cloudevent', because };
};

const isNamedHandle: Rule = ({ exported: { value, exportName } }) =>
  exportName === 'handle' && typeof value === 'function' && !requestName.test(parametersOf(value)[0] ?? '')
    ? { signature: 'knative', because: 'the export is named handle' }
    : undefined;

const takesEvent: Rule = ({ exported: { value, exportName }, file }) => {
  const [first = '', second = ''] = parametersOf(value);
  if (!eventName.test(first)) {
    return undefined;
  }
  if (exportName !== 'default') {
    return {
      signature: 'lambda',
      because: `it is exported as ${exportName}, and its first parameter is named ${first}`,
    };
  }
  const isOpenfaas = /^handler\.[cm]?[jt]s$/u.test(file) || openfaasCall.test(String(value));
  return isOpenfaas && contextName.test(second)
    ? {
        signature: 'openfaas',
        because: `it is the default export, and its parameters are named ${first} and ${second}`,
      }
    : undefined;
};

const isFunction: Rule = ({ exported: { value } }) =>
  typeof value === 'function'
    ? { signature: 'fetch', because: 'it is a function, and nothing speaks for another signature' }
    : undefined;

/** In this order; the first that says something decides. What the handler is goes before what lies beside it. */
export const rules: readonly Rule[] = [
  marked,
  hasMethodFetch,
  takesResponse,
  hasMethodHandle,
  hasFingerprint,
  isNamedHandle,
  takesEvent,
  isFunction,
];

function parametersOf(value: unknown): readonly string[] {
  return typeof value === 'function' ? parameterNames(Function.prototype.toString.call(value)) : [];
}
