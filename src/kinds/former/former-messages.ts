import type { FieldNode, SchemaNode, StructNode } from '../../machinery/schema.ts'
import { s } from '../../machinery/schema.ts'
import { DaemonSet, DaemonSetSpec } from '../apps/v1/daemon-set.ts'
import { Deployment, DeploymentSpec } from '../apps/v1/deployment.ts'
import { TypedLocalObjectReference } from '../core/v1/object-reference.ts'
import { Endpoint, EndpointSlice } from '../discovery/v1/endpoint-slice.ts'
import {
  HTTPIngressPath,
  HTTPIngressRuleValue,
  Ingress,
  IngressRule,
  IngressSpec,
} from '../networking/v1/ingress.ts'
import { Overhead, RuntimeClass, Scheduling } from '../node/v1/runtime-class.ts'
import { protobufNumbers } from '../protobuf.ts'
import { protobufZeros } from '../protobuf-zeros.data.ts'
import { ClusterRole } from '../rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../rbac/v1/cluster-role-binding.ts'
import { PolicyRule } from '../rbac/v1/policy-rule.ts'
import { Role } from '../rbac/v1/role.ts'
import { RoleBinding } from '../rbac/v1/role-binding.ts'
import { Subject } from '../rbac/v1/subject.ts'

/** A field that a former struct has in another way: its type, and its number where that differs. */
type Change = readonly [node: SchemaNode, number?: number]

/**
 * The messages of former versions that have other numbers, or other fields, than those of the
 * present ones. They are made when such an object is first met: few servers ever meet one.
 */
export class FormerMessages {
  /** As in `protobufNumbers`, by the names of former structs; with those of the present ones. */
  readonly numbers: Record<string, Readonly<Record<string, number | readonly number[]>>> = {
    ...protobufNumbers,
  }
  readonly zeros: Record<string, readonly string[]> = { ...protobufZeros }
  /** By apiVersion and kind, such as `extensions/v1beta1 Ingress`. */
  readonly nodes: ReadonlyMap<string, StructNode>

  constructor() {
    const deployment = this.#deployment()
    const ingress = this.#ingress()
    this.nodes = new Map([
      ['apps/v1beta1 Deployment', deployment],
      ['extensions/v1beta1 Deployment', deployment],
      ['extensions/v1beta1 DaemonSet', this.#daemonSet()],
      ['extensions/v1beta1 Ingress', ingress],
      ['networking.k8s.io/v1beta1 Ingress', ingress],
      ['discovery.k8s.io/v1beta1 EndpointSlice', this.#endpointSlice()],
      ['node.k8s.io/v1alpha1 RuntimeClass', this.#runtimeClass()],
      ...this.#roles(),
    ])
  }

  #deployment(): StructNode {
    const rollbackTo = this.#struct(
      'extensions.v1beta1.RollbackConfig',
      { revision: 1 },
      {
        revision: s.int64().node,
      },
    )
    const spec = this.#changed(DeploymentSpec.node, 'extensions.v1beta1.DeploymentSpec', {
      rollbackTo: [rollbackTo, 8],
    })
    return this.#changed(Deployment.schema, 'extensions.v1beta1.Deployment', { spec: [spec] })
  }

  #daemonSet(): StructNode {
    const spec = this.#changed(DaemonSetSpec.node, 'extensions.v1beta1.DaemonSetSpec', {
      templateGeneration: [s.int64().node, 5],
    })
    return this.#changed(DaemonSet.schema, 'extensions.v1beta1.DaemonSet', { spec: [spec] })
  }

  #ingress(): StructNode {
    const numbers = { serviceName: 1, servicePort: 2, resource: 3 }
    const backend = this.#struct('networking.v1beta1.IngressBackend', numbers, {
      serviceName: s.string().node,
      servicePort: s.intOrString().node,
      resource: TypedLocalObjectReference.node,
    })
    const path = this.#changed(HTTPIngressPath.node, 'networking.v1beta1.HTTPIngressPath', {
      backend: [backend],
    })
    const http = this.#changed(
      HTTPIngressRuleValue.node,
      'networking.v1beta1.HTTPIngressRuleValue',
      {
        paths: [{ type: 'list', items: path }],
      },
    )
    const rule = this.#changed(IngressRule.node, 'networking.v1beta1.IngressRule', {
      http: [http],
    })
    const spec = this.#changed(IngressSpec.node, 'networking.v1beta1.IngressSpec', {
      backend: [backend, 1],
      defaultBackend: undefined,
      rules: [{ type: 'list', items: rule }],
    })
    return this.#changed(Ingress.schema, 'networking.v1beta1.Ingress', { spec: [spec] })
  }

  #endpointSlice(): StructNode {
    const endpoint = this.#changed(Endpoint.node, 'discovery.v1beta1.Endpoint', {
      topology: [s.map(s.string()).node, 5],
      deprecatedTopology: undefined,
      zone: undefined,
      hints: [fieldOf(Endpoint.node, 'hints'), 7],
    })
    return this.#changed(EndpointSlice.schema, 'discovery.v1beta1.EndpointSlice', {
      endpoints: [{ type: 'list', items: endpoint }],
    })
  }

  #runtimeClass(): StructNode {
    const numbers = { runtimeHandler: 1, overhead: 2, scheduling: 3 }
    const spec = this.#struct('node.v1alpha1.RuntimeClassSpec', numbers, {
      runtimeHandler: s.string().node,
      overhead: Overhead.node,
      scheduling: Scheduling.node,
    })
    return this.#changed(RuntimeClass.schema, 'node.v1alpha1.RuntimeClass', {
      spec: [spec, 2],
      handler: undefined,
      overhead: undefined,
      scheduling: undefined,
    })
  }

  #roles(): readonly (readonly [string, StructNode])[] {
    const rule = this.#changed(PolicyRule.node, 'rbac.v1alpha1.PolicyRule', {
      apiGroups: [fieldOf(PolicyRule.node, 'apiGroups'), 3],
      resources: [fieldOf(PolicyRule.node, 'resources'), 4],
      resourceNames: [fieldOf(PolicyRule.node, 'resourceNames'), 5],
      nonResourceURLs: [fieldOf(PolicyRule.node, 'nonResourceURLs'), 6],
    })
    const subject = this.#changed(Subject.node, 'rbac.v1alpha1.Subject', {
      apiGroup: undefined,
      apiVersion: [s.string().node, 2],
    })
    const rules: Change = [{ type: 'list', items: rule }]
    const subjects: Change = [{ type: 'list', items: subject }]
    return [
      ...[ClusterRole, Role].map(({ kind, schema }) => [kind, schema, { rules }] as const),
      ...[ClusterRoleBinding, RoleBinding].map(
        ({ kind, schema }) => [kind, schema, { subjects }] as const,
      ),
    ].map(([kind, schema, changes]) => [
      `rbac.authorization.k8s.io/v1alpha1 ${kind}`,
      this.#changed(schema, `rbac.v1alpha1.${kind}`, changes),
    ])
  }

  /** A struct like another, but for some fields; undefined are those that it does not have. */
  #changed(
    base: SchemaNode,
    name: string,
    changes: Readonly<Record<string, Change | undefined>>,
  ): StructNode {
    if (base.type !== 'struct') throw new Error(`${name} is no struct`)
    const fields: Record<string, FieldNode> = { ...base.fields }
    const numbers = { ...protobufNumbers[base.name] }
    for (const [field, change] of Object.entries(changes)) {
      delete fields[field]
      if (change === undefined) {
        delete numbers[field]
        continue
      }
      const [node, number = numbers[field]] = change
      fields[field] = { node, required: false }
      if (number !== undefined) numbers[field] = number
    }
    this.numbers[name] = numbers
    this.zeros[name] = protobufZeros[base.name] ?? []
    return { type: 'struct', name, fields }
  }

  #struct(
    name: string,
    numbers: Readonly<Record<string, number>>,
    nodes: Readonly<Record<string, SchemaNode>>,
  ): StructNode {
    this.numbers[name] = numbers
    // A zero is kept, as it was written: what it means is for the conversion to say.
    this.zeros[name] = Object.keys(nodes)
    const fields = Object.entries(nodes).map(
      ([field, node]) => [field, { node, required: false }] as const,
    )
    return { type: 'struct', name, fields: Object.fromEntries(fields) }
  }
}

function fieldOf(base: SchemaNode, name: string): SchemaNode {
  const field = base.type === 'struct' ? base.fields[name] : undefined
  if (field === undefined) throw new Error(`there is no ${name}`)
  return field.node
}
