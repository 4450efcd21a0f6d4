import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import type { ListenerTls, NamedCertificate } from '../apiserver/listener/listener.ts'
import type { FileSystem } from '../base/file-system.ts'
import { type PollOptions, pollFiles, readFiles } from './poll-file.ts'
import type { ServingFlags } from './serving-flags.ts'

/** Of a certificate for names; those that it has itself when none are given. */
interface NamedFiles {
  readonly certificate: string
  readonly key: string
  readonly names: readonly string[] | undefined
}

/**
 * With what the API is served: the files that flags name for the server's certificate and for the
 * authority of its clients, and what the cluster has made itself where they name none.
 */
export class ServingTls {
  readonly #flags: ServingFlags
  readonly #named: readonly NamedFiles[]
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
    this.#named = namedFilesOf(flags)
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
    const named = namedFilesOf(flags).flatMap(({ certificate, key }) => [certificate, key])
    const all = [tlsCertFile, tlsPrivateKeyFile, clientCaFile, ...named]
    const paths = all.filter((path) => path !== undefined)
    const tls = new ServingTls(flags, paths, await readFiles(paths, files), authority)
    tls.#clientAuthorityOf(tls.#texts)
    tls.#namedOf(tls.#texts)
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
    const { clientCaFile } = this.#flags
    if (clientCaFile === undefined) return this.#authority
    const bundle = this.#text(clientCaFile, texts)
    if (!bundle.includes('-----BEGIN CERTIFICATE-----')) {
      throw new Error(`${clientCaFile} holds no certificate`)
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
    const named = this.#namedOf(texts)
    for (const one of named) checkKeyTypes(certificate, one)
    return { certificate, key, clientAuthority, ...(named.length > 0 && { named }) }
  }

  #namedOf(texts: readonly string[]): readonly NamedCertificate[] {
    return this.#named.map((files) => {
      const certificate = this.#text(files.certificate, texts)
      const key = this.#text(files.key, texts)
      createSecureContext({ cert: certificate, key })
      return { names: files.names ?? namesIn(certificate), certificate, key }
    })
  }

  #text(path: string, texts: readonly string[]): string {
    return texts[this.#paths.indexOf(path)] ?? ''
  }
}

/** Throws where a flag is not `certificate,key[:names]`. */
function namedFilesOf({ tlsSniCertKey = [] }: ServingFlags): readonly NamedFiles[] {
  return tlsSniCertKey.map((text) => {
    const [files = '', list] = text.split(/:(.*)/s).map((part) => part.trim())
    const [certificate = '', key = '', ...others] = files.split(',').map((file) => file.trim())
    if (certificate === '' || key === '' || others.length > 0) {
      const why = 'expected comma separated certificate and key file paths'
      throw new Error(`--tls-sni-cert-key=${text}: ${why}`)
    }
    if (list === '') throw new Error(`--tls-sni-cert-key=${text}: empty names list is not allowed`)
    return { certificate, key, names: list?.split(',').map((name) => name.trim()) }
  })
}

/** OpenSSL would go on to choose between two certificates with different kinds of keys. */
function checkKeyTypes(usual: string, { names, certificate }: NamedCertificate): void {
  const [expected, found] = [usual, certificate].map(
    (pem) => new X509Certificate(pem).publicKey.asymmetricKeyType,
  )
  if (expected === found) return
  const what = `the certificate for ${names.join(',')} has a key of type ${found}`
  const hint = `give --tls-cert-file one of type ${found} too`
  throw new Error(`--tls-sni-cert-key: ${what}, the usual one of type ${expected}: ${hint}`)
}

/** The common name counts only where there is no other. */
function namesIn(pem: string): readonly string[] {
  const { subject, subjectAltName = '' } = new X509Certificate(pem)
  const names = [...subjectAltName.matchAll(/DNS:([^,]+)/g)].map(([, name = '']) => name)
  const common = /^CN=(.*)$/m.exec(subject)?.[1]
  return names.length > 0 || common === undefined ? names : [common]
}
