/** The shell commands that a Markdown page tells its reader to type: the lines of its `sh` blocks, without their comments. */
export function parseCommands(markdown: string): string[] {
  const blocks = markdown.matchAll(/^```sh\n(.*?)^```$/gmsu);
  return [...blocks].flatMap(([, block = '']) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.replace(/(?:^|\s+)# .*$/u, '').trim())
      .filter((line) => line !== ''),
  );
}
