/** What is wrong with a name or a value, in the words of a real server; empty when it is well formed. */
export type Format = (value: string) => readonly string[];

interface Pattern {
  readonly source: string;
  /** Compiled once: every write of every object is judged. */
  readonly whole: RegExp;
}

function pattern(source: string): Pattern {
  return { source, whole: new RegExp(`^${source}$`, 'u') };
}

const label = pattern('[a-z0-9]([-a-z0-9]*[a-z0-9])?');
const subdomain = pattern(`${label.source}(\\.${label.source})*`);
const startingLabel = pattern('[a-z]([-a-z0-9]*[a-z0-9])?');
const namePart = pattern('([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]');
const valuePart = pattern(`(${namePart.source})?`);

const oddCharacters =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const mustBeNonEmpty = 'must be non-empty';

/** A label of DNS by RFC 1123, such as the name of a namespace. */
export const dns1123Label: Format = (value) => {
  const errors = tooLong(value, 63);
  if (label.whole.test(value)) {
    return errors;
  }
  const message =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  const hasDots = subdomain.whole.test(value);
  return [...errors, hasDots ? 'must not contain dots' : describe(message, label, ['my-name', '123-abc'])];
};

/** A name of DNS by RFC 1123, such as the names of most objects. */
export const dns1123Subdomain: Format = (value) => {
  const message =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  const isWellFormed = subdomain.whole.test(value);
  return [...tooLong(value, 253), ...(isWellFormed ? [] : [describe(message, subdomain, ['example.com'])])];
};

/** A label of DNS by RFC 1035, which begins with a letter. */
export const dns1035Label: Format = (value) => {
  const message =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  const isWellFormed = startingLabel.whole.test(value);
  return [...tooLong(value, 63), ...(isWellFormed ? [] : [describe(message, startingLabel, ['my-name', 'abc-123'])])];
};

/** A part of a path, such as the names of RBAC objects. */
export const pathSegment: Format = (value) => {
  if (value === '.' || value === '..') {
    return [`may not be '${value}'`];
  }
  return ['/', '%'].filter((character) => value.includes(character)).map((found) => `may not contain '${found}'`);
};

const oddName = describe(oddCharacters, namePart, ['MyName', 'my.name', '123-abc']);

/** `name`, or `example.com/name`: the key of a label, the name of a finalizer. */
export const qualifiedName: Format = (value) => {
  const parts = value.split('/');
  const [prefix = '', suffix = ''] = parts;
  if (parts.length > 2) {
    const where = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a valid label key ${oddName} ${where}`];
  }
  const name = parts.length === 2 ? suffix : prefix;
  return [
    ...(parts.length === 2 ? ofPrefix(prefix) : []),
    ...(name === '' ? [`name part ${mustBeNonEmpty}`] : tooLong(name, 63).map((message) => `name part ${message}`)),
    ...(namePart.whole.test(name) ? [] : [`name part ${oddName}`]),
  ];
};

function ofPrefix(prefix: string): readonly string[] {
  const wrong = prefix === '' ? [mustBeNonEmpty] : dns1123Subdomain(prefix);
  return wrong.map((message) => `prefix part ${message}`);
}

export const labelValue: Format = (value) => {
  const message = `a valid label must be an empty string or ${oddCharacters.replace('must ', '')}`;
  const isWellFormed = valuePart.whole.test(value);
  return [
    ...tooLong(value, 63),
    ...(isWellFormed ? [] : [describe(message, valuePart, ['MyValue', 'my_value', '12345'])]),
  ];
};

function tooLong(value: string, most: number): readonly string[] {
  return Buffer.byteLength(value) > most ? [`must be no more than ${most} bytes`] : [];
}

function describe(message: string, { source }: Pattern, examples: readonly string[]): string {
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return `${message} (e.g. ${shown}regex used for validation is '${source}')`;
}
