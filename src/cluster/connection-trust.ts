import type { CertificateTrust } from '../apiserver/authentication/certificate-trust.ts'
import type { AuthenticationFacts } from '../apiserver/bootstrap/authentication-config-map.ts'
import type { Listener, ListenerTls } from '../apiserver/listener/listener.ts'
import type { FrontProxySettings } from './access/access-settings.ts'

export interface ConnectionTrustOptions {
  /** By which authenticators tell clients and proxies apart, where TLS lets in both. */
  readonly trust?: { readonly clients: CertificateTrust; readonly proxies: CertificateTrust }
  readonly frontProxy?: FrontProxySettings | undefined
  /** Tells aggregated servers. */
  readonly publish: (facts: AuthenticationFacts) => Promise<void>
}

/** With what certificates the API is served and reached, and how that changes meanwhile. */
export class ConnectionTrust {
  readonly #options: ConnectionTrustOptions
  readonly #listeners: Listener[] = []
  #frontProxy: FrontProxySettings | undefined
  #tls: ListenerTls | undefined

  constructor(options: ConnectionTrustOptions) {
    this.#options = options
    this.#frontProxy = options.frontProxy
  }

  /** What to listen with. */
  begin(tls: ListenerTls): ListenerTls {
    this.#tls = tls
    return this.#withProxies(tls)
  }

  /** This one is told of changes. */
  add(listener: Listener): void {
    this.#listeners.push(listener)
  }

  async close(): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.close()))
  }

  /** New connections get these certificates, and may show those of this authority. */
  async updateTls(tls: ListenerTls): Promise<void> {
    this.#options.trust?.clients.update(tls.clientAuthority)
    this.#tls = tls
    await this.#tell()
  }

  /** Proxies in front have certificates of this authority from now on. */
  async updateProxies(authority: string): Promise<void> {
    if (this.#frontProxy === undefined) return
    this.#options.trust?.proxies.update(authority)
    this.#frontProxy = { ...this.#frontProxy, authority }
    await this.#tell()
  }

  async #tell(): Promise<void> {
    const tls = this.#tls
    if (tls === undefined) return
    for (const listener of this.#listeners) listener.updateCertificates(this.#withProxies(tls))
    const { clientAuthority } = tls
    await this.#options.publish({ clientAuthority, frontProxy: this.#frontProxy })
  }

  /** TLS lets clients and proxies in; the authenticators tell them apart. */
  #withProxies(tls: ListenerTls): ListenerTls {
    const proxies = this.#frontProxy?.authority
    if (proxies === undefined) return tls
    return { ...tls, clientAuthority: `${tls.clientAuthority}\n${proxies}` }
  }
}
