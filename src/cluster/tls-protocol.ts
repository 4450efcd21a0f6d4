import { getCiphers } from 'node:tls'
import type { ListenerProtocol } from '../apiserver/listener/server-options.ts'
import type { ServingFlags } from './serving-flags.ts'

const VERSIONS: Readonly<Record<string, 'TLSv1.2' | 'TLSv1.3'>> = {
  VersionTLS12: 'TLSv1.2',
  VersionTLS13: 'TLSv1.3',
}

/** What the flags say of TLS and HTTP/2. Throws for a name that nobody knows. */
export function protocolOf(flags: ServingFlags): ListenerProtocol {
  const { tlsMinVersion, tlsCipherSuites, disableHttp2Serving, goawayChance = 0 } = flags
  const minVersion = tlsMinVersion === undefined ? undefined : VERSIONS[tlsMinVersion]
  if (tlsMinVersion !== undefined && minVersion === undefined) {
    const known = Object.keys(VERSIONS).join(', ')
    throw new Error(`--tls-min-version=${tlsMinVersion}: use one of ${known}`)
  }
  const curves = curvesOf(flags.tlsCurvePreferences ?? [])
  if (goawayChance > 0.02) {
    throw new Error('--goaway-chance can not be less than 0 or greater than 0.02')
  }
  return {
    ...(goawayChance > 0 && { goawayChance }),
    ...(minVersion !== undefined && { minVersion }),
    ...(tlsCipherSuites !== undefined && {
      ciphers: tlsCipherSuites.map(cipherOf).join(':'),
    }),
    ...(curves.length > 0 && { curves: curves.join(':') }),
    isHttp1Only: disableHttp2Serving === true,
    // 0 is upstream's own choice, which is ours too.
    ...(flags.http2MaxStreamsPerConnection && {
      maxStreams: flags.http2MaxStreamsPerConnection,
    }),
  }
}

/** OpenSSL's names of groups, by their numbers in TLS. */
const CURVES: ReadonlyMap<number, string> = new Map([
  [23, 'prime256v1'],
  [24, 'secp384r1'],
  [25, 'secp521r1'],
  [29, 'X25519'],
])

function curvesOf(numbers: readonly string[]): readonly string[] {
  return numbers.map((text, index) => {
    const number = Number(text)
    const problem = (what: string) => new Error(`--tls-curve-preferences: ${what}`)
    if (!Number.isInteger(number) || number <= 0 || number > 0xffff) {
      throw problem(`curve preference ${text} is out of range (must be 1-65535)`)
    }
    if (numbers.findIndex((other) => Number(other) === number) < index) {
      throw problem(`duplicate curve preference ${number}`)
    }
    const curve = CURVES.get(number)
    if (curve === undefined) {
      const known = [...CURVES.keys()].join(', ')
      throw problem(`curve preference ${number} is not one that is known here: ${known}`)
    }
    return curve
  })
}

/** OpenSSL's name of a suite that Go and RFCs name `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`. */
export function cipherOf(name: string): string {
  const known = new Set(getCiphers().map((cipher) => cipher.toUpperCase()))
  if (known.has(name) && name.startsWith('TLS_') && !name.includes('_WITH_')) return name
  const converted = name
    .replace(/^TLS_/, '')
    .replace(/_SHA256$/, (end) => (name.includes('POLY1305') ? '' : end))
    .replace('_WITH_', '-')
    .replace(/^RSA-/, '')
    .replace(/AES_(128|256)_CBC/, 'AES$1')
    .replace(/AES_(128|256)/, 'AES$1')
    .replaceAll('_', '-')
  if (!name.startsWith('TLS_') || !known.has(converted)) {
    throw new Error(`--tls-cipher-suites: ${name} is not known`)
  }
  return converted
}
