import { Counter, type Registry } from 'prom-client'

/** How often tokens of service accounts were used, by what may be wrong with them. */
export class TokenUses {
  /** Kept in a secret. */
  legacy = 0
  legacyAutomatic = 0
  legacyManual = 0
  legacyInvalid = 0
  /** Older than they should be, though still in force. */
  stale = 0
  valid = 0
}

const COUNTERS: readonly {
  readonly name: string
  readonly help: string
  readonly of: (uses: TokenUses) => number
}[] = [
  {
    name: 'serviceaccount_legacy_tokens_total',
    help: 'Uses of tokens that are kept in secrets.',
    of: ({ legacy }) => legacy,
  },
  {
    name: 'serviceaccount_legacy_auto_token_uses_total',
    help: 'Uses of tokens in secrets that a controller has made.',
    of: ({ legacyAutomatic }) => legacyAutomatic,
  },
  {
    name: 'serviceaccount_legacy_manual_token_uses_total',
    help: 'Uses of tokens in secrets that somebody has made.',
    of: ({ legacyManual }) => legacyManual,
  },
  {
    name: 'serviceaccount_invalid_legacy_auto_token_uses_total',
    help: 'Uses of tokens in secrets that were marked invalid.',
    of: ({ legacyInvalid }) => legacyInvalid,
  },
  {
    name: 'serviceaccount_stale_tokens_total',
    help: 'Uses of tokens that their holders should have read anew.',
    of: ({ stale }) => stale,
  },
  {
    name: 'serviceaccount_valid_tokens_total',
    help: 'Uses of extended tokens in their first hour.',
    of: ({ valid }) => valid,
  },
]

/** Shows them under upstream's names. */
export function addTokenMetrics(registry: Registry, uses: TokenUses): void {
  for (const { of, ...description } of COUNTERS) {
    new Counter({
      ...{ ...description, registers: [registry] },
      collect() {
        this.reset()
        this.inc(of(uses))
      },
    })
  }
}
