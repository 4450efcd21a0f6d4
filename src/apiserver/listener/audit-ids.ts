import { type Random, uuid } from '../../base/random.ts'

const COUNTER_DIGITS = 12

/**
 * The identifiers of requests in answers and audit logs: UUIDs that differ in their last part, so
 * that each costs a counter and not sixteen random bytes. They are unique, and no secrets.
 */
export class AuditIds {
  readonly #prefix: string
  #count = 0

  constructor(random: Random) {
    this.#prefix = uuid(random).slice(0, -COUNTER_DIGITS)
  }

  next(): string {
    this.#count++
    return `${this.#prefix}${this.#count.toString(16).padStart(COUNTER_DIGITS, '0')}`
  }
}
