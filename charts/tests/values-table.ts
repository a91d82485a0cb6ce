/** A row of the README's table. */
export interface ValueRow {
  readonly path: string;
  readonly fallback: string;
  readonly description: string;
}

interface Field {
  readonly indent: number;
  readonly name: string;
  /** Empty for a map that goes on below. */
  readonly value: string;
}

/**
 * The values of a chart with the comments above them (`# -- text`). A key whose comment is missing is an error: every value is
 * documented. Maps without a comment of their own are groups.
 * @throws Error naming the keys without a comment
 */
export function readValues(text: string): ValueRow[] {
  const reader = new ValuesReader();
  for (const line of text.split('\n')) {
    const comment = /^\s*# (?:-- )?(?<text>.*)$/u.exec(line)?.groups?.['text'];
    const field = tryParseField(line);
    if (comment !== undefined) {
      reader.comment(comment);
    } else if (field !== undefined) {
      reader.field(field);
    }
  }
  if (reader.silent.length > 0) {
    throw new Error(`values without a comment: ${reader.silent.join(', ')}`);
  }
  return reader.rows;
}

function tryParseField(line: string): Field | undefined {
  const groups = /^(?<indent> *)(?<name>[\w-]+):(?: (?<value>.*))?$/u.exec(line)?.groups;
  return groups === undefined
    ? undefined
    : { indent: (groups['indent'] ?? '').length, name: groups['name'] ?? '', value: groups['value'] ?? '' };
}

class ValuesReader {
  readonly rows: ValueRow[] = [];
  readonly silent: string[] = [];
  readonly #groups: Field[] = [];
  #comment = '';
  /** Lines that are indented more belong to a value that has its row. */
  #toldFrom = Infinity;

  comment(text: string): void {
    this.#comment = `${this.#comment} ${text}`.trim();
  }

  field(field: Field): void {
    if (field.indent > this.#toldFrom) {
      return;
    }
    this.#toldFrom = Infinity;
    while ((this.#groups.at(-1)?.indent ?? -1) >= field.indent) {
      this.#groups.pop();
    }
    this.#groups.push(field);
    this.#tell(field, this.#groups.map(({ name }) => name).join('.'));
    this.#comment = '';
  }

  #tell({ indent, value }: Field, path: string): void {
    if (this.#comment !== '') {
      this.rows.push({ path, fallback: value === '' ? 'see values.yaml' : value, description: this.#comment });
      this.#toldFrom = value === '' ? indent : Infinity;
    } else if (value !== '') {
      this.silent.push(path);
    }
  }
}

export function renderValues(rows: readonly ValueRow[]): string {
  const escape = (text: string): string => text.replaceAll('|', '\\|');
  const lines = rows.map(
    ({ path, fallback, description }) => `| \`${path}\` | \`${escape(fallback)}\` | ${escape(description)} |`,
  );
  return ['| Value | Default | Meaning |', '| --- | --- | --- |', ...lines].join('\n');
}
