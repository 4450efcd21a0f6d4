import { DiscoveryEndpoints } from '../apiserver/endpoints/discovery-endpoints.ts'
import { OpenApiEndpoints } from '../apiserver/endpoints/openapi-endpoints.ts'
import { CustomOpenApi } from '../apiserver/extensions/custom-resources/custom-open-api.ts'
import type { CustomResources } from '../apiserver/extensions/custom-resources/custom-resources.ts'
import { subresourceOptions } from '../kinds/subresource-options.ts'
import type { Kind } from '../machinery/kind.ts'
import type { EncodedDocument } from '../machinery/openapi/encode-document.ts'
import { OpenApi } from '../machinery/openapi/open-api.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'

/** What tells clients which kinds there are, and what they are made of. */
export interface ServedDocuments {
  readonly discovery: DiscoveryEndpoints
  readonly openApi: OpenApiEndpoints
}

/** The documents of the built-in kinds that are served, and of custom ones as they come and go. */
export function servedDocuments(
  { describe, clock, logger }: ControlPlaneOptions,
  kinds: readonly Kind[],
  customResources: CustomResources,
  addressOf: () => string,
): ServedDocuments {
  const source = { kinds, options: subresourceOptions, describe }
  const builtIn = new OpenApi(source)
  const openApi = new OpenApiEndpoints(builtIn, clock)
  const discovery = new DiscoveryEndpoints(kinds, addressOf)
  const known = new Map<string, EncodedDocument>()
  const customOpenApi = () =>
    new CustomOpenApi({ builtIn, source, known, logger, kinds: () => customResources.kinds })
  customResources.onChange(() => {
    discovery.update([...kinds, ...customResources.kinds])
    openApi.update(customOpenApi())
  })
  return { discovery, openApi }
}
