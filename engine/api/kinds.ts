/**
 * Typed views of the built-in kinds, from the published schemas. Types only: nothing of the package is in the program.
 * Objects are otherwise plain JSON (`object.ts`).
 */
import type { KubeObject } from '#engine/api/object'
import type { IPod } from 'kubernetes-models/v1/Pod'
import type { INode } from 'kubernetes-models/v1/Node'
import type { IService } from 'kubernetes-models/v1/Service'
import type { INamespace } from 'kubernetes-models/v1/Namespace'
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap'
import type { ISecret } from 'kubernetes-models/v1/Secret'
import type { IServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import type { IEndpoints } from 'kubernetes-models/v1/Endpoints'
import type { IEvent } from 'kubernetes-models/v1/Event'
import type { IPersistentVolume } from 'kubernetes-models/v1/PersistentVolume'
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim'
import type { IReplicationController } from 'kubernetes-models/v1/ReplicationController'
import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota'
import type { ILimitRange } from 'kubernetes-models/v1/LimitRange'
import type { IPodTemplate } from 'kubernetes-models/v1/PodTemplate'
import type { IDeployment } from 'kubernetes-models/apps/v1/Deployment'
import type { IReplicaSet } from 'kubernetes-models/apps/v1/ReplicaSet'
import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet'
import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet'
import type { IControllerRevision } from 'kubernetes-models/apps/v1/ControllerRevision'
import type { IJob } from 'kubernetes-models/batch/v1/Job'
import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob'
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import type { IIngressClass } from 'kubernetes-models/networking.k8s.io/v1/IngressClass'
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import type { IEndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice'
import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role'
import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding'
import type { IClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole'
import type { IClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding'
import type { IStorageClass } from 'kubernetes-models/storage.k8s.io/v1/StorageClass'
import type { IVolumeAttachment } from 'kubernetes-models/storage.k8s.io/v1/VolumeAttachment'
import type { ICSINode } from 'kubernetes-models/storage.k8s.io/v1/CSINode'
import type { ICSIDriver } from 'kubernetes-models/storage.k8s.io/v1/CSIDriver'
import type { IPriorityClass } from 'kubernetes-models/scheduling.k8s.io/v1/PriorityClass'
import type { ILease } from 'kubernetes-models/coordination.k8s.io/v1/Lease'
import type { ICertificateSigningRequest } from 'kubernetes-models/certificates.k8s.io/v1/CertificateSigningRequest'
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec'
import type { IPodStatus } from 'kubernetes-models/v1/PodStatus'
import type { IContainer } from 'kubernetes-models/v1/Container'
import type { IContainerStatus } from 'kubernetes-models/v1/ContainerStatus'
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec'
import type { IVolume } from 'kubernetes-models/v1/Volume'
import type { IProbe } from 'kubernetes-models/v1/Probe'
import type { INodeStatus } from 'kubernetes-models/v1/NodeStatus'
import type { IPodCondition } from 'kubernetes-models/v1/PodCondition'
import type { INodeCondition } from 'kubernetes-models/v1/NodeCondition'
import type { ITaint } from 'kubernetes-models/v1/Taint'
import type { IToleration } from 'kubernetes-models/v1/Toleration'
import type { IAffinity } from 'kubernetes-models/v1/Affinity'
import type { IEnvVar } from 'kubernetes-models/v1/EnvVar'
import type { IResourceRequirements } from 'kubernetes-models/v1/ResourceRequirements'
import type { ISecurityContext } from 'kubernetes-models/v1/SecurityContext'
import type { IPodSecurityContext } from 'kubernetes-models/v1/PodSecurityContext'
import type { IServicePort } from 'kubernetes-models/v1/ServicePort'
import type { IEndpointSubset } from 'kubernetes-models/v1/EndpointSubset'
import type { IObjectReference } from 'kubernetes-models/v1/ObjectReference'
import type { ILifecycleHandler } from 'kubernetes-models/v1/LifecycleHandler'
import type { IVolumeMount } from 'kubernetes-models/v1/VolumeMount'
import type { IContainerState } from 'kubernetes-models/v1/ContainerState'
import type { IEphemeralContainer } from 'kubernetes-models/v1/EphemeralContainer'
import type { ITopologySpreadConstraint } from 'kubernetes-models/v1/TopologySpreadConstraint'
import type { INodeSelector } from 'kubernetes-models/v1/NodeSelector'
import type { INodeSelectorTerm } from 'kubernetes-models/v1/NodeSelectorTerm'
import type { IPodAffinityTerm } from 'kubernetes-models/v1/PodAffinityTerm'

type View<T> = KubeObject & Omit<T, 'apiVersion' | 'kind' | 'metadata'>

export type Pod = View<IPod>
export type Node = View<INode>
export type Service = View<IService>
export type Namespace = View<INamespace>
export type ConfigMap = View<IConfigMap>
export type Secret = View<ISecret>
export type ServiceAccount = View<IServiceAccount>
export type Endpoints = View<IEndpoints>
export type Event = View<IEvent>
export type PersistentVolume = View<IPersistentVolume>
export type PersistentVolumeClaim = View<IPersistentVolumeClaim>
export type ReplicationController = View<IReplicationController>
export type ResourceQuota = View<IResourceQuota>
export type LimitRange = View<ILimitRange>
export type PodTemplate = View<IPodTemplate>
export type Deployment = View<IDeployment>
export type ReplicaSet = View<IReplicaSet>
export type DaemonSet = View<IDaemonSet>
export type StatefulSet = View<IStatefulSet>
export type ControllerRevision = View<IControllerRevision>
export type Job = View<IJob>
export type CronJob = View<ICronJob>
export type HorizontalPodAutoscaler = View<IHorizontalPodAutoscaler>
export type PodDisruptionBudget = View<IPodDisruptionBudget>
export type Ingress = View<IIngress>
export type IngressClass = View<IIngressClass>
export type NetworkPolicy = View<INetworkPolicy>
export type EndpointSlice = View<IEndpointSlice>
export type Role = View<IRole>
export type RoleBinding = View<IRoleBinding>
export type ClusterRole = View<IClusterRole>
export type ClusterRoleBinding = View<IClusterRoleBinding>
export type StorageClass = View<IStorageClass>
export type VolumeAttachment = View<IVolumeAttachment>
export type CSINode = View<ICSINode>
export type CSIDriver = View<ICSIDriver>
export type PriorityClass = View<IPriorityClass>
export type Lease = View<ILease>
export type CertificateSigningRequest = View<ICertificateSigningRequest>
export type PodSpec = IPodSpec
export type PodStatus = IPodStatus
export type Container = IContainer
export type ContainerStatus = IContainerStatus
export type PodTemplateSpec = IPodTemplateSpec
export type Volume = IVolume
export type Probe = IProbe
export type NodeStatus = INodeStatus
export type PodCondition = IPodCondition
export type NodeCondition = INodeCondition
export type Taint = ITaint
export type Toleration = IToleration
export type Affinity = IAffinity
export type EnvVar = IEnvVar
export type ResourceRequirements = IResourceRequirements
export type SecurityContext = ISecurityContext
export type PodSecurityContext = IPodSecurityContext
export type ServicePort = IServicePort
export type EndpointSubset = IEndpointSubset
export type ObjectReference = IObjectReference
export type LifecycleHandler = ILifecycleHandler
export type VolumeMount = IVolumeMount
export type ContainerState = IContainerState
export type EphemeralContainer = IEphemeralContainer
export type TopologySpreadConstraint = ITopologySpreadConstraint
export type NodeSelector = INodeSelector
export type NodeSelectorTerm = INodeSelectorTerm
export type PodAffinityTerm = IPodAffinityTerm
