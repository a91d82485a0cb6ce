/** Which activator decides for a Revision: holds its queue and hard-limited slots, wakes and scales it. */
export interface Ownership {
  /** @param key `namespace/revision` */
  owns(key: string): boolean;
}

/** One activator, or one that has not heard of others, owns everything. */
export const soleOwner: Ownership = { owns: () => true };

/** Ownership among a fixed set of members. */
export function makeOwnership(self: string, members: readonly string[]): Ownership {
  return { owns: (key) => ownerOf(key, members) === self };
}

/**
 * Rendezvous hashing: every member gets a score for the key, the highest owns it. All who know the same members agree
 * without talking, and a member that comes or goes moves only the keys it gains or held.
 * @returns undefined when there are no members.
 */
export function ownerOf(key: string, members: readonly string[]): string | undefined {
  let owner: string | undefined;
  let best = -1;
  for (const member of members) {
    const score = scoreOf(member, key);
    // Equal scores go to the smaller name, so that the order of `members` never matters.
    if (score > best || (score === best && owner !== undefined && member < owner)) {
      owner = member;
      best = score;
    }
  }
  return owner;
}

/** 32 bits: FNV-1a over both names, then the finalizer of MurmurHash3, since FNV alone spreads short suffixes badly. */
function scoreOf(member: string, key: string): number {
  let hash = 0x811c9dc5;
  for (const part of [member, '\0', key]) {
    for (let index = 0; index < part.length; index++) {
      hash = Math.imul(hash ^ part.charCodeAt(index), 0x01000193);
    }
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
