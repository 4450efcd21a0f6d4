import type { OpenPool, Pool } from '../../../base/https-pool.ts'
import type { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import type { ObjectFollower } from '../../authorization/follow-objects.ts'
import type { RequestInfo } from '../../request-info.ts'
import { OWN_GROUP } from './local-api-services.ts'

/** With what the API server proves to extension servers that it is their front proxy; PEM. */
export interface ProxyIdentity {
  readonly certificate: string
  readonly key: string
}

/** A group and version that another server serves. */
export interface RemoteApiService {
  readonly object: APIService
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number }
  /** What its status says. */
  readonly isAvailable: boolean
  /** Connections to the servers behind the service, or why there can be none. */
  readonly pool: Pool | Error
}

/** Is told of every change of an APIService, once it is in force. */
export type ApiServiceObserver = (name: string) => void

/** The group of what only `/api` names. */
const LEGACY = 'v1.'

/** All APIServices, and where requests for those go that are not served here. */
export class ApiServiceTable implements ObjectFollower {
  readonly #openPool: OpenPool
  #identity: ProxyIdentity | undefined
  readonly #all = new Map<string, APIService>()
  /** By the name of the APIService, which is `version.group`. */
  readonly #remote = new Map<string, RemoteApiService>()
  readonly #observers: ApiServiceObserver[] = []

  constructor(openPool: OpenPool, identity: ProxyIdentity | undefined) {
    this.#openPool = openPool
    this.#identity = identity
  }

  onChange(observer: ApiServiceObserver): void {
    this.#observers.push(observer)
  }

  /** From now on connections are opened with another certificate. */
  updateIdentity(identity: ProxyIdentity): void {
    this.#identity = identity
    for (const { object } of [...this.#remote.values()]) {
      this.#drop(object.metadata.name)
      this.set(object)
    }
  }

  clear(): void {
    for (const name of [...this.#all.keys()]) this.#remove(name)
  }

  set(object: KubeObject): void {
    const apiService = object as APIService
    const { name } = apiService.metadata
    const known = this.#remote.get(name)
    this.#all.set(name, apiService)
    if (apiService.spec.service === undefined) this.#drop(name)
    else this.#remote.set(name, this.#remoteOf(apiService, known))
    this.#tell(name)
  }

  delete({ metadata }: KubeObject): void {
    this.#remove(metadata.name)
  }

  get(name: string): APIService | undefined {
    return this.#all.get(name)
  }

  remote(name: string): RemoteApiService | undefined {
    return this.#remote.get(name)
  }

  all(): Iterable<APIService> {
    return this.#all.values()
  }

  remotes(): Iterable<RemoteApiService> {
    return this.#remote.values()
  }

  /** Whether anything is not served here: most clusters need not look any further. */
  get hasRemotes(): boolean {
    return this.#remote.size > 0
  }

  /**
   * Who else serves what a request is about. Nobody for APIServices themselves, whatever is
   * registered: who hijacks those could never be deleted again (upstream serves its own group
   * first).
   */
  remoteFor(info: RequestInfo): RemoteApiService | undefined {
    if (info.isResourceRequest) {
      if (info.apiPrefix === 'api') return this.#remote.get(LEGACY)
      if (info.group === OWN_GROUP) return undefined
      return this.#remote.get(`${info.version}.${info.group}`)
    }
    const [root, group, version] = info.parts
    if (root === 'api') return this.#remote.get(LEGACY)
    if (root !== 'apis' || version === undefined || group === OWN_GROUP) return undefined
    return this.#remote.get(`${version}.${group}`)
  }

  /** Closes all connections. */
  close(): void {
    for (const name of [...this.#remote.keys()]) this.#drop(name)
  }

  #remoteOf(object: APIService, known: RemoteApiService | undefined): RemoteApiService {
    const { service } = object.spec
    const reference = {
      namespace: service?.namespace ?? '',
      name: service?.name ?? '',
      port: service?.port ?? 443,
    }
    const status = object.status.conditions?.find(({ type }) => type === 'Available')?.status
    const isSame = known !== undefined && trustOf(known.object) === trustOf(object)
    if (known !== undefined && !isSame) closePool(known)
    return {
      object,
      service: reference,
      isAvailable: status === 'True',
      pool: isSame ? known.pool : this.#open(object),
    }
  }

  #open({ spec }: APIService): Pool | Error {
    const { caBundle = '', insecureSkipTLSVerify = false } = spec
    const bundle = Buffer.from(caBundle, 'base64').toString()
    try {
      return this.#openPool({
        isUnchecked: insecureSkipTLSVerify,
        ...(bundle !== '' && { authority: bundle }),
        ...this.#identity,
      })
    } catch (error) {
      return error as Error
    }
  }

  #remove(name: string): void {
    this.#all.delete(name)
    this.#drop(name)
    this.#tell(name)
  }

  #drop(name: string): void {
    const known = this.#remote.get(name)
    if (known === undefined) return
    this.#remote.delete(name)
    closePool(known)
  }

  #tell(name: string): void {
    for (const observer of this.#observers) observer(name)
  }
}

/** All that a pool depends on: with another one its connections are of no use. */
function trustOf({ spec }: APIService): string {
  const { service, caBundle, insecureSkipTLSVerify } = spec
  return JSON.stringify([service?.namespace, service?.name, caBundle, insecureSkipTLSVerify])
}

function closePool({ pool }: RemoteApiService): void {
  if (!(pool instanceof Error)) pool[Symbol.dispose]()
}
