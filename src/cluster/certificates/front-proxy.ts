import { createSecureContext } from 'node:tls'
import { DEFAULT_REQUEST_HEADERS } from '../../apiserver/authentication/request-header.ts'
import type { ProxyIdentity } from '../../apiserver/extensions/aggregation/api-service-table.ts'
import type { Clock } from '../../base/clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { Random } from '../../base/random.ts'
import type { AccessFlags } from '../access/access-flags.ts'
import type { FrontProxySettings } from '../access/access-settings.ts'
import { type PollOptions, pollFiles, readFiles } from '../poll-file.ts'
import { ensureAuthority, ensurePair, type KeyStore } from './cluster-certificates.ts'

/** Upstream's installers name it so, and only it is believed. */
const PROXY_NAME = 'front-proxy-client'

/** How this server proves that it speaks for its callers, and which proxies are believed. */
export interface FrontProxy {
  readonly identity: ProxyIdentity | undefined
  /** What aggregated servers are told to believe, and this one believes too. */
  readonly settings: FrontProxySettings | undefined
}

interface Context {
  readonly store: KeyStore
  readonly files: FileSystem
  readonly clock: Clock
  readonly random: Random
}

/**
 * The files that flags name, else an authority of the cluster's own for this alone: with that of
 * clients every client could claim to be a proxy.
 */
export async function openFrontProxy(
  flags: AccessFlags,
  given: FrontProxySettings | undefined,
  { store, files, clock, random }: Context,
): Promise<FrontProxy> {
  const { proxyClientCertFile: certificateFile, proxyClientKeyFile: keyFile } = flags
  if ((certificateFile === undefined) !== (keyFile === undefined)) {
    throw new Error('--proxy-client-cert-file and --proxy-client-key-file must be given together')
  }
  if (certificateFile !== undefined && keyFile !== undefined) {
    const read = async (path: string) => Buffer.from(await files.readFile(path)).toString()
    const identity = { certificate: await read(certificateFile), key: await read(keyFile) }
    return { identity, settings: given }
  }
  if (given !== undefined) return { identity: undefined, settings: given }
  const context = { store, clock, random }
  const authority = await ensureAuthority('front-proxy-ca', 'wherry-front-proxy-ca', context)
  const request = { commonName: PROXY_NAME, usages: ['client' as const] }
  const identity = await ensurePair('front-proxy-client', request, authority, context)
  const names = { ...DEFAULT_REQUEST_HEADERS, allowedNames: [PROXY_NAME] }
  return { identity, settings: { authority: authority.certificate, names } }
}

/** Whoever needs to know of other certificates. */
interface FrontProxyUsers {
  readonly connections: { updateProxies(authority: string): Promise<void> }
  readonly aggregated: { updateIdentity(identity: ProxyIdentity): void }
}

/** Uses what has changed in the files of the flags, until the signal aborts. */
export async function followFrontProxy(
  flags: AccessFlags,
  { connections, aggregated }: FrontProxyUsers,
  options: PollOptions,
  signal: AbortSignal,
): Promise<void> {
  const follow = async (
    named: readonly (string | undefined)[],
    onChange: (texts: readonly string[]) => Promise<void>,
  ) => {
    const paths = named.filter((path) => path !== undefined)
    if (paths.length === 0) return
    await pollFiles(paths, await readFiles(paths, options.files), onChange, options, signal)
  }
  await Promise.all([
    follow([flags.requestheaderClientCaFile], ([authority = '']) =>
      connections.updateProxies(authority),
    ),
    follow(
      [flags.proxyClientCertFile, flags.proxyClientKeyFile],
      async ([certificate = '', key = '']) => {
        // Half of a pair that is just being exchanged gets no further.
        createSecureContext({ cert: certificate, key })
        aggregated.updateIdentity({ certificate, key })
      },
    ),
  ])
}
