import { atomic, listMap, map, set, type Structure } from '../fields/structure.ts';

/** The list types of the built-in kinds, as the tags in k8s.io/api declare them. Maps need no entry. */
const ports = listMap(['containerPort', { name: 'protocol', default: 'TCP' }]);

const container = map({
  env: listMap(['name'], map({ valueFrom: map({ secretKeyRef: atomic, configMapKeyRef: atomic, fieldRef: atomic }) })),
  ports,
  volumeMounts: listMap(['mountPath']),
  volumeDevices: listMap(['devicePath']),
  resizePolicy: atomic,
});

const containers = listMap(['name'], container);

export const podSpecStructure: Structure = map({
  containers,
  initContainers: containers,
  ephemeralContainers: containers,
  volumes: listMap(['name']),
  imagePullSecrets: listMap(['name']),
  hostAliases: listMap(['ip']),
  topologySpreadConstraints: listMap(['topologyKey', 'whenUnsatisfiable'], map({ labelSelector: atomic })),
  nodeSelector: atomic,
  affinity: map({ nodeAffinity: map({ requiredDuringSchedulingIgnoredDuringExecution: atomic }) }),
});

export const metadataStructure: Structure = map({
  ownerReferences: listMap(['uid']),
  finalizers: set,
});

export const conditionsStructure: Structure = listMap(['type']);

export const podTemplateStructure: Structure = map({ metadata: metadataStructure, spec: podSpecStructure });
