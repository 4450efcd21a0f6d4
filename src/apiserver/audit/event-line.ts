import { stringifyJson } from '../../base/json.ts'
import type { AuditEvent } from './audit-event.ts'

/** One event as one line of a log, without its end. */
export type FormatEvent = (event: AuditEvent) => string

/** Upstream's `--audit-log-format`: what programs read, and a line of text for people. */
export const EVENT_FORMATS: Readonly<Record<string, FormatEvent>> = {
  json: stringifyJson,
  legacy: legacyLine,
}

/** `2026-11-21T16:02:35Z AUDIT: id="..." stage="..." ip="..." ...`, as upstream's. */
export function legacyLine(event: AuditEvent): string {
  const { user, impersonatedUser: as, objectRef, responseStatus } = event
  const fields: readonly (readonly [string, string])[] = [
    ['id', event.auditID],
    ['stage', event.stage],
    ['ip', event.sourceIPs?.[0] ?? '<unknown>'],
    ['method', event.verb],
    ['user', user.username || '<none>'],
    ['groups', listOf(user.username ? user.groups : undefined) ?? '<none>'],
    ['as', as?.username ?? '<self>'],
    ['asgroups', listOf(as?.groups) ?? '<lookup>'],
    ['user-agent', event.userAgent ?? ''],
    ['namespace', objectRef?.namespace || '<none>'],
    ['uri', event.requestURI],
  ]
  const texts = fields.map(([name, value]) => `${name}=${JSON.stringify(value)}`)
  const code = responseStatus === undefined ? '<deferred>' : responseStatus.code
  const time = event.requestReceivedTimestamp.replace(/\.?0+Z$/, 'Z')
  return `${time} AUDIT: ${texts.join(' ')} response="${code}"`
}

function listOf(items: readonly string[] | undefined): string | undefined {
  if (items === undefined || items.length === 0) return undefined
  return items.map((item) => JSON.stringify(item)).join(',')
}
