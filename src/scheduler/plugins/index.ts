import type { WeightedPlugin } from '../framework/framework.ts'
import type { PluginContext } from '../framework/plugin.ts'
import { DefaultPreemption } from './default-preemption/default-preemption.ts'
import { dynamicResources } from './dynamic-resources.ts'
import { imageLocality } from './image-locality.ts'
import { InterPodAffinity } from './inter-pod-affinity/inter-pod-affinity.ts'
import { nodeAffinity } from './node-affinity.ts'
import { nodeName } from './node-name.ts'
import { nodePorts } from './node-ports.ts'
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts'
import { nodeResourcesFit } from './node-resources-fit.ts'
import { nodeUnschedulable } from './node-unschedulable.ts'
import { PodTopologySpread } from './pod-topology-spread/pod-topology-spread.ts'
import { schedulingGates } from './scheduling-gates.ts'
import { taintToleration } from './taint-toleration.ts'
import { VolumeBinding } from './volume-binding/volume-binding.ts'
import { VolumeRestrictions } from './volume-restrictions.ts'

/** The default profile: upstream's plugins in upstream's order, with its weights. */
export function defaultPlugins(context: PluginContext): readonly WeightedPlugin[] {
  return [
    { plugin: schedulingGates, weight: 0 },
    { plugin: nodeUnschedulable, weight: 0 },
    { plugin: nodeName, weight: 0 },
    { plugin: taintToleration, weight: 3 },
    { plugin: nodeAffinity, weight: 2 },
    { plugin: nodePorts, weight: 0 },
    { plugin: nodeResourcesFit, weight: 1 },
    { plugin: new VolumeRestrictions(context), weight: 0 },
    { plugin: new VolumeBinding(context), weight: 0 },
    { plugin: new PodTopologySpread(context), weight: 2 },
    { plugin: new InterPodAffinity(context), weight: 2 },
    { plugin: dynamicResources, weight: 0 },
    { plugin: new DefaultPreemption(context), weight: 0 },
    { plugin: nodeResourcesBalancedAllocation, weight: 1 },
    { plugin: imageLocality(context.cluster), weight: 1 },
  ]
}
