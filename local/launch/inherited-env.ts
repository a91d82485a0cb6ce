const inherited = ['PATH', 'TMPDIR', 'TZ', 'LANG'];

/** What a process needs of the machine; nothing else of the user's environment reaches a Pod. */
export function inheritedEnv(env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const own = inherited.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(own);
}
