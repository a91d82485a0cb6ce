import type { Random } from '../../lib/clock.ts';

/**
 * Hexadecimal digits at random, eight a word. Ids of requests and traces have to be unlikely to repeat, not hard to guess:
 * node:crypto would cost 3 MB for them.
 */
export function makeHex(random: Random, words: number): string {
  let digits = '';
  for (let word = 0; word < words; word++) {
    digits += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  }
  return digits;
}

/** A UUID of version 4 (RFC 9562: the version is the 13th digit, the variant the two highest bits of the 17th). */
export function makeUuid(random: Random): string {
  const digits = makeHex(random, 4);
  const variant = '89ab'.charAt(parseInt(digits.charAt(16), 16) & 0x3);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
}
