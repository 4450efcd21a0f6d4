import type { Schema } from '../machinery/schema.ts'
import {
  PodAttachOptions,
  PodExecOptions,
  PodLogOptions,
  PodPortForwardOptions,
} from './core/v1/pod-options.ts'
import { NodeProxyOptions, PodProxyOptions, ServiceProxyOptions } from './core/v1/proxy-options.ts'

/** What the queries of subresources may hold, by kind; OpenAPI describes them. */
export const subresourceOptions: Readonly<Record<string, Schema<unknown, unknown>>> = {
  PodAttachOptions,
  PodExecOptions,
  PodLogOptions,
  PodPortForwardOptions,
  PodProxyOptions,
  NodeProxyOptions,
  ServiceProxyOptions,
}
