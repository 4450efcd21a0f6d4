import type { KubeObject } from '../../../machinery/kind.ts'

type Fields = Readonly<Record<string, unknown>>

/** What a definition of v1beta1 may say once for all its versions. */
const FOR_ALL_VERSIONS = ['subresources', 'additionalPrinterColumns', 'selectableFields'] as const

/**
 * A definition as upstream's servers store it: in v1beta1, which is not served any more, where what
 * is the same for all versions stands beside them.
 */
export function fromV1beta1(stored: KubeObject): KubeObject {
  const { spec, ...rest } = stored as KubeObject & { readonly spec: Fields }
  const { version, validation, versions, conversion, preserveUnknownFields, ...kept } = spec
  const common: Record<string, unknown> = { schema: validation }
  for (const name of FOR_ALL_VERSIONS) {
    common[name] = kept[name]
    delete (kept as Record<string, unknown>)[name]
  }
  const given = (versions ?? [{ name: version, served: true, storage: true }]) as readonly Fields[]
  return {
    ...rest,
    spec: {
      ...kept,
      // Where it says nothing, nothing is pruned: that was the default.
      preserveUnknownFields: preserveUnknownFields ?? true,
      versions: given.map((one) => versionOf({ ...present(common), ...one })),
      ...(conversion !== undefined && { conversion: conversionOf(conversion as Fields) }),
    },
  } as KubeObject
}

function versionOf({ additionalPrinterColumns, ...version }: Fields): Fields {
  if (additionalPrinterColumns === undefined) return version
  const columns = additionalPrinterColumns as readonly Fields[]
  return {
    ...version,
    additionalPrinterColumns: columns.map(({ JSONPath, ...column }) => ({
      ...column,
      ...(JSONPath !== undefined && { jsonPath: JSONPath }),
    })),
  }
}

function conversionOf({
  webhookClientConfig: clientConfig,
  conversionReviewVersions,
  ...conversion
}: Fields): Fields {
  const webhook = present({ clientConfig, conversionReviewVersions })
  return Object.keys(webhook).length === 0 ? conversion : { ...conversion, webhook }
}

function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
