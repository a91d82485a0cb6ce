import { pathToFileURL } from 'node:url';

export interface PositionContext {
  /** The real path of the folder that holds the pods' volumes: `<volumes>/<hash>/<file>` is code. */
  readonly volumes: string;
  /** What the runtime calls a file → how the author knows it. */
  readonly files: ReadonlyMap<string, string>;
}

/** Stands for the volumes' folder, however it is written; no text of a log has it. */
const mark = '\0';

/** `text` with every name of a file in the pod replaced by the author's own: in stacks, and in `SyntaxError: … (index.mjs:3:5)`. */
export function showPositions(text: string, { volumes, files }: PositionContext): string {
  return text
    .replace(/(?<![\w./-])[\w.-]+(?=:[0-9])/gu, (name) => files.get(name) ?? name)
    .replaceAll(pathToFileURL(volumes).href, mark)
    .replaceAll(volumes, mark)
    .replace(/\0\/[0-9a-f]+\/([^\s:()'"]+)/gu, (_, name: string) => files.get(name) ?? name)
    .replaceAll(mark, volumes);
}

/** As `showPositions`, of a text of the runtime's own, which names files without a place too: `index.ts has no default export`. */
export function showFiles(text: string, context: PositionContext): string {
  const { files } = context;
  const named = text.replace(/(?<![\w./'"-])([\w-]+(?:\.[\w-]+)*?\.[cm]?[jt]s)(?![\w/'"-])/gu, (name) => {
    return files.get(name) ?? name;
  });
  return showPositions(named, context);
}

/** The stack as its author wants it: names of their files, and only their frames where it has any. */
export function showStack(stack: string, context: PositionContext): string {
  const lines = stack.split('\n');
  const isFrame = (line: string): boolean => /^\s+at /u.test(line);
  const isOwn = (line: string): boolean => showPositions(line, context) !== line;
  const hasOwn = lines.some((line) => isFrame(line) && isOwn(line));
  return lines
    .filter((line) => !isFrame(line) || !hasOwn || isOwn(line))
    .map((line) => showPositions(line, context))
    .join('\n');
}
