import { formatTime } from '../../base/clock.ts'
import type { Writer } from '../../machinery/apply/field-manager.ts'
import type { ServerRequest, UserInfo } from '../request.ts'

const MOST_MANAGER_BYTES = 128

/** Who writes with a request: the manager that it names, or the program that sends it. */
export function writerOf(request: ServerRequest, now: number): Writer {
  const manager = request.query.get('fieldManager') || programOf(request)
  return { manager, time: formatTime(now) }
}

function programOf({ headers, user, isInProcess }: ServerRequest): string {
  const agent = headers['user-agent']
  if (agent === undefined && isInProcess && user !== undefined) return componentOf(user)
  return printablePrefix(agent ?? '')
}

/** What stands before the first slash, as far as it can be shown and is not too long. */
function printablePrefix(userAgent: string): string {
  const [program = ''] = userAgent.split('/', 1)
  let name = ''
  let bytes = 0
  for (const character of program) {
    if (!PRINTABLE.test(character)) continue
    bytes += Buffer.byteLength(character)
    if (bytes > MOST_MANAGER_BYTES) break
    name += character
  }
  return name
}

const PRINTABLE = /[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u

/** Components in this process send no user agent, but write under the names of upstream's. */
function componentOf({ name }: UserInfo): string {
  if (name.startsWith('system:node:')) return 'kubelet'
  if (name === 'system:apiserver') return 'kube-apiserver'
  if (name.startsWith('system:serviceaccount:kube-system:')) return 'kube-controller-manager'
  return name.startsWith('system:kube-') ? name.slice('system:'.length) : 'wherry'
}
