import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultEntryFiles, loadConfig } from './config.ts';

describe('loadConfig', () => {
  it('of nothing is what an image needs', () => {
    expect(loadConfig({})).toEqual({
      port: 8080,
      host: undefined,
      codePath: '/flint/code',
      handler: undefined,
      signature: 'auto',
      functionTarget: undefined,
      functionSignature: undefined,
      entryFiles: defaultEntryFiles,
      functionName: '',
      namespace: '',
      revision: '',
      drainMs: 30_000,
      maxBodyBytes: 104_857_600,
    });
  });

  it('takes an empty variable for an absent one', () => {
    const names = ['PORT', 'HOST', 'FLINT_CODE_PATH', 'FLINT_HANDLER', 'FLINT_ENTRY_FILES', 'FLINT_DRAIN_TIMEOUT'];
    names.push('FLINT_SIGNATURE', 'FUNCTION_TARGET', 'FUNCTION_SIGNATURE_TYPE');
    expect(loadConfig(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(loadConfig({}));
  });

  const durations = [
    { text: '0s', wantMs: 0 },
    { text: '500ms', wantMs: 500 },
    { text: '1h30m', wantMs: 5_400_000 },
    { text: '2m10s250ms', wantMs: 130_250 },
  ];
  it.each(durations)('reads the duration $text', ({ text, wantMs }) => {
    expect(loadConfig({ FLINT_DRAIN_TIMEOUT: text }).drainMs).toBe(wantMs);
  });

  it.each(['-1', '1Mi', '1.5', 'none'])('refuses %s as a number of bytes', (text) => {
    expect(() => loadConfig({ FLINT_MAX_BODY_BYTES: text })).toThrow(`FLINT_MAX_BODY_BYTES is '${text}'`);
  });

  it('accepts every port there is, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: -10, max: 100_000 }).map(String), fc.string({ minLength: 1 })), (text) => {
        const isPort = /^[0-9]{1,5}$/u.test(text) && Number(text) <= 65_535;
        const load = (): number => loadConfig({ PORT: text }).port;
        if (isPort) {
          expect(load()).toBe(Number(text));
        } else {
          expect(load).toThrow(`PORT is '${text}'`);
        }
      }),
    );
  });

  it.each([
    { type: 'http', want: 'google-http' },
    { type: 'event', want: 'google-event' },
    { type: 'cloudevent', want: 'cloudevent' },
  ])('takes FUNCTION_SIGNATURE_TYPE=$type for the signature $want', ({ type, want }) => {
    expect(loadConfig({ FUNCTION_SIGNATURE_TYPE: type }).functionSignature).toBe(want);
  });

  it('refuses a type of the Functions Framework that it does not serve', () => {
    expect(() => loadConfig({ FUNCTION_SIGNATURE_TYPE: 'typed' })).toThrow('expected http, event or cloudevent');
  });

  it('refuses an entry file that is a path', () => {
    expect(() => loadConfig({ FLINT_ENTRY_FILES: 'a.mjs,../b.mjs' })).toThrow('FLINT_ENTRY_FILES');
  });

  it('prefers index.mjs, which is also the name of inline source', () => {
    expect(defaultEntryFiles[0]).toBe('index.mjs');
    expect(new Set(defaultEntryFiles).size).toBe(defaultEntryFiles.length);
  });
});
