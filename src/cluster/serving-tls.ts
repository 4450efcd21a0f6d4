import { createSecureContext } from 'node:tls'
import type { ListenerTls } from '../apiserver/listener/listener.ts'
import type { FileSystem } from '../base/file-system.ts'
import { type PollOptions, pollFiles, readFiles } from './poll-file.ts'
import type { ServingFlags } from './serving-flags.ts'

/**
 * With what the API is served: the files that flags name for the server's certificate and for the
 * authority of its clients, and what the cluster has made itself where they name none.
 */
export class ServingTls {
  readonly #flags: ServingFlags
  readonly #paths: readonly string[]
  readonly #texts: readonly string[]
  readonly #authority: string

  private constructor(
    flags: ServingFlags,
    paths: readonly string[],
    texts: readonly string[],
    authority: string,
  ) {
    this.#flags = flags
    this.#paths = paths
    this.#texts = texts
    this.#authority = authority
  }

  /** `authority`: the cluster's own. Rejects where a file is missing, or not what it should be. */
  static async open(
    flags: ServingFlags,
    authority: string,
    files: FileSystem,
  ): Promise<ServingTls> {
    const { tlsCertFile, tlsPrivateKeyFile, clientCaFile } = flags
    if ((tlsCertFile === undefined) !== (tlsPrivateKeyFile === undefined)) {
      throw new Error('--tls-cert-file and --tls-private-key-file must be given together')
    }
    const named = [tlsCertFile, tlsPrivateKeyFile, clientCaFile]
    const paths = named.filter((path) => path !== undefined)
    const tls = new ServingTls(flags, paths, await readFiles(paths, files), authority)
    tls.#clientAuthorityOf(tls.#texts)
    return tls
  }

  /** Whose certificates clients may show: those of the flag beside the cluster's own. */
  get clientAuthority(): string {
    return this.#clientAuthorityOf(this.#texts)
  }

  /** Whether a flag names the server's certificate. */
  get hasCertificate(): boolean {
    return this.#flags.tlsCertFile !== undefined
  }

  /** What to serve with. `own`: the server's certificate where no flag names one. */
  with(own: { readonly certificate: string; readonly key: string }): ListenerTls {
    return this.#tlsOf(this.#texts, own)
  }

  /** Tells of every change of the files until the signal aborts. */
  async follow(
    own: { readonly certificate: string; readonly key: string },
    onChange: (tls: ListenerTls) => Promise<void>,
    options: PollOptions,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.#paths.length === 0) return
    const changed = (texts: readonly string[]) => onChange(this.#tlsOf(texts, own))
    await pollFiles(this.#paths, this.#texts, changed, options, signal)
  }

  #clientAuthorityOf(texts: readonly string[]): string {
    if (this.#flags.clientCaFile === undefined) return this.#authority
    const bundle = texts.at(-1) ?? ''
    if (!bundle.includes('-----BEGIN CERTIFICATE-----')) {
      throw new Error(`${this.#flags.clientCaFile} holds no certificate`)
    }
    return `${bundle.trimEnd()}\n${this.#authority}`
  }

  #tlsOf(
    texts: readonly string[],
    own: { readonly certificate: string; readonly key: string },
  ): ListenerTls {
    const [certificate = own.certificate, key = own.key] = this.hasCertificate ? texts : []
    const clientAuthority = this.#clientAuthorityOf(texts)
    // Half of a pair that is just being exchanged, and what is no certificate, get no further.
    createSecureContext({ cert: certificate, key, ca: clientAuthority })
    return { certificate, key, clientAuthority }
  }
}
