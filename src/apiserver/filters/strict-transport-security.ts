import type { Filter } from '../handler.ts'

const DIRECTIVE = /^(max-age=\d+|includeSubDomains|preload)$/

/**
 * Tells browsers to use HTTPS alone (upstream's `--strict-transport-security-directives`). No
 * filter where there are no directives. Throws for one that does not exist.
 */
export function strictTransportSecurity(directives: readonly string[] = []): readonly Filter[] {
  const [first] = directives
  if (first === undefined) return []
  for (const directive of directives) {
    if (!DIRECTIVE.test(directive)) {
      throw new Error(`--strict-transport-security-directives: ${directive} is not known`)
    }
  }
  const header = { 'strict-transport-security': directives.join('; ') }
  return [
    (request, next) => {
      request.responseHeaders = { ...request.responseHeaders, ...header }
      return next(request)
    },
  ]
}
