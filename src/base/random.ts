import { randomFillSync } from 'node:crypto'

/** The only source of randomness. Seeded in tests, so that every run can be repeated. */
export interface Random {
  /** A float in [0, 1). */
  next(): number
}

const pool = new Uint32Array(1024)
let used = pool.length

/** Strong enough for names, uids and tokens: it draws from the operating system. */
export const systemRandom: Random = {
  next() {
    if (used + 2 > pool.length) {
      randomFillSync(pool)
      used = 0
    }
    const high = (pool[used++] as number) >>> 5
    const low = (pool[used++] as number) >>> 6
    return (high * 67108864 + low) / 9007199254740992
  },
}

/** Deterministic generator (mulberry32): the same seed gives the same sequence, for ever. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0
      let t = Math.imul(state ^ (state >>> 15), 1 | state)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    },
  }
}

/** A whole number in [0, below). */
export function randomInt(random: Random, below: number): number {
  return Math.floor(random.next() * below)
}

/** So many random bytes. */
export function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => randomInt(random, 256))
}

/** No vowels and no look-alike digits, so that a generated name never spells a word. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** What names are made unique by, as upstream makes it. */
export function randomSuffix(random: Random, length = 5): string {
  let suffix = ''
  while (suffix.length < length) {
    suffix += SUFFIX_ALPHABET[randomInt(random, SUFFIX_ALPHABET.length)]
  }
  return suffix
}

/** A version 4 UUID. */
export function uuid(random: Random): string {
  const hex = (digits: number) =>
    randomInt(random, 16 ** digits)
      .toString(16)
      .padStart(digits, '0')
  const variant = '89ab'[randomInt(random, 4)]
  return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`
}

/** `ms` stretched by up to `factor` of itself, so that many do not wake at once. */
export function jitter(random: Random, ms: number, factor: number): number {
  return ms * (1 + random.next() * factor)
}
