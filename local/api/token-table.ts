import type { Pod } from '../../lib/kube/objects.ts';

/** Who speaks, by what a request carries. */
export interface TokenReader {
  /** The user's name; undefined for a token that nobody has. */
  userOf(token: string): string | undefined;
}

/** Tokens of service accounts, as a node asks for them on behalf of its pods. */
export interface ServiceAccountTokens {
  /** The same token as long as the pod lives. */
  issue(pod: Pod): string;
  revoke(pod: Pod): void;
}

/** The bearer tokens of one API server: those of people, and one for each pod that asked for it. In memory only. */
export class TokenTable implements TokenReader, ServiceAccountTokens {
  readonly #makeToken: () => string;
  readonly #users = new Map<string, string>();
  /** Pod uid → token. */
  readonly #pods = new Map<string, string>();

  /** @param makeToken returns a secret that nobody can guess */
  constructor(makeToken: () => string) {
    this.#makeToken = makeToken;
  }

  /** @returns the new token */
  add(user: string): string {
    const token = this.#makeToken();
    this.#users.set(token, user);
    return token;
  }

  userOf(token: string): string | undefined {
    return this.#users.get(token);
  }

  issue({ metadata, spec }: Pod): string {
    const { uid = '', namespace = '' } = metadata;
    const token =
      this.#pods.get(uid) ?? this.add(`system:serviceaccount:${namespace}:${spec.serviceAccountName ?? 'default'}`);
    this.#pods.set(uid, token);
    return token;
  }

  revoke({ metadata: { uid = '' } }: Pod): void {
    const token = this.#pods.get(uid);
    if (token !== undefined) {
      this.#users.delete(token);
      this.#pods.delete(uid);
    }
  }
}
