import { formatError } from '../base/logger.ts'
import type { ComponentStatus } from '../kinds/core/v1/component-status.ts'
import type { Kind, KubeObject } from '../machinery/kind.ts'
import { notFound } from '../machinery/status-error.ts'
import { ObjectBytes } from './registry/object-bytes.ts'
import { StoredObject } from './registry/stored-object.ts'
import { STORED_VIEW } from './registry/view.ts'
import type { VirtualHandler } from './verbs/dispatch.ts'
import { readListOptions } from './verbs/list.ts'
import { readSelector } from './verbs/read-selection.ts'
import { respondWith, respondWithList } from './verbs/respond.ts'

/** What is heard of a component: what it says, or what those say who did not reach it. */
export interface ComponentHealth {
  readonly status: 'True' | 'False' | 'Unknown'
  readonly message: string
}

/** Asks a component; what it throws, or rejects with, is shown as why nobody knows. */
export type ComponentCheck = () => ComponentHealth | Promise<ComponentHealth>

/**
 * GET of one or all components of the control plane, which are asked there and then: nothing is
 * stored (upstream's registry/core/componentstatus). `checks` by name: `scheduler`, `etcd-0`.
 */
export function componentStatuses(checks: ReadonlyMap<string, ComponentCheck>): VirtualHandler {
  return async (request, kind, { clock }) => {
    const shown = { kind, view: STORED_VIEW, isStoredVersion: true }
    const bytes = new ObjectBytes(kind)
    const ask = async (name: string, check: ComponentCheck) => {
      const object = { ...namesOf(kind, name), conditions: [await conditionOf(check)] }
      return new StoredObject(bytes, name, bytes.encode(object), 0, object)
    }
    const context = { now: clock.now() }
    const { name, verb } = request.info
    if (verb === 'get') {
      const check = checks.get(name)
      // Upstream's name for it here, though the resource has another.
      if (check === undefined) throw notFound({ group: '', plural: 'componentstatus' }, name)
      return respondWith(request, shown, await ask(name, check), 200, context)
    }
    readListOptions(request) // There are few, which come all at once and have no version.
    const matches = readSelector(request, kind)
    const all = await Promise.all([...checks].map(([one, check]) => ask(one, check)))
    const items = all.filter(({ object }) => matches(object))
    return respondWithList(request, shown, items, {}, context)
  }
}

function namesOf({ kind, apiVersion }: Kind, name: string): KubeObject {
  return { kind, apiVersion, metadata: { name } as KubeObject['metadata'] }
}

async function conditionOf(
  check: ComponentCheck,
): Promise<NonNullable<ComponentStatus['conditions']>[number]> {
  try {
    return { type: 'Healthy', ...(await check()) }
  } catch (error) {
    return { type: 'Healthy', status: 'False', error: formatError(error) }
  }
}
